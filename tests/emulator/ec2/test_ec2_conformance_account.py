"""
A run of the behaviors in an AWS account, for which another emulator stands in.

It must find every difference, leave nothing and touch nothing else, whatever happens.
"""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config

from conformance.account import (
    Chosen,
    Clients,
    NotUsable,
    open_account,
    run_in_account,
)
from conformance.calls import TAG_KEY, Calls
from conformance.catalogue import BEHAVIORS
from conformance.console import Expected, Terminal, run_and_report
from conformance.emulated import emulated_calls, emulated_place
from conformance.interruption import Interruption
from conformance.kinds import MIRRORING
from conformance.observe import Observation, observe_all
from emulator.ec2 import Ec2Emulator
from emulator.ec2.settings import Lags
from emulator.faults import Fault
from tests.environments import ROOT

BY_ID = {behavior.id: behavior for behavior in BEHAVIORS}
# Few calls, with every kind of resource that is looked for by its tag.
FEW = [BY_ID["target-is-detached"], BY_ID["filter-in-use"]]
RUN_ID = "a-run"


class AwsAccount:
    """An account with two instances that nothing mirrors, and a foreign mirror."""

    def __init__(self, ec2: Ec2Emulator, client: Any, unchecked: Any) -> None:
        self.ec2 = ec2
        place = emulated_place(ec2, client)
        self.clients = Clients(client, unchecked)
        self.chosen = Chosen(place.source, place.target)
        self.expected_place = open_account(self.chosen, self.clients).place
        other, foreign_target = place.machines.run_instance(), place.machines
        self.foreign_source = other.nic
        target = client.create_traffic_mirror_target(
            NetworkInterfaceId=foreign_target.run_instance().nic
        )
        mirror_filter = client.create_traffic_mirror_filter()
        self.foreign = {
            "TrafficMirrorTargetId": target["TrafficMirrorTarget"][
                "TrafficMirrorTargetId"
            ],
            "TrafficMirrorFilterId": mirror_filter["TrafficMirrorFilter"][
                "TrafficMirrorFilterId"
            ],
        }
        client.create_traffic_mirror_session(
            NetworkInterfaceId=other.nic, SessionNumber=1, **self.foreign
        )
        self.client = client
        self.before = self.state()

    def state(self) -> dict[str, Any]:
        """Return all mirroring resources and network interfaces."""
        found = {
            kind.name: getattr(self.client, kind.describe)()[kind.members]
            for kind in MIRRORING
        }
        interfaces = self.client.describe_network_interfaces()["NetworkInterfaces"]
        return {**found, "interfaces": [e["NetworkInterfaceId"] for e in interfaces]}

    def calls(self, interruption: Interruption | None = None) -> Calls:
        """Return calls to the account, which need no pauses."""
        return Calls(
            self.client, RUN_ID, interruption or Interruption(), lambda _: None
        )


@pytest.fixture(scope="module")
def unchecked(running: Ec2Emulator) -> Any:
    """Return a client that leaves the check of parameters to EC2."""
    return running.client(config=Config(parameter_validation=False))


@pytest.fixture
def account(ec2: Ec2Emulator, client: Any, unchecked: Any) -> AwsAccount:
    """Return an account in the emulator after a reset."""
    return AwsAccount(ec2, client, unchecked)


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
    calls = emulated_calls(account.expected_place)
    behaviors = [BY_ID[name] for name in names]
    observations = observe_all(behaviors, account.expected_place, calls)
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
            "1 targets, 1 filters, 1 sessions",
            f"the tag {TAG_KEY}=",
            f"from {account.chosen.source} to {account.chosen.target}",
            "Ctrl-C",
            "cost is next to nothing",
        ):
            assert words in output
        assert output.endswith("Nothing was created.\n")
    assert account.ec2.writes() == []


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


def run_few(account: AwsAccount, interruption: Interruption | None = None) -> Any:
    """Try the few behaviors; return the run and the number of writing calls."""
    account.ec2.clear_calls()
    calls = account.calls(interruption)
    run = run_in_account(
        account.expected_place, FEW, calls, lambda _behavior, _observation: None
    )
    return run, len(account.ec2.writes())


def test_an_interruption_leaves_nothing(account: AwsAccount) -> None:
    """Whichever call it is interrupted at, everything is deleted at the end."""
    whole, count = run_few(account)
    assert (whole.stopped, whole.leftovers, len(whole.observations)) == (None, [], 2)
    for number in range(count):
        interruption, seen = Interruption(), [0]

        def interrupt(
            _operation: str,
            writes: bool,
            seen: Any = seen,
            last: int = number,
            interruption: Interruption = interruption,
        ) -> None:
            if writes:
                seen[0] += 1
                if seen[0] > last:
                    interruption.request("SIGINT")

        account.ec2.settings.before_call = interrupt
        run, _ = run_few(account, interruption)
        account.ec2.settings.before_call = None
        assert run.leftovers == []
        assert account.state() == account.before, number
    assert count > 10


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
    account.ec2.settings.creation_lag = Lags()
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
    foreign_target = account.client.describe_traffic_mirror_targets()
    target = foreign_target["TrafficMirrorTargets"][0]
    session = account.client.describe_traffic_mirror_sessions()
    session_id = session["TrafficMirrorSessions"][0]["TrafficMirrorSessionId"]
    source, free = account.foreign_source, account.chosen.target
    account.ec2.clear_calls()
    for chosen, user in (
        (Chosen(source, free), session_id),
        (Chosen(free, source), session_id),
        (Chosen(free, target["NetworkInterfaceId"]), target["TrafficMirrorTargetId"]),
        (Chosen(target["NetworkInterfaceId"], free), target["TrafficMirrorTargetId"]),
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


def test_the_command_is_interrupted(account: AwsAccount) -> None:
    """The command uses AWS's usual configuration; Ctrl-C ends it, nothing is left."""
    command = [sys.executable, "-m", "conformance", "--real", "--only", "*in-use*"]
    nics = ["--source", account.chosen.source, "--target", account.chosen.target]
    environment = {
        **os.environ,
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
    interruption = Interruption()
    with interruption.by_signals():
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(Exception, match="SIGTERM"):
            interruption.check()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
