"""
A run of the behaviors in an AWS account leaves nothing, whatever ends it.

An emulator is the account.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Any

import pytest

from conformance.account import run_in_account
from conformance.catalogue import BEHAVIORS
from conformance.interruption import Interruption
from emulator.ec2.settings import Lags
from emulator.faults import Fault
from tests.emulator.ec2.aws_account import AwsAccount
from tools.checkout import ROOT

BY_ID = {behavior.id: behavior for behavior in BEHAVIORS}
# Few calls, with every kind of resource that is looked for by its tag.
FEW = [BY_ID["target-is-detached"], BY_ID["filter-in-use"]]


class InterruptAt:
    """Interrupts a run while EC2 carries out a writing call, given by its number."""

    def __init__(self, number: int) -> None:
        self.interruption = Interruption()
        self._left = number

    def __call__(self, _operation: str, writes: bool) -> None:
        """Count a call."""
        self._left -= writes
        if self._left < 0:
            self.interruption.request("SIGINT")


def run_few(account: AwsAccount, interruption: Interruption | None = None) -> Any:
    """Try the few behaviors; return the run and the number of writing calls."""
    account.ec2.clear_calls()
    calls = account.calls(interruption)
    run = run_in_account(account.place, FEW, calls, lambda *_: None)
    return run, len(account.ec2.writes())


def test_an_interruption_leaves_nothing(account: AwsAccount) -> None:
    """Whichever call it is interrupted at, everything is deleted at the end."""
    whole, count = run_few(account)
    assert (whole.stopped, whole.leftovers) == (None, [])
    assert count > 10
    for number in range(count):
        interrupt = InterruptAt(number)
        account.ec2.settings.before_call = interrupt
        run, _ = run_few(account, interrupt.interruption)
        account.ec2.settings.before_call = None
        assert run.leftovers == []
        assert account.state() == account.before, number


@pytest.mark.parametrize(
    "fault",
    [
        {"code": "RequestLimitExceeded", "status": 503},
        {"code": "InternalError", "status": 500, "after_effect": True},
    ],
    ids=["before its effect", "after its effect"],
)
def test_a_failed_call_leaves_nothing(
    account: AwsAccount, fault: dict[str, Any]
) -> None:
    """Whichever writing call fails, with an effect or not, nothing is left."""
    _, count = run_few(account)
    for number in range(count):
        account.ec2.faults[:] = [Fault(skip=number, **fault)]
        run, _ = run_few(account)
        assert run.leftovers == []
        account.ec2.faults.clear()
        assert account.state() == account.before, number


def test_a_late_listing_leaves_nothing(account: AwsAccount) -> None:
    """What was created without an answer is found even if EC2 lists it late."""
    account.ec2.settings.creation_lag = Lags.of_all(requests=2)
    account.ec2.faults.append(
        Fault("CreateTrafficMirrorFilter", drop_connection=True, after_effect=True)
    )
    run, _ = run_few(account)
    assert run.leftovers == []
    for _ in range(3):  # by the third look, EC2 would list what is left
        left = account.state()
    assert left == account.before


def test_the_command_is_interrupted(account: AwsAccount) -> None:
    """The command uses AWS's usual configuration; Ctrl-C ends it, nothing is left."""
    command = [sys.executable, "-m", "conformance", "--real", "--only", "*in-use*"]
    nics = ["--source", account.chosen.source, "--target", account.chosen.target]
    environment = {
        **{name: os.environ[name] for name in os.environ if name[:4] != "AWS_"},
        "AWS_ENDPOINT_URL": account.ec2.endpoint_url,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "AKIAINVENTED00000000",
        "AWS_SECRET_ACCESS_KEY": "invented",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    with subprocess.Popen(
        [*command, *nics],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:

        def interrupt(operation: str, _writes: bool) -> None:
            if operation == "CreateTrafficMirrorSession":
                process.send_signal(signal.SIGINT)

        account.ec2.settings.before_call = interrupt
        output, _ = process.communicate("yes\n", timeout=120)
    assert "Stopped: interrupted by SIGINT" in output
    assert output.endswith("; all deleted\n")
    assert process.returncode == 1
    account.ec2.settings.before_call = None
    assert account.state() == account.before


def test_sigterm_is_noted_too() -> None:
    """SIGTERM and Ctrl-C raise at the next call, not in the middle of one."""
    # Ctrl-C is ignored if the tests run in the background of a shell.
    before = signal.getsignal(signal.SIGINT)
    interruption = Interruption()
    with interruption.by_signals():
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(Exception, match="SIGTERM"):
            interruption.check()
    assert signal.getsignal(signal.SIGINT) is before
