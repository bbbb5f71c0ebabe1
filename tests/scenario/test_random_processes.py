"""
Random pairs of commands in two driver processes, while EC2's state changes.

Three sandboxes share NICs. People change and delete resources by hand, instances are
terminated, calls fail, and EC2's Describe requests may lag. Afterwards every sandbox is
cleaned up, and nothing is left.
"""

from __future__ import annotations

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from emulator.ec2.settings import Lags
from emulator.faults import Fault
from tests.request_texts import create_action, remove_action, request
from tests.scenario.conftest import create_foreign_session, new_testbed
from tests.scenario.two_processes import (
    RESOURCES,
    Command,
    add_second_process,
    execute,
)

pytestmark = pytest.mark.short_waits

SOURCES = ["a", "b", "c"]
TARGETS = ["t1", "t2"]
RULES = [[], [{"direction": "ingress", "protocol": "tcp"}]]
POOL_CALLS = ["CheckoutFromPool", "ReleaseFromPool"]

commands = st.one_of(
    st.tuples(
        st.just("create"),
        st.integers(0, 2),
        st.sampled_from(SOURCES),
        st.sampled_from(TARGETS),
        st.sampled_from([None, None, 1, 5]),
        st.integers(0, 1),
    ),
    st.tuples(st.just("remove"), st.integers(0, 2), st.sampled_from(TARGETS)),
    st.tuples(st.just("remove session"), st.integers(0, 2), st.integers(0, 8)),
    st.tuples(st.just("clean up"), st.integers(0, 2)),
)
faults = st.one_of(
    st.none(),
    st.builds(
        Fault,
        skip=st.integers(0, 8),
        status=st.sampled_from([400, 500]),
        code=st.just("Broken"),
    ),
    st.builds(
        Fault,
        operation=st.sampled_from(POOL_CALLS),
        skip=st.integers(0, 1),
        after_effect=st.booleans(),
        drop_connection=st.just(True),
    ),
)


def tags_of(resource):
    """Return a resource's tags."""
    return {tag["Key"]: tag["Value"] for tag in resource["Tags"]}


class Processes(RuleBasedStateMachine):
    """Two driver processes on one account, and people with the AWS console."""

    def __init__(self, lab, tally, lag) -> None:
        super().__init__()
        self.world = new_testbed(lab)
        self.home = self.world.new_sandbox(*SOURCES, *TARGETS, "x", "y", "spare")
        self.sandboxes = [self.home, *(self.world.new_sandbox("z") for _ in range(2))]
        self.world.sandbox = self.home
        self.foreign = create_foreign_session(self.world, "x", 1, target="y")
        self.messages = ""
        self.terminated: set[str] = set()
        self.lag = lag
        self.tally = tally
        tally["sequences of two driver processes"] += 1

    @rule(first=commands, second=st.one_of(commands, st.none()), fault=faults)
    def run_both(self, first, second, fault):
        """Run two commands at once, or one of them twice, in the two processes."""
        self.set_lag()
        if fault:
            pool = fault.operation in POOL_CALLS
            (self.world.pools if pool else self.world.ec2).faults.append(fault)
        pair = [self.text_of(each) for each in (first, second or first)]
        with ThreadPoolExecutor(2) as callers:
            running = [
                callers.submit(execute, self.world.lab, resource, command)
                for resource, command in zip(RESOURCES, pair)
            ]
            for result in (each.result() for each in running):
                self.messages += result["errorMessage"] + result["infoMessage"]
        self.settle()
        self.tally["pairs of commands"] += 1

    @rule(index=st.integers(0, 8))
    def delete_session(self, index):
        """Delete one of CloudShell's sessions in the AWS console."""
        ours = self.our_sessions()
        if ours:
            self.world.client.delete_traffic_mirror_session(
                TrafficMirrorSessionId=ours[index % len(ours)]["TrafficMirrorSessionId"]
            )
            self.tally["changes by hand"] += 1

    @rule(index=st.integers(0, 8), length=st.integers(1, 9))
    def change_session(self, index, length):
        """Change one of CloudShell's sessions in the AWS console."""
        ours = self.our_sessions()
        if ours:
            self.world.client.modify_traffic_mirror_session(
                TrafficMirrorSessionId=ours[index % len(ours)][
                    "TrafficMirrorSessionId"
                ],
                PacketLength=length,
            )
            self.tally["changes by hand"] += 1

    @rule(source=st.sampled_from(SOURCES[1:]))
    def terminate(self, source):
        """Terminate a source's instance; AWS deletes its NIC and sessions."""
        if source in self.terminated:
            return
        self.terminated.add(source)
        (app,) = (each for each in self.home.apps if each.name == source)
        self.world.client.terminate_instances(InstanceIds=[app.instance_id])
        self.tally["terminated instances"] += 1

    @invariant()
    def there_is_one_of_each(self):
        """One session per mirror; without lags, also one target per NIC."""
        sessions = self.our_sessions()
        mirrors = Counter(
            (
                tags_of(each)["ReservationId"],
                tags_of(each)["MirrorFingerprint"],
                each.get("PacketLength"),
                tags_of(each)["MirrorSessionNumber"],
            )
            for each in sessions
        )
        assert [each for each, count in mirrors.items() if count > 1] == []
        if not self.lag:
            nics = Counter(each["NetworkInterfaceId"] for each in self.world.targets)
            assert [nic for nic, count in nics.items() if count > 1] == []

    @invariant()
    def the_foreign_session_exists(self):
        """Nothing foreign is touched."""
        assert self.foreign in {
            each["TrafficMirrorSessionId"] for each in self.world.sessions
        }

    def teardown(self):
        """Clean up every sandbox, then nothing is left but the foreign mirror."""
        self.settle()
        for _ in range(2):
            for sandbox in self.sandboxes:
                text = self.text_of(("clean up", self.sandboxes.index(sandbox)))
                result = execute(self.world.lab, RESOURCES[0], text)
        assert result["success"], result
        sessions, filters = self.world.sessions, self.world.filters
        assert [each["TrafficMirrorSessionId"] for each in sessions] == [self.foreign]
        assert len(filters) == len(self.world.targets) == 1
        held = {
            (nic, number)
            for nic, numbers in self.world.held.items()
            for number in numbers
        }
        uncertain = "may stay checked out" in self.messages
        assert (
            uncertain
            or {
                (nic, number)
                for nic, number in held
                if f"number {number} of {nic}" not in self.messages
            }
            == set()
        )

    def text_of(self, command):
        """Return a command with its request."""
        kind, index, *details = command
        sandbox = self.sandboxes[index].id
        if kind == "create":
            source, target, number, rules = details
            action = create_action(
                sourceNicId=self.world.nic(source),
                targetNicId=self.world.nic(target),
                sessionNumber=number,
                filterRules=RULES[rules],
            )
            return Command("CreateTrafficMirroring", request(action), sandbox)
        if kind == "clean up":
            action = {"type": "cleanupNetwork", "actionId": "1"}
            return Command("CleanupSandboxInfra", request(action), sandbox)
        if kind == "remove":
            action = remove_action(targetNicId=self.world.nic(details[0]))
        else:
            ours = self.our_sessions() or [{"TrafficMirrorSessionId": "tms-0"}]
            chosen = ours[details[0] % len(ours)]["TrafficMirrorSessionId"]
            action = remove_action(sessionId=chosen)
        return Command("RemoveTrafficMirroring", request(action), sandbox)

    def our_sessions(self):
        """Return CloudShell's sessions in EC2, in one order."""
        return sorted(
            (
                each
                for each in self.world.sessions
                if each["TrafficMirrorSessionId"] != self.foreign
            ),
            key=lambda each: each["TrafficMirrorSessionId"],
        )

    def set_lag(self):
        """Let changes be visible only after some requests."""
        if self.lag:
            self.world.ec2.settings.creation_lag = Lags.of_all(requests=self.lag)
            self.world.ec2.settings.deletion_lag = Lags.of_all(requests=self.lag)

    def settle(self):
        """Let everything be visible, and take the faults away."""
        self.world.ec2.faults.clear()
        self.world.pools.faults.clear()
        self.world.ec2.settings.creation_lag = Lags()
        self.world.ec2.settings.deletion_lag = Lags()
        for _ in range(self.lag):
            assert self.world.state


@pytest.fixture(scope="module")
def two_processes(short_wait_lab):
    """Return a lab with two resources for one account."""
    add_second_process(short_wait_lab)
    return short_wait_lab


@pytest.mark.parametrize("lag", [0, 2])
def test_random_pairs_of_commands(two_processes, tally, lag):
    """Without and with Describe requests that lag."""
    soak = os.environ.get("SOAK")
    run_state_machine_as_test(
        lambda: Processes(two_processes, tally, lag),
        settings=settings(
            max_examples=int(soak or 15),
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=not soak,
            database=None,
            print_blob=True,
        ),
    )
