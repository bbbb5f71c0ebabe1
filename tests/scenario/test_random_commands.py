"""
Random commands of several sandboxes, with and without faults, against a simple model.

The model knows which sessions should exist. After every command EC2 and the pools must
have these sessions and what they use; anything else must be named by an answer.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from emulator.faults import Fault
from tests.request_texts import create_action
from tests.scenario.conftest import clean_up, create_foreign_session, new_testbed

APPS = ["a", "b", "c", "d", "foreign-source", "foreign-target", "foreign-idle"]
RULES = [
    [],
    [{"direction": "ingress", "protocol": "tcp"}],
    [
        {"direction": "egress", "protocol": "udp"},
        {"direction": "egress", "protocol": 1},
    ],
]

POOL_CALLS = ["CheckoutFromPool", "ReleaseFromPool"]

sandboxes = st.integers(0, 2)
sources = st.sampled_from(["a", "b", "c"])
targets = st.sampled_from(["c", "d", "foreign-target", "foreign-idle"])
numbers = st.sampled_from([None, None, None, 1, 2, 7])
faults = st.one_of(
    st.none(),
    st.builds(
        Fault,
        skip=st.integers(0, 6),
        status=st.sampled_from([400, 500]),
        code=st.just("Broken"),
    ),
    st.builds(
        Fault,
        skip=st.integers(0, 6),
        after_effect=st.just(True),
        drop_connection=st.just(True),
    ),
    st.builds(
        Fault,
        operation=st.sampled_from(POOL_CALLS),
        after_effect=st.booleans(),
        drop_connection=st.just(True),
    ),
)


@dataclass(frozen=True)
class Mirror:
    """A mirror that should exist, as it was requested."""

    sandbox: int
    source: str
    target: str
    rules: int


class Sandboxes(RuleBasedStateMachine):
    """Commands of three sandboxes that share the NICs of one account."""

    def __init__(self, lab, tally) -> None:
        super().__init__()
        self.world = new_testbed(lab)
        self.sandbox = self.world.new_sandbox(*APPS)
        self.world.sandbox = self.sandbox
        others = [self.world.new_sandbox("x") for _ in range(2)]
        self.sandboxes = [self.sandbox, *others]
        self.foreign = create_foreign_session(
            self.world, "foreign-source", 1, target="foreign-target"
        )
        idle = self.world.client.create_traffic_mirror_target(
            NetworkInterfaceId=self.world.nic("foreign-idle")
        )
        self.foreign_target = idle["TrafficMirrorTarget"]["TrafficMirrorTargetId"]
        self.mirrors: dict[str, tuple[Mirror, int]] = {}
        self.messages = ""
        self.tally = tally
        tally["sequences of commands"] += 1

    def run(self, fault, command):
        """Run a command, with a fault unless it is None; return the results."""
        self.world.ec2.faults.clear()
        self.world.pools.faults.clear()
        if fault and fault.operation in POOL_CALLS:
            self.world.pools.faults.append(fault)
        elif fault:
            self.world.ec2.faults.append(fault)
        results = command()
        self.world.ec2.faults.clear()
        self.world.pools.faults.clear()
        self.messages += " ".join(
            each["errorMessage"] + each["infoMessage"] for each in results
        )
        self.tally["commands" if fault is None else "commands with a fault"] += 1
        return results

    @rule(
        sandbox=sandboxes,
        source=sources,
        destination=targets,
        number=numbers,
        rules=st.integers(0, 2),
        fault=faults,
    )
    def create(self, sandbox, source, destination, number, rules, fault):
        """Create a mirror, which may exist already or be impossible."""
        if source == destination:
            return
        mirror = Mirror(sandbox, source, destination, rules)
        existing = self.find(mirror, number)
        possible = self.is_possible(mirror, number)
        action = create_action(
            sourceNicId=self.world.nic(source),
            targetNicId=self.world.nic(destination),
            sessionNumber=number,
            filterRules=RULES[rules],
        )

        (result,) = self.run(
            fault, lambda: self.world.create(action, sandbox=self.sandboxes[sandbox])
        )

        if existing:
            assert result["sessionId"] == existing
        elif fault is None:
            assert result["success"] == possible, result
        if result["success"] and not existing:
            created = self.sessions()[result["sessionId"]]
            assert number in (None, created["SessionNumber"])
            self.mirrors[result["sessionId"]] = (mirror, created["SessionNumber"])

    @rule(sandbox=sandboxes, index=st.integers(0, 8), fault=faults)
    def remove_session(self, sandbox, index, fault):
        """Remove a session of this sandbox or of another one by its id."""
        if not self.mirrors:
            return
        session_id = sorted(self.mirrors)[index % len(self.mirrors)]
        own = self.mirrors[session_id][0].sandbox == sandbox

        (result,) = self.run(
            fault,
            lambda: self.world.remove(
                sessionId=session_id, sandbox=self.sandboxes[sandbox]
            ),
        )

        if fault is None or not own:
            assert result["success"] == own, result
        self.forget({session_id} if own else set(), must_go=fault is None)

    @rule(sandbox=sandboxes, destination=targets, fault=faults)
    def remove_target(self, sandbox, destination, fault):
        """Remove a sandbox's sessions to a target NIC."""
        (result,) = self.run(
            fault,
            lambda: self.world.remove(
                targetNicId=self.world.nic(destination), sandbox=self.sandboxes[sandbox]
            ),
        )

        assert fault is not None or result["success"], result
        self.forget(
            {
                session_id
                for session_id, (mirror, _) in self.mirrors.items()
                if (mirror.sandbox, mirror.target) == (sandbox, destination)
            },
            must_go=fault is None,
        )

    @rule(sandbox=sandboxes, fault=faults)
    def clean_up(self, sandbox, fault):
        """Clean up a sandbox."""
        (result,) = self.run(
            fault, lambda: [clean_up(self.world, self.sandboxes[sandbox])]
        )

        assert fault is not None or result["success"], result
        self.forget(
            {
                session_id
                for session_id, (mirror, _) in self.mirrors.items()
                if mirror.sandbox == sandbox
            },
            must_go=fault is None,
        )

    @invariant()
    def the_state_matches_the_answers(self):
        """Nothing is orphaned, numbers match sessions, foreign resources are kept."""
        sessions = self.sessions()
        assert sessions.keys() == {self.foreign, *self.mirrors}
        used = {each["TrafficMirrorFilterId"] for each in sessions.values()}
        used |= {each["TrafficMirrorTargetId"] for each in sessions.values()}
        used.add(self.foreign_target)
        existing = [each["TrafficMirrorFilterId"] for each in self.world.filters]
        existing += [each["TrafficMirrorTargetId"] for each in self.world.targets]
        assert used <= set(existing)
        assert [each for each in existing if not self.is_known(each, used)] == []
        ours = {
            (self.world.nic(mirror.source), number)
            for mirror, number in self.mirrors.values()
        }
        held = {(nic, each) for nic, taken in self.world.held.items() for each in taken}
        assert ours <= held
        uncertain = "may stay checked out" in self.messages
        assert (
            uncertain
            or {
                (nic, each)
                for nic, each in held - ours
                if f"number {each} of {nic}" not in self.messages
            }
            == set()
        )

    def is_known(self, resource_id, used):
        """Return whether a filter or target is in use, or an answer named it."""
        return resource_id in used or resource_id in self.messages

    def sessions(self):
        """Return the sessions in EC2, by id."""
        return {each["TrafficMirrorSessionId"]: each for each in self.world.sessions}

    def find(self, mirror, number):
        """Return the id of the mirror's session, or None."""
        for session_id, (existing, its_number) in self.mirrors.items():
            if existing == mirror and number in (None, its_number):
                return session_id
        return None

    def is_possible(self, mirror, number):
        """Return whether AWS's rules, as the emulator has them, allow the mirror."""
        source, target = self.world.nic(mirror.source), self.world.nic(mirror.target)
        target_nics = {each["NetworkInterfaceId"] for each in self.world.targets}
        sessions = self.sessions().values()
        owner = (self.sandboxes[mirror.sandbox].id, "")
        source_nics = {each["NetworkInterfaceId"] for each in sessions}
        taken = [
            each["SessionNumber"]
            for each in sessions
            if each["NetworkInterfaceId"] == source
        ]
        return (
            source not in target_nics
            and (target in target_nics or target not in source_nics)
            and len(taken) < 3
            and number not in taken
            and self.world.pools.held().get(source, {}).get(number, owner)[0]
            == owner[0]
        )

    def forget(self, session_ids, *, must_go):
        """Drop removed sessions from the model; after a fault, only those now gone."""
        for session_id in session_ids:
            gone = session_id not in self.sessions()
            assert gone or not must_go
            if gone:
                del self.mirrors[session_id]


def test_random_commands_of_several_sandboxes(short_wait_lab, tally):
    """After random commands and faults the state matches the answers."""
    soak = os.environ.get("SOAK")
    run_state_machine_as_test(
        lambda: Sandboxes(short_wait_lab, tally),
        settings=settings(
            max_examples=int(soak or 25),
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=not soak,
            database=None,
            print_blob=True,
        ),
    )
