"""
A run of the behaviors in an AWS account, which is an emulator here.

It must find every difference, and touch nothing else.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest

from conformance.account import (
    Chosen,
    NotUsable,
    open_account,
)
from conformance.calls import TAG_KEY
from conformance.catalogue import BEHAVIORS
from conformance.console import Expected, Terminal, run_and_report
from conformance.emulated import emulated_calls
from conformance.kinds import SESSION, TARGET
from conformance.observe import Observation, observe_all
from emulator.ec2 import Ec2Emulator
from emulator.faults import Fault
from tests.emulator.ec2.aws_account import AwsAccount

BY_ID = {behavior.id: behavior for behavior in BEHAVIORS}


def report(account: AwsAccount, expected: Expected, answer: str = "yes\n") -> Any:
    """Run a few behaviors as the command does; return exit code and output."""
    terminal = Terminal(io.StringIO(answer), io.StringIO(), wait=lambda _: None)
    opened = open_account(account.chosen, account.clients)
    behaviors = [BY_ID[name] for name in expected.observations]
    code = run_and_report(opened, behaviors, expected, terminal)
    assert isinstance(terminal.output, io.StringIO)
    return code, terminal.output.getvalue()


def expect(account: AwsAccount, *names: str) -> Expected:
    """Return what the emulator with its default settings does."""
    calls = emulated_calls(account.place)
    behaviors = [BY_ID[name] for name in names]
    observations = observe_all(behaviors, account.place, calls)
    return Expected(observations, calls.counts)


OPEN = tuple(behavior.id for behavior in BEHAVIORS[:3])


def test_an_account_like_the_emulator(account: AwsAccount) -> None:
    """What agrees is documented or seen, what was unknown is seen now."""
    names = (*OPEN, "target-in-use", "filter-in-use", "target-is-stopped")
    code, output = report(account, expect(account, *names))
    assert code == 0
    lines = [line for line in output.splitlines()[4:] if line.endswith("]")]
    assert [line.split()[0] for line in lines] == (
        ["seen", "seen", "seen", "seen", "documented", "not"]
    )
    assert "AWS, as the emulator: refused: InvalidNetworkInterface.InUse" in output
    assert output.splitlines()[-1] == (
        "6 behaviors: 1 documented, 4 seen, 0 different, 0 unknown, 1 not tried; "
        "all deleted"
    )
    assert account.state() == account.before


def test_it_says_before_what_it_will_do(account: AwsAccount) -> None:
    """Account, amounts, tag, interfaces and cost are named; without a yes it ends."""
    expected = expect(account, "filter-in-use")
    account.ec2.clear_calls()
    for answer in ("no\n", "", "perhaps\n"):
        code, output = report(account, expected, answer)
        assert code == 2
        for words in (
            "account 123456789012, region us-east-1",
            "1 target, 1 filter, 1 session",
            f"the tag {TAG_KEY}=",
            f"from {account.chosen.source} to {account.chosen.target}",
            "Ctrl-C",
            "cost is next to nothing",
        ):
            assert words in output
        assert output.endswith("Nothing was created.\n")
    assert account.ec2.writes() == []


def test_a_missing_permission_is_no_difference(account: AwsAccount) -> None:
    """What the caller may not do is not tried, in the trial or on the way to it."""
    names = ("rule-is-modified", "rule-is-modified-by-nothing", "rule-for-ipv6")
    expected = expect(account, *names)
    allowed = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    denied = {
        **allowed,
        "Effect": "Deny",
        "Action": "ec2:ModifyTrafficMirrorFilterRule",
    }
    account.ec2.restrict(
        "AKIAEMULATED00000000",
        {"Version": "2012-10-17", "Statement": [allowed, denied]},
    )
    code, output = report(account, expected)
    assert code == 0
    assert output.count("needs the permission for ModifyTrafficMirrorFilterRule") == 2
    assert "1 seen, 0 different, 0 unknown, 2 not tried; all deleted" in output


def _second_targets(ec2: Ec2Emulator) -> None:
    ec2.settings.second_targets = True


def _ids_first(ec2: Ec2Emulator) -> None:
    ec2.settings.ids_before_permissions = True


def _protocol_0(ec2: Ec2Emulator) -> None:
    ec2.settings.protocol_0_is_all = True


def _wrong_code(ec2: Ec2Emulator) -> None:
    # The first deletion is that of the behavior before, which expects no refusal.
    wrong = Fault("DeleteTrafficMirrorFilter", "DependencyViolation", skip=1)
    ec2.faults.append(wrong)


def _too_kind(ec2: Ec2Emulator) -> None:
    ec2.settings.quotas.rules_per_filter = 11


@pytest.mark.parametrize(
    ("change", "name", "aws"),
    [
        (_second_targets, OPEN[0], "AWS: accepted"),
        (_ids_first, OPEN[1], "AWS: refused: InvalidTrafficMirrorTargetId.NotFound"),
        (_protocol_0, OPEN[2], "AWS: accepted, shown with protocol absent"),
        (_wrong_code, "filter-in-use", "AWS: refused: DependencyViolation"),
        (_too_kind, "eleventh-rule-of-a-filter", "AWS: accepted"),
    ],
)
def test_a_difference_is_reported(
    account: AwsAccount, change: Callable[[Ec2Emulator], None], name: str, aws: str
) -> None:
    """An account that differs in one behavior is reported as different in that one."""
    expected = expect(account, "rule-for-ipv6", name)
    change(account.ec2)
    code, output = report(account, expected)
    assert code == 1
    different = [line for line in output.splitlines() if line.startswith("different")]
    assert [re.findall(r"\[(.*)\]", line) for line in different] == [[name]]
    assert aws in output
    assert f"the emulator: {expected.observations[name].text}" in output
    assert account.state() == account.before


def test_what_cannot_be_deleted_is_listed(account: AwsAccount) -> None:
    """A resource that EC2 does not delete is named with the reason, and it alone."""
    account.ec2.faults.append(
        Fault("DeleteTrafficMirrorFilter", "InternalError", "no luck", times=None)
    )
    code, output = report(account, expect_nothing("filter-in-use", "rule-for-ipv6"))
    assert code == 1
    listed = re.findall(r"NOT DELETED: filter (tmf-\w+): .*no luck", output)
    assert output.count("NOT DELETED") == len(listed) == 1
    assert "Stopped: something could not be deleted" in output
    assert output.endswith("; 1 NOT deleted\n")
    now = account.state()
    added = [each for each in now["filter"] if each not in account.before["filter"]]
    assert [each["TrafficMirrorFilterId"] for each in added] == listed
    assert {**now, "filter": 0} == {**account.before, "filter": 0}


def expect_nothing(*names: str) -> Expected:
    """Return expectations that the account can't meet."""
    return Expected({name: Observation("nothing") for name in names}, {})


def test_interfaces_in_use_are_refused(account: AwsAccount) -> None:
    """Interfaces that a session or target uses are refused, with the user's id."""
    session, target = (account.foreign[kind.id] for kind in (SESSION, TARGET))
    source, capture = account.foreign_source, account.foreign_capture
    free = account.chosen.target
    account.ec2.clear_calls()
    for chosen, user in (
        (Chosen(source, free), session),
        (Chosen(free, source), session),
        (Chosen(free, capture), target),
        (Chosen(capture, free), target),
    ):
        with pytest.raises(NotUsable, match=f"{user} uses them already"):
            open_account(chosen, account.clients)
    with pytest.raises(NotUsable, match="the same network interface"):
        open_account(Chosen(free, free), account.clients)
    assert account.ec2.writes() == []


def test_detached_interfaces_are_refused(account: AwsAccount, lab: Any) -> None:
    """An interface that is not attached is refused."""
    detached = lab.detached_nic()
    with pytest.raises(NotUsable, match=f"{detached} is not attached"):
        open_account(Chosen(account.chosen.source, detached), account.clients)


def test_nothing_foreign_can_be_changed(account: AwsAccount) -> None:
    """A call that would change or delete what the run has not created is not made."""
    calls, foreign = account.calls(), account.foreign
    account.ec2.clear_calls()
    for operation, parameters in (
        (
            "delete_traffic_mirror_target",
            {"TrafficMirrorTargetId": foreign["TrafficMirrorTargetId"]},
        ),
        ("create_tags", {"Resources": [foreign["TrafficMirrorFilterId"]], "Tags": []}),
        ("delete_network_interface", {"NetworkInterfaceId": account.chosen.source}),
    ):
        with pytest.raises(ValueError, match="this run has not created"):
            calls.call(operation, **parameters)
    assert account.ec2.calls == []
