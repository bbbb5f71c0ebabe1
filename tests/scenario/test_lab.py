"""`make lab` runs until it is interrupted, for scripts and the AWS command line."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys

import pytest

from tools.checkout import ROOT

READ_EC2 = "import boto3; print(boto3.client('ec2').describe_traffic_mirror_sessions())"


@pytest.fixture
def lab():
    """Start the lab in a session of its own; return the process, ready for scripts."""
    with subprocess.Popen(
        [sys.executable, "-m", "demo.lab"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        yield process
        if process.poll() is None:
            process.terminate()


def introduction(lab):
    """Return the lines that the lab prints when it is ready."""
    lines = list(iter(lab.stdout.readline, "Press Ctrl-C to end the lab.\n"))
    return [line.rstrip() for line in lines]


def paste(lines, folder):
    """Run lines in a shell of another folder, whose user works with AWS, too."""
    return subprocess.run(
        ["bash", "-e"],  # noqa: S607 - the user's shell
        input="\n".join(lines),
        cwd=folder,
        env={**os.environ, "AWS_PROFILE": "work", "AWS_SESSION_TOKEN": "work"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_scripts_use_the_lab_from_anywhere_until_it_is_interrupted(lab, tmp_path):
    """What it prints can be pasted into another shell; nothing is left running."""
    lines = introduction(lab)
    variables = [line for line in lines if re.match("export |unset ", line)]
    create, show = (line for line in lines if "/examples/" in line)
    assert "aws ec2 describe-traffic-mirror-sessions" in lines

    created = paste([*variables, create], tmp_path)
    shown = paste([*variables, show, f'{sys.executable} -c "{READ_EC2}"'], tmp_path)
    lab.send_signal(signal.SIGINT)
    rest = lab.stdout.read()

    (result,) = json.loads(created)["driverResponse"]["actionResults"]
    assert shown.count(result["sessionId"]) == 2
    assert lab.wait() == 0
    assert rest == "\nEC2 and CloudShell have ended, and everything in them is gone.\n"
    with pytest.raises(ProcessLookupError):
        os.killpg(lab.pid, 0)


def test_a_machine_with_one_loopback_address_has_one_lab(one_loopback_address):
    """As macOS; a second lab ends with one line that says what to do."""
    first, second = one_loopback_address(FREE_AND_IN_USE).splitlines()

    assert first == "127.0.0.1"
    assert second.startswith("The ports 8029 and 9000 are in use on all loopback")
    assert second.endswith("on macOS: sudo ifconfig lo0 alias 127.0.0.2 up")


FREE_AND_IN_USE = """
from emulator.cloudshell import AddressesInUseError, CloudShellServer, free_address
with CloudShellServer(free_address()) as server:
    print(server.host)
    try:
        free_address()
    except AddressesInUseError as error:
        print(error)
"""


@pytest.fixture
def one_loopback_address():
    """Return a function that runs Python in a namespace that has only 127.0.0.1."""
    setup = (
        "ip link set lo up; ip address flush dev lo; ip address add 127.0.0.1 dev lo"
    )
    command = ["unshare", "--net", "sh", "-ec", f'{setup}; exec "$@"', "sh"]
    if subprocess.run([*command, "true"], capture_output=True, check=False).returncode:
        pytest.skip("unshare and ip can't make a network namespace here")

    def run(script):
        return subprocess.run(
            [*command, sys.executable, "-c", script],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    return run
