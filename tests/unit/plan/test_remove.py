"""What Remove decides, from what is named and what exists."""

from __future__ import annotations

from dataclasses import replace

from traffic_mirroring.models import Filter, RemoveAction, Sandbox, Session, Target
from traffic_mirroring.plan.remove import (
    Removal,
    RemoveState,
    plan_remove,
    unused_targets,
)

HERE = Sandbox("res-1", "", "", "")
OURS = {"ReservationId": "res-1", "CreatedBy": "Cloudshell"}
THEIRS = {"ReservationId": "res-2", "CreatedBy": "CloudShell"}

NIC = "eni-0000000c"
S1 = Session("tms-1", "eni-0000000a", "tmt-1", "tmf-1", 1, OURS)
S2 = Session("tms-2", "eni-0000000b", "tmt-1", "tmf-1", 2, OURS)
S3 = Session("tms-3", "eni-0000000d", "tmt-1", "tmf-3", 3, THEIRS)
S4 = Session("tms-4", "eni-0000000d", "tmt-1", "tmf-4", 4, {})
T1 = Target("tmt-1", NIC, THEIRS)
ORPHAN = Filter("tmf-5", {**OURS, "Name": f"filter-5_eni-0000000a_{NIC}"})
ELSEWHERE = Filter("tmf-6", {**OURS, "Name": "filter-5_eni-0000000a_eni-0000000f"})


def plan(action, *sessions, targets=(T1,), orphans=()):
    """Plan one action in sandbox HERE."""
    (removal,) = plan_remove([action], RemoveState(sessions, targets, orphans), HERE)
    return removal


def test_a_session_of_this_sandbox_is_removed():
    """By id, exactly that one."""
    assert Removal((S1,)) == plan(RemoveAction("", "tms-1"), S1, S2)


def test_a_session_that_is_gone_leaves_the_sandboxs_orphans():
    """Nothing says which of them was its filter."""
    removal = plan(RemoveAction("", "tms-9"), orphans=[ORPHAN, ELSEWHERE])

    assert Removal(orphans=(ORPHAN, ELSEWHERE)) == removal


def test_a_session_that_exists_leaves_the_orphans_alone():
    """They are other mirrors'."""
    assert Removal((S1,)) == plan(RemoveAction("", "tms-1"), S1, orphans=[ORPHAN])


def test_a_session_of_another_sandbox_is_an_error_that_names_it():
    """And nothing is removed."""
    removal = plan(RemoveAction("", "tms-3"), S1, S3)

    assert removal.sessions == removal.orphans == removal.targets == ()
    assert removal.not_ours == (S3,)
    assert "tms-3 of sandbox res-2" in str(removal.error)


def test_a_session_that_cloudshell_did_not_create_is_an_error():
    """By id, it is an error too."""
    assert "outside CloudShell" in str(plan(RemoveAction("", "tms-4"), S4).error)


def test_by_target_nic_other_sessions_are_left_alone():
    """Own sessions go, with the orphans and the targets of that NIC."""
    removal = plan(
        RemoveAction("", None, NIC), S1, S2, S3, S4, orphans=[ORPHAN, ELSEWHERE]
    )

    assert Removal((S1, S2), (ORPHAN,), (T1,), (S3, S4)) == removal


def test_a_target_that_cloudshell_created_may_be_deleted():
    """Whichever sandbox created it; EC2 refuses if a session uses it."""
    hand_made = Target("tmt-2", NIC, {"CreatedBy": "me"})

    assert unused_targets([T1, hand_made], [S1, S3], {"tms-1"}) == ["tmt-1"]


def test_a_target_that_another_account_uses_stays():
    """EC2 might delete it although the other account's session uses it."""
    shared = Target("tmt-1", NIC, OURS, owner_id="1")
    foreign = Session("tms-5", "eni-0000000d", "tmt-1", "tmf-4", 4, {}, owner_id="2")

    assert unused_targets([shared], [foreign], set()) == []
    assert unused_targets([shared], [foreign], {"tms-5"}) == ["tmt-1"]


def test_a_target_that_its_own_account_uses_is_left_to_ec2():
    """Its last session may be gone a moment later."""
    target = replace(T1, owner_id="1")
    sessions = [replace(S1, owner_id="1"), replace(S2, target_id="tmt-2", owner_id="2")]

    assert unused_targets([target], sessions, set()) == ["tmt-1"]
