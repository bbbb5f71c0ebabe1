"""The demo, run as a reader of the README runs it: all its claims are true."""

from __future__ import annotations

import os
import re
import shutil
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
    "$ python examples/create_traffic_mirroring.py",
    "web capture --protocol tcp --port 443 --cidr 192.168.0.0/24 --dry-run",
    "Would create a session that mirrors eni-008322622e675cd80",
    "accept ingress tcp from 192.168.0.0/24 to 0.0.0.0/0 ports 443-443",
    "1 session, 1 filter, 1 target, 1 session number in use; the sessions use all",
    "TCP 192.168.0.7:50123 > 10.0.0.4:443 ingress rule 1 accepts 119 bytes",
    "TCP 10.0.0.4:443 > 192.168.0.7:50123 egress rule 3 accepts 90 bytes",
    "TCP 192.168.0.7:50123 > 10.0.0.4:80 ingress no rule matches none",
    "UDP port",
    "to 4789",
    "SOURCE NO. VXLAN TARGET MIRRORED SKIPPED",
    "eni-05fc8d0b34b762305 2 0 session tms-",
    "Sessions of this sandbox: 1",
    "nothing is created twice: none of",
    "TrafficMirrorSessionLimitExceeded",
    "DeleteTrafficMirrorFilter done",
    "EC2 has no traffic mirror sessions, filters, targets.",
    "No session number is checked out of CloudShell's pools.",
]


def demo(*arguments):
    """Run the demo with 80 columns, for a user whose AWS settings are broken."""
    broken = {"AWS_PROFILE": "missing", "AWS_CONFIG_FILE": str(ROOT / "README.md")}
    return subprocess.run(
        [sys.executable, "-m", "demo", *arguments],
        cwd=ROOT,
        env={**os.environ, **broken, "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def pcap(tmp_path_factory):
    """Return the file for the copies of the demo's packets."""
    return tmp_path_factory.mktemp("demo") / "mirrored.pcap"


@pytest.fixture(scope="module")
def output(pcap):
    """Return the output of the demo with single spaces."""
    done = demo("--pcap", pcap)
    assert (done.returncode, done.stderr) == (0, "")
    shown = done.stdout
    assert "\x1b" not in shown
    commands = [line for line in shown.splitlines() if line.startswith("$ ")]
    assert max(len(line) for line in shown.splitlines() if line not in commands) <= 80
    return " ".join(shown.split())


def test_every_step_proves_its_claim(output):
    """There are eleven steps, each with a claim that is true."""
    steps = re.split(r"(?<= )\d+\. (?=[A-Z])", output)[1:]

    assert len(steps) == 11
    assert ["Proved: " in step for step in steps] == [True] * 11
    assert "NOT" not in output


def test_the_demo_shows_what_its_claims_are_about(output):
    """It shows resources, packets, the copy, the failed call and the empty end."""
    assert [words for words in SHOWN if words not in output] == []


def test_the_readme_shows_what_the_demo_prints(output):
    """Line by line, apart from the numbers and addresses that differ between runs."""
    blocks = re.findall(r"^```\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    (excerpt,) = (block for block in blocks if "UDP port" in block)
    lines = [without_numbers(line) for line in excerpt.splitlines() if line != "..."]

    assert len(lines) == 11
    assert [line for line in lines if line not in without_numbers(output)] == []


def without_numbers(text):
    """Return a text with single spaces, and 0 for numbers and MAC addresses."""
    plain = re.sub(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}|\d+", "0", text)
    return " ".join(plain.split())


def test_wireshark_opens_the_copies(output, pcap):
    """The file has the two copies that the demo shows."""
    tshark = shutil.which("tshark")
    if not tshark:
        pytest.skip("tshark is not installed")
    fields = "udp.dstport vxlan.vni ip.src ip.dst tcp.dstport http.host".split()
    options = [option for field in fields for option in ("-e", field)]

    shown = subprocess.run(
        [tshark, "-r", pcap, "-T", "fields", "-E", "separator=;", *options],
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    (network,) = set(re.findall(r"VXLAN network (\d+)", output))
    web, capture = "10.0.0.4", "10.0.0.5"
    assert shown.splitlines() == [
        f"4789;{network};{web},192.168.0.7;{capture},{web};443;web",
        f"4789;{network};{web},{web};{capture},192.168.0.7;50123;",
    ]


def test_the_demo_sends_a_request_of_the_readers_own(tmp_path):
    """If the copies can't be written in the end, it says so, and fails."""
    own, pcap = tmp_path / "own.json", tmp_path / "absent" / "mirrored.pcap"
    text = DOCUMENTED_CREATE.replace('"5"', '"77", "packetLength": 9')
    own.write_text(text)

    done = demo("--request", own, "--pcap", pcap)

    words = " ".join(done.stdout.split())
    reason = f"The copies can't be written to {pcap}: No such file or directory\n"
    assert (done.returncode, done.stderr) == (1, reason)
    assert "session number 77" in words
    assert "each packet that the rules accept arrived" in words
    assert "NOT" not in words


def test_the_demo_ends_with_one_line_about_an_unreadable_request(tmp_path):
    """It says what to do, before anything is started."""
    own = tmp_path / "own.json"
    own.write_text(DOCUMENTED_CREATE, encoding="utf-16")

    done = demo("--request", own)

    assert (done.returncode, done.stdout) == (1, "")
    reason = f"The request file {own} is not in UTF-8: save it in UTF-8 and try again."
    assert done.stderr == f"{reason}\n"


def test_the_demo_fails_if_a_claim_is_not_true(short_wait_lab):
    """The demo finds and reports what a failed creation leaves behind."""
    world = new_testbed(short_wait_lab)
    world.ec2.faults.append(Fault("DeleteTrafficMirrorFilter", code="Broken"))
    output = StringIO()

    all_true = Demo(short_wait_lab, Console(file=output, width=80)).run()

    assert not all_true
    assert "NOT proved: the answer names" in output.getvalue()
