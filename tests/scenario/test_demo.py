"""The demo runs as the README says, and every claim that it makes is checked."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from io import StringIO

import pytest
from rich.console import Console

from demo.walkthrough import Demo
from emulator.faults import Fault
from tests.request_texts import DOCUMENTED_CREATE
from tests.scenario.conftest import new_testbed
from tools.checkout import ROOT

README = (ROOT / "README.md").read_text()

SHOWN = [
    "accept ingress tcp from 192.168.0.0/24 ports 50000-65535",
    "1 session, 1 filter, 1 target, 1 session number in use; the sessions use all",
    "TCP 192.168.0.7:50123 > 10.0.0.4:443 ingress rule 1 accepts 119 bytes",
    "TCP 192.168.0.7:49999 > 10.0.0.4:443 ingress no rule matches none",
    "UDP port",
    "to 4789",
    "nothing is created twice: none of",
    "TrafficMirrorSessionLimitExceeded",
    "DeleteTrafficMirrorFilter done",
    "EC2 has no traffic mirror sessions, filters, targets.",
    "No session number is checked out of CloudShell's pools.",
]


def run(*arguments):
    """Run the demo at 80 columns; return exit code, output and single-spaced output."""
    done = subprocess.run(
        [sys.executable, "-m", "demo", *arguments],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout, " ".join(done.stdout.split())


@pytest.fixture(scope="module")
def output():
    """Return the demo's output with single spaces between its words."""
    code, shown, words = run()
    assert code == 0
    assert "\x1b" not in shown
    commands = [line for line in shown.splitlines() if line.startswith("$ ")]
    assert max(len(line) for line in shown.splitlines() if line not in commands) <= 80
    return words


def test_every_step_proves_its_claim(output):
    """The demo has nine steps, and the claim of each is true."""
    steps = re.split(r"(?<= )[1-9]\. (?=[A-Z])", output)[1:]

    assert len(steps) == 9
    assert ["Proved: " in step for step in steps] == [True] * 9
    assert "NOT" not in output


def test_the_demo_shows_what_it_describes(output):
    """It shows EC2's state, packets, the copy, the failed call and the empty end."""
    assert [words for words in SHOWN if words not in output] == []


def test_the_readme_shows_what_the_demo_prints(output):
    """The README's excerpt is right, but for numbers and addresses that vary."""
    blocks = re.findall(r"^```\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    (excerpt,) = (block for block in blocks if "VXLAN" in block)
    lines = [without_numbers(line) for line in excerpt.splitlines() if line != "..."]

    assert len(lines) == 10
    assert [line for line in lines if line not in without_numbers(output)] == []


def without_numbers(text):
    """Return a text with single spaces, and 0 in place of numbers and MAC addresses."""
    plain = re.sub(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}|\d+", "0", text)
    return " ".join(plain.split())


def test_the_demo_sends_the_readers_own_request(tmp_path):
    """It deploys the NICs that the given file names."""
    own = tmp_path / "own.json"
    text = DOCUMENTED_CREATE.replace('"5"', '"77", "packetLength": 9')
    own.write_text(text)

    code, _, words = run("--request", str(own))

    assert code == 0
    assert "session number 77" in words
    assert "each packet that the rules accept arrived" in words
    assert "NOT" not in words


def test_the_demo_shows_the_error_of_an_invalid_request(tmp_path):
    """The error is CloudShell's, and EC2 stays empty."""
    own = tmp_path / "own.json"
    own.write_text(DOCUMENTED_CREATE.replace("ingress", "both"))

    code, _, words = run("--request", str(own))

    assert code == 1
    assert "filterRules[0].direction" in words
    assert "Send packets" not in words
    assert "Proved: nothing remains" in words


def test_the_demo_fails_if_a_claim_is_not_true(short_wait_lab):
    """A filter that a failed Create leaves behind makes the demo fail."""
    world = new_testbed(short_wait_lab)
    world.ec2.faults.append(Fault("DeleteTrafficMirrorFilter", code="Broken"))
    output = StringIO()

    proved = Demo(short_wait_lab, Console(file=output, width=80)).run(None)

    assert not proved
    assert "NOT proved: the caller is told" in output.getvalue()
