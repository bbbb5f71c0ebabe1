"""`python -m traffic_mirroring.check`: what it prints, and its exit status."""

from __future__ import annotations

import re
import subprocess
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from tests.request_texts import (
    BALANCER,
    DOCUMENTED_CREATE,
    RULE,
    SOURCE,
    TARGET,
    create,
    create_action,
    remove_action,
    request,
    rule,
)
from traffic_mirroring.check import main

DOCS = Path(__file__).parents[2] / "docs" / "requests.md"


@pytest.fixture
def check(tmp_path, capsys):
    """Return a function that checks a file with this content."""

    def check_content(content):
        file = tmp_path / "request.json"
        data = content if isinstance(content, bytes) else content.encode()
        file.write_bytes(data)
        status = main([str(file)])
        captured = capsys.readouterr()
        error = captured.err.replace(str(file), "request.json")
        return status, captured.out.splitlines(), error

    return check_content


def test_a_valid_request_is_described_in_sentences(check):
    """With source, target, number and rules."""
    status, lines, error = check(DOCUMENTED_CREATE)

    assert (status, error) == (0, "")
    assert lines == [
        f"actions[0] mirrors {SOURCE} to {TARGET}, session number 5: 1 rule",
        "    1. accept ingress tcp from 192.168.0.0/24 ports 50000-65535 to 0.0.0.0/0",
    ]


def test_everything_that_a_create_asks_for_is_described(check):
    """Apps, defaults and each optional field."""
    rules = [
        {**RULE, "destinationPortRange": {"fromPort": 443, "toPort": "443"}},
        {"direction": "egress", "protocol": "-1", "ruleAction": "reject"},
        {"direction": "egress", "protocol": 253, "sourceCidr": "::1"},
    ]
    action = create_action(
        targetNicId=None,
        targetAppName='a "b"',
        filterRules=rules,
        packetLength=96,
        virtualNetworkId=7,
        networkServices=["amazon-dns"],
        description="\u00e4",
        tags={"Cost center": "12"},
        dryRun=True,
    )
    balancer = create_action(targetNicId=None, networkLoadBalancerArn=BALANCER)

    _, lines, _ = check(request(action, balancer))

    assert lines == [
        f'actions[0] mirrors {SOURCE} to the primary NIC of "a \\"b\\"", '
        "the next free number: 3 rules",
        "    1. accept ingress tcp from 0.0.0.0/0 to 0.0.0.0/0 port 443",
        "    2. reject egress all from 0.0.0.0/0 to 0.0.0.0/0",
        "    3. accept egress 253 from ::1/128 to ::/0",
        "    the first 96 bytes of each packet",
        "    in VXLAN network 7",
        "    with amazon-dns, whatever the rules say",
        '    described as "\\u00e4"',
        '    tagged with "Cost center"',
        "    a dry run: nothing is created",
        f"actions[1] mirrors {SOURCE} to {BALANCER}, the next free number: everything, "
        "in and out, IPv4 and IPv6",
    ]


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        (
            remove_action(sessionId="tms-0"),
            "removes session tms-0, and the resources that only they used",
        ),
        (
            remove_action(targetNicId=TARGET),
            f"removes all sessions of the sandbox to {TARGET}, and the resources that "
            "only they used",
        ),
        ({"type": "GetTrafficMirroring"}, "lists the mirrors of the sandbox"),
        ({"type": "cleanupNetwork"}, "removes everything that the sandbox created"),
    ],
)
def test_requests_of_the_other_commands_are_described(check, action, sentence):
    """Their actions' type says which command it is."""
    assert check(request(action)) == (0, [f"actions[0] {sentence}"], "")


def test_the_documented_output_is_that_of_the_documented_request(check):
    """docs/requests.md shows both."""
    page = DOCS.read_text()
    shown = r"^```\n(actions\[0\] mirrors.*?)^```"
    documented = re.search(shown, page, re.DOTALL | re.MULTILINE)[1]
    text = re.search("## An example with.*?```json\n(.*?)```", page, re.DOTALL)[1]

    _, lines, _ = check(text)

    assert lines == documented.splitlines()


def test_problems_are_printed_one_per_line(check):
    """As the command words them; the exit status is 1."""
    status, lines, error = check(rule(direction="up", protocol="tpc"))

    assert (status, error) == (1, "")
    assert [line.partition(";")[0] for line in lines] == [
        'actions[0].actionParams.filterRules[0].direction: "up"',
        'actions[0].actionParams.filterRules[0].protocol: "tpc"',
    ]


def test_problems_beyond_a_hundred_are_counted(check):
    """As in the command's error."""
    _, lines, _ = check(request(*[create_action(packetLength=0)] * 102))

    assert len(lines) == 101
    assert lines[-1] == "and 2 more problems"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (create().encode("utf-16"), "is UTF-16 text, not UTF-8: save it as UTF-8"),
        (create().encode("utf-16-be"), "is UTF-16 text, not UTF-8: save it as UTF-8"),
        (create().encode("utf-32"), "is UTF-32 text, not UTF-8: save it as UTF-8"),
        (b'{"a": "\xfc"}', "is not UTF-8 (byte 8 is 0xfc): save it as UTF-8"),
    ],
)
def test_another_encoding_is_an_error_of_one_sentence(check, content, problem):
    """The exit status is 2."""
    assert check(content) == (2, [], f"request.json {problem}\n")


def test_a_byte_order_mark_is_skipped(check):
    """Editors on Windows write one."""
    status, _, _ = check(create().encode("utf-8-sig"))

    assert status == 0


def test_a_missing_file_is_an_error_of_one_sentence(tmp_path, capsys):
    """The exit status is 2; a folder is no file, either."""
    assert main([str(tmp_path / "none.json")]) == 2
    assert "none.json can't be read: No such file" in capsys.readouterr().err
    assert main([str(tmp_path)]) == 2
    assert "can't be read: Is a directory" in capsys.readouterr().err


def test_standard_input_is_named_in_an_error(monkeypatch, capsys):
    """Instead of a file."""
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(create().encode("utf-16"))))

    assert main(["-"]) == 2
    assert capsys.readouterr().err.startswith("standard input is UTF-16 text")


def test_the_help_explains_arguments_and_exit_status(capsys):
    """As --help does everywhere."""
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])

    words = " ".join(capsys.readouterr().out.split())
    assert words.startswith("usage: python -m traffic_mirroring.check [-h] file ")
    assert "file the request, or - for standard input" in words
    assert "The exit status is 0 if it is valid, 1 if not, and 2" in words


def test_standard_input_is_checked_without_loading_clients():
    """So a check is fast, and needs neither boto3 nor CloudShell's packages."""
    code = (
        "import sys; from traffic_mirroring.check import main; "
        "status = main(['-']); "
        "print(*sorted({'boto3', 'botocore', 'cloudshell'} & {*sys.modules})); "
        "sys.exit(status)"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], input="{}", capture_output=True, text=True
    )

    assert done.returncode == 1
    assert done.stdout == "driverRequest: is missing in the request\n\n"
