"""The demo, run as a reader of the README runs it: it proves what it claims."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from io import StringIO

import pytest
from rich.console import Console

from emulator.demo import Demo
from emulator.ec2 import Fault
from emulator.lab import ROOT
from tests.request_texts import DOCUMENTED_CREATE
from tests.scenario.conftest import fresh

README = (ROOT / "README.md").read_text()

SHOWN = [
    "accept ingress tcp from 192.168.0.0/24 ports 50000-65535",
    "1 session, 1 filter, 1 target, 1 session number out; nothing stands but",
    "TCP 192.168.0.7:50123 > 10.0.0.4:443 ingress rule 1 accepts 119 bytes",
    "TCP 192.168.0.7:49999 > 10.0.0.4:443 ingress no rule matches none",
    "UDP port",
    "to 4789",
    "nothing is made twice: none of",
    "TrafficMirrorSessionLimitExceeded",
    "DeleteTrafficMirrorFilter done",
    "EC2 has no traffic mirror sessions, filters, targets.",
    "CloudShell's pools have no session number out.",
]


def run(*arguments):
    """Run the demo in a pipe of 80 columns; return it, its words one blank apart."""
    done = subprocess.run(
        [sys.executable, "-m", "emulator.demo", *arguments],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout, " ".join(done.stdout.split())


@pytest.fixture(scope="module")
def told():
    """Return what the demo tells, its words one blank apart."""
    code, shown, words = run()
    assert code == 0
    assert "\x1b" not in shown
    commands = [line for line in shown.splitlines() if line.startswith("$ ")]
    assert max(len(line) for line in shown.splitlines() if line not in commands) <= 80
    return words


def test_every_step_proves_its_claim(told):
    """There are nine steps, each with a claim that was found true."""
    steps = re.split(r"(?<= )[1-9]\. (?=[A-Z])", told)[1:]

    assert len(steps) == 9
    assert ["Proved: " in step for step in steps] == [True] * 9
    assert "NOT" not in told


def test_the_demo_shows_what_it_speaks_of(told):
    """What stands, packets, the copy, the failed call and the empty end."""
    assert [words for words in SHOWN if words not in told] == []


def test_the_readme_shows_what_the_demo_prints(told):
    """Line by line, apart from the numbers and addresses that differ between runs."""
    blocks = re.findall(r"^```\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    (excerpt,) = (block for block in blocks if "VXLAN" in block)
    lines = [without_numbers(line) for line in excerpt.splitlines() if line != "..."]

    assert len(lines) == 10
    assert [line for line in lines if line not in without_numbers(told)] == []


def without_numbers(text):
    """Return a text, its words one blank apart, with 0 for numbers and MACs."""
    plain = re.sub(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}|\d+", "0", text)
    return " ".join(plain.split())


def test_the_demo_sends_a_request_of_the_readers_own(tmp_path):
    """The NICs that the file names are deployed, whatever it asks for."""
    own = tmp_path / "own.json"
    text = DOCUMENTED_CREATE.replace('"5"', '"77", "packetLength": 9')
    own.write_text(text)

    code, _, words = run("--request", str(own))

    assert code == 0
    assert "session number 77" in words
    assert "whatever the rules accepted has arrived" in words
    assert "NOT" not in words


def test_the_demo_shows_what_is_wrong_with_a_request(tmp_path):
    """A bad request is answered as CloudShell answers it, and nothing is touched."""
    own = tmp_path / "own.json"
    own.write_text(DOCUMENTED_CREATE.replace("ingress", "both"))

    code, _, words = run("--request", str(own))

    assert code == 1
    assert "filterRules[0].direction" in words
    assert "Send packets" not in words
    assert "Proved: the world is empty" in words


def test_the_demo_fails_where_a_claim_is_not_true(quick_lab):
    """What a failed creation leaves behind is seen, and told."""
    world = fresh(quick_lab)
    world.ec2.faults.append(Fault("DeleteTrafficMirrorFilter", code="Broken"))
    shown = StringIO()

    proved = Demo(quick_lab, Console(file=shown, width=80)).run(None)

    assert not proved
    assert "NOT proved: the caller is told" in shown.getvalue()
