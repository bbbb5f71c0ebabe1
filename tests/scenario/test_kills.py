"""
The driver process is killed right after each kind of call that changes something.

`make kills` kills it after every such call and at random moments.
"""

from __future__ import annotations

import pytest

from emulator.lab import Lab
from reliability.kill_points import AfterCall
from reliability.killed_commands import KilledCommands

CREATE = "Create with given numbers"
KINDS = [
    *(
        (CREATE, operation)
        for operation in (
            "CheckoutFromPool",
            "CreateTrafficMirrorTarget",
            "CreateTrafficMirrorFilter",
            "CreateTrafficMirrorFilterRule",
            "ModifyTrafficMirrorFilterNetworkServices",
            "CreateTrafficMirrorSession",
        )
    ),
    ("RemoveTrafficMirroring", "DeleteTrafficMirrorSession"),
    ("CleanupSandboxInfra", "DeleteTrafficMirrorFilter"),
    ("CleanupSandboxInfra", "DeleteTrafficMirrorTarget"),
    ("RemoveTrafficMirroring", "ReleaseFromPool"),
]


@pytest.fixture(scope="module")
def trials(lab: Lab) -> KilledCommands:
    """Start with Apps and another sandbox's mirror."""
    return KilledCommands(lab)


@pytest.mark.parametrize(("command", "operation"), KINDS)
def test_after_a_kill_the_request_can_be_sent_again(trials, tally, command, operation):
    """Then the mirrors are right, and after Cleanup nothing is left in EC2."""
    trial = trials.run(command, AfterCall(operation))

    assert trial.killed
    if command == CREATE:
        assert trial.numbers == frozenset()
    tally["kills"] += 1


@pytest.mark.parametrize("command", [CREATE, "RemoveTrafficMirroring"])
def test_every_kind_of_call_is_tried(trials, command):
    """A new kind of writing call needs a case here."""
    assert set(trials.count_calls(command)) <= {operation for _, operation in KINDS}
