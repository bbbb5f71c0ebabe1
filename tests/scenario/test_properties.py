"""
Random commands of several sandboxes, with and without faults, against a simple model.

The model knows which sessions should stand. After every command EC2 and the pools must
hold those sessions with what belongs to them, and else only what an answer named.
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
from tests.scenario.conftest import cleanup, foreign_session, fresh

APPS = ["a", "b", "c", "d", "foreign-source", "foreign-target", "foreign-idle"]
RULES = [
    [],
    [{"direction": "ingress", "protocol": "tcp"}],
    [
        {"direction": "egress", "protocol": "udp"},
        {"direction": "egress", "protocol": 1},
    ],
]

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
        method=st.sampled_from(["CheckoutFromPool", "ReleaseFromPool"]),
        after_effect=st.booleans(),
        drop_connection=st.just(True),
    ),
)


@dataclass(frozen=True)
class Mirror:
    """A mirror that should stand, as it was asked for."""

    sandbox: int
    source: str
    target: str
    rules: int


class Sandboxes(RuleBasedStateMachine):
    """Three sandboxes share the NICs of one account."""

    def __init__(self, lab, tally) -> None:
        super().__init__()
        self.world = fresh(lab)
        self.sandbox = self.world.new_sandbox(*APPS)
        self.world.sandbox = self.sandbox
        others = [self.world.new_sandbox("x") for _ in range(2)]
        self.sandboxes = [self.sandbox, *others]
        self.foreign = foreign_session(
            self.world, "foreign-source", 1, target="foreign-target"
        )
        idle = self.world.client.create_traffic_mirror_target(
            NetworkInterfaceId=self.world.nic("foreign-idle")
        )
        self.foreign_target = idle["TrafficMirrorTarget"]["TrafficMirrorTargetId"]
        self.mirrors: dict[str, tuple[Mirror, int]] = {}
        self.named = ""
        self.tally = tally
        tally["sequences of commands"] += 1

    def run(self, fault, command):
        """Run a command, perhaps with a fault; return its results."""
        self.world.ec2.faults.clear()
        self.world.pools.faults.clear()
        if isinstance(fault, Fault):
            self.world.ec2.faults.append(fault)
        elif fault:
            self.world.pools.faults.append(fault)
        results = command()
        self.world.ec2.faults.clear()
        self.world.pools.faults.clear()
        self.named += " ".join(
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
        """Ask for a mirror; it stands already, can't be, or is made."""
        if source == destination:
            return
        mirror = Mirror(sandbox, source, destination, rules)
        standing = self.find(mirror, number)
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

        if standing:
            assert result["sessionId"] == standing
        elif fault is None:
            assert result["success"] == possible, result
        if result["success"] and not standing:
            made = self.sessions()[result["sessionId"]]
            assert number in (None, made["SessionNumber"])
            self.mirrors[result["sessionId"]] = (mirror, made["SessionNumber"])

    @rule(sandbox=sandboxes, nth=st.integers(0, 8), fault=faults)
    def remove_session(self, sandbox, nth, fault):
        """Remove a session, one's own or another sandbox's."""
        if not self.mirrors:
            return
        session_id = sorted(self.mirrors)[nth % len(self.mirrors)]
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
        """Remove a sandbox's sessions to a target."""
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
            fault, lambda: [cleanup(self.world, self.sandboxes[sandbox])]
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
    def what_stands_is_what_the_answers_say(self):
        """No orphan, no number without session or the reverse, nothing foreign gone."""
        sessions = self.sessions()
        assert sessions.keys() == {self.foreign, *self.mirrors}
        used = {each["TrafficMirrorFilterId"] for each in sessions.values()}
        used |= {each["TrafficMirrorTargetId"] for each in sessions.values()}
        used.add(self.foreign_target)
        standing = [each["TrafficMirrorFilterId"] for each in self.world.filters]
        standing += [each["TrafficMirrorTargetId"] for each in self.world.targets]
        assert used <= set(standing)
        assert [each for each in standing if not self.is_known(each, used)] == []
        ours = {
            (self.world.nic(mirror.source), number)
            for mirror, number in self.mirrors.values()
        }
        held = {(nic, each) for nic, taken in self.world.held.items() for each in taken}
        assert ours <= held
        in_doubt = "may stay checked out" in self.named
        assert (
            in_doubt
            or {
                (nic, each)
                for nic, each in held - ours
                if f"number {each} of {nic}" not in self.named
            }
            == set()
        )

    def is_known(self, thing, used):
        """Tell whether a filter or target is in use, or was named as left behind."""
        return thing in used or thing in self.named

    def sessions(self):
        """Return the sessions that stand in EC2, by id."""
        return {each["TrafficMirrorSessionId"]: each for each in self.world.sessions}

    def find(self, mirror, number):
        """Return the session in which this mirror stands."""
        for session_id, (standing, its_number) in self.mirrors.items():
            if standing == mirror and number in (None, its_number):
                return session_id
        return None

    def is_possible(self, mirror, number):
        """Tell whether AWS's rules, as the emulator has them, allow the mirror."""
        source, target = self.world.nic(mirror.source), self.world.nic(mirror.target)
        target_nics = {each["NetworkInterfaceId"] for each in self.world.targets}
        sessions = self.sessions().values()
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
            and number not in {*taken, *self.world.held.get(source, ())}
        )

    def forget(self, session_ids, *, must_go):
        """Take removed sessions out of the model; after a fault, those that went."""
        for session_id in session_ids:
            gone = session_id not in self.sessions()
            assert gone or not must_go
            if gone:
                del self.mirrors[session_id]


def test_random_commands_of_several_sandboxes(quick_lab, tally):
    """Whatever is asked for in whatever order, what stands is what was answered."""
    soak = os.environ.get("SOAK")
    run_state_machine_as_test(
        lambda: Sandboxes(quick_lab, tally),
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
