"""
AWS's own command line lives a mirror's life in the emulator.

Its package has examples with AWS's answers for all commands of traffic mirroring. Each
example's command is run, and the answer compared with the example's, field by field.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.ec2 import Ec2Emulator
from tests.emulator.ec2.awscli_examples import Example, read_examples, without_identity
from tests.environments import environment

# What is odd in an example, and how the emulator answers instead.
QUIRKS = {
    # The id of a rule is that of its filter: a slip of the example's author.
    "modify-traffic-mirror-filter-network-services": (
        ("TrafficMirrorFilter", "IngressFilterRules", 0, "TrafficMirrorFilterRuleId"),
        "an id tmf-",
        "an id tmfr-",
    ),
}


class AwsCli:
    """AWS's command line, its examples, and which of them were run."""

    def __init__(self, python: Path, endpoint: str) -> None:
        (folder,) = python.parents[1].glob("lib/python*/site-packages/awscli")
        self.examples = read_examples(folder / "examples" / "ec2")
        self.compared: set[str] = set()
        self._process = subprocess.Popen(
            [python, Path(__file__).with_name("awscli_process.py")],
            env={
                "PATH": os.environ["PATH"],
                "AWS_ENDPOINT_URL": endpoint,
                "AWS_DEFAULT_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": "AKIAINVENTED00000000",
                "AWS_SECRET_ACCESS_KEY": "invented",
                "AWS_CONFIG_FILE": os.devnull,
                "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
                "AWS_PAGER": "",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        """End the process."""
        self._process.communicate(timeout=60)

    def run(self, *arguments: str) -> dict[str, Any]:
        """Run a command; return its exit code, output and errors."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(arguments) + "\n")
        self._process.stdin.flush()
        return dict(json.loads(self._process.stdout.readline()))

    def compare(self, example: Example, ids: dict[str, str]) -> Any:
        """Run an example's command with these ids; its answer must be the same."""
        result = self.run(*example.with_ids(ids))
        assert result["code"] == 0, result["errors"]
        answer = json.loads(result["output"])
        expected = correct_quirk(example.name, without_identity(example.answer))
        assert without_identity(answer) == expected, example.name
        self.compared.add(example.name)
        return answer


def correct_quirk(name: str, expected: Any) -> Any:
    """Replace what is odd in an example's answer; it must be there."""
    if name in QUIRKS:
        (*outer, last), odd, right = QUIRKS[name]
        member = expected
        for key in outer:
            member = member[key]
        assert member[last] == odd
        member[last] = right
    return expected


@pytest.fixture(scope="module")
def aws(running: Ec2Emulator) -> Iterator[AwsCli]:
    """Install AWS's command line once, and start it."""
    cli = AwsCli(environment(sys.executable, "awscli==1.46.3"), running.endpoint_url)
    yield cli
    cli.close()


def only(aws: AwsCli, name: str) -> Example:
    """Return the one example of a command."""
    (example,) = aws.examples[name]
    return example


def test_answers_are_those_of_awss_examples(aws: AwsCli, lab: Any) -> None:
    """All examples of the fourteen commands are answered as AWS answered them."""
    compare_filters(aws, lab)
    compare_network_services(aws, lab)
    compare_targets(aws, lab)
    compare_sessions(aws, lab)
    assert len(aws.compared) == 14
    assert aws.compared == set(aws.examples)


def compare_filters(aws: AwsCli, lab: Any) -> None:
    """Change and show a filter with the example's values; delete its rule and it."""
    describe = only(aws, "describe-traffic-mirror-filters")
    (shown,) = describe.answer["TrafficMirrorFilters"]
    (rule,) = shown["IngressFilterRules"]
    names = ("RuleNumber", "Protocol", "SourceCidrBlock", "DestinationCidrBlock")
    filter_id = lab.filter(Description=shown["Description"])
    created = lab.rule(filter_id, **{name: rule[name] for name in names})
    of_rule = {"--traffic-mirror-filter-rule-id": created["TrafficMirrorFilterRuleId"]}
    aws.compare(only(aws, "modify-traffic-mirror-filter-rule"), of_rule)
    aws.compare(describe, {})
    aws.compare(only(aws, "delete-traffic-mirror-filter-rule"), of_rule)
    of_filter = {"--traffic-mirror-filter-id": filter_id}
    aws.compare(only(aws, "delete-traffic-mirror-filter"), of_filter)


def compare_network_services(aws: AwsCli, lab: Any) -> None:
    """Add a network service to a filter with the example's tags and rule."""
    example = only(aws, "modify-traffic-mirror-filter-network-services")
    shown = example.answer["TrafficMirrorFilter"]
    (rule,) = shown["IngressFilterRules"]
    tags = {"ResourceType": "traffic-mirror-filter", "Tags": shown["Tags"]}
    filter_id = lab.filter(TagSpecifications=[tags])
    names = ("RuleNumber", "Protocol", "Description")
    lab.rule(filter_id, **{name: rule[name] for name in names})
    aws.compare(example, {"--traffic-mirror-filter-id": filter_id})


def compare_targets(aws: AwsCli, lab: Any) -> None:
    """Create, show and delete a target on a load balancer."""
    balancer = lab.balancer()
    by_balancer, _ = aws.examples["create-traffic-mirror-target"]
    created = aws.compare(by_balancer, {"--network-load-balancer-arn": balancer})
    target = created["TrafficMirrorTarget"]["TrafficMirrorTargetId"]
    delete = only(aws, "delete-traffic-mirror-target")
    aws.compare(delete, {"--traffic-mirror-target-id": target})
    describe = only(aws, "describe-traffic-mirror-targets")
    (shown,) = describe.answer["TrafficMirrorTargets"]
    created = lab.client.create_traffic_mirror_target(
        NetworkLoadBalancerArn=balancer, Description=shown["Description"]
    )
    target = created["TrafficMirrorTarget"]["TrafficMirrorTargetId"]
    aws.compare(describe, {"--traffic-mirror-target-ids": target})


def compare_sessions(aws: AwsCli, lab: Any) -> None:
    """Create a mirror, change and delete its session; show two other sessions."""
    source, capture = lab.nics(2)
    _, by_interface = aws.examples["create-traffic-mirror-target"]
    created = aws.compare(by_interface, {"--network-interface-id": capture})
    target = created["TrafficMirrorTarget"]["TrafficMirrorTargetId"]
    created = aws.compare(only(aws, "create-traffic-mirror-filter"), {})
    filter_id = created["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    of_filter = {"--traffic-mirror-filter-id": filter_id}
    aws.compare(only(aws, "create-traffic-mirror-filter-rule"), of_filter)
    of_mirror = {
        "--network-interface-id": source,
        "--traffic-mirror-target-id": target,
        **of_filter,
    }
    created = aws.compare(only(aws, "create-traffic-mirror-session"), of_mirror)
    session = created["TrafficMirrorSession"]["TrafficMirrorSessionId"]
    of_session = {"--traffic-mirror-session-id": session}
    aws.compare(only(aws, "modify-traffic-mirror-session"), of_session)
    aws.compare(only(aws, "delete-traffic-mirror-session"), of_session)
    describe = only(aws, "describe-traffic-mirror-sessions")
    for shown in describe.answer["TrafficMirrorSessions"]:
        create_session(lab, shown, NetworkInterfaceId=source)
    aws.compare(describe, {})


def create_session(lab: Any, shown: dict[str, Any], **more: Any) -> None:
    """Create a session with the values that an example shows."""
    names = ("VirtualNetworkId", "Description", "PacketLength", "SessionNumber")
    given = {name: shown[name] for name in names if name in shown}
    if shown["Tags"]:
        tags = {"ResourceType": "traffic-mirror-session", "Tags": shown["Tags"]}
        given["TagSpecifications"] = [tags]
    lab.session(**given, **more)


@pytest.mark.parametrize(
    ("command", "code", "text"),
    [
        (
            "delete-traffic-mirror-target --traffic-mirror-target-id TARGET",
            "TrafficMirrorTargetInUse",
            "Cannot delete TARGET. Target is in use by SESSION",
        ),
        (
            "delete-traffic-mirror-session --dry-run "
            "--traffic-mirror-session-id SESSION",
            "DryRunOperation",
            "Request would have succeeded, but DryRun flag is set.",
        ),
        (
            "describe-traffic-mirror-filters "
            "--traffic-mirror-filter-ids tmf-0123456789abcdef0",
            "InvalidTrafficMirrorFilterId.NotFound",
            "tmf-0123456789abcdef0",
        ),
    ],
)
def test_errors_reach_the_command_line(
    aws: AwsCli, lab: Any, command: str, code: str, text: str
) -> None:
    """An error reaches AWS's command line with code and text, and changes nothing."""
    session = lab.session()
    ids = {
        "TARGET": session["TrafficMirrorTargetId"],
        "SESSION": session["TrafficMirrorSessionId"],
    }
    for placeholder, resource_id in ids.items():
        command, text = (
            each.replace(placeholder, resource_id) for each in (command, text)
        )
    result = aws.run("ec2", *command.split())
    assert result["code"] == 255
    assert result["output"] == ""
    assert f"({code})" in result["errors"]
    assert text in result["errors"]
    assert lab.session_ids() == [session["TrafficMirrorSessionId"]]


def test_pages_reach_the_command_line(aws: AwsCli, ec2: Any, lab: Any) -> None:
    """The command line follows NextToken until everything is listed."""
    created = [lab.filter() for _ in range(7)]
    ec2.clear_calls()
    command = ("ec2", "describe-traffic-mirror-filters", "--page-size", "5")
    found = json.loads(aws.run(*command)["output"])["TrafficMirrorFilters"]
    assert [each["TrafficMirrorFilterId"] for each in found] == created
    assert len(ec2.calls) == 2
