"""What Remove decides, from what is named and what stands."""

from traffic_mirroring.models import Filter, RemoveAction, Sandbox, Session, Target
from traffic_mirroring.plan.remove import (
    Removal,
    RemoveState,
    free_filters,
    free_targets,
    plan_remove,
)

HERE = Sandbox("res-1", "", "", "")
OURS = {"ReservationId": "res-1", "CreatedBy": "Cloudshell"}
THEIRS = {"ReservationId": "res-2", "CreatedBy": "CloudShell"}

NIC = "eni-0000000c"
S1 = Session("tms-1", "eni-0000000a", "tmt-1", "tmf-1", 1, OURS)
S2 = Session("tms-2", "eni-0000000b", "tmt-1", "tmf-1", 2, OURS)
S3 = Session("tms-3", "eni-0000000d", "tmt-1", "tmf-3", 3, THEIRS)
S4 = Session("tms-4", "eni-0000000d", "tmt-1", "tmf-4", 4, {})
F1, F3 = Filter("tmf-1", OURS), Filter("tmf-3", THEIRS)
T1 = Target("tmt-1", NIC, THEIRS)


def state(*sessions, targets=(T1,), filters=(F1, F3)):
    """Return what stands."""
    return RemoveState(sessions, targets, filters)


def plan(*actions, around):
    """Plan actions in sandbox HERE."""
    return plan_remove(actions, around, HERE)


def test_a_session_of_this_sandbox_is_removed():
    """By id, exactly that one."""
    assert [Removal((S1,))] == plan(RemoveAction("", "tms-1"), around=state(S1, S2))


def test_a_session_that_is_gone_is_nothing_to_remove():
    """What is already gone is success."""
    assert [Removal()] == plan(RemoveAction("", "tms-9"), around=state(S1))


def test_a_session_of_another_sandbox_is_refused_naming_it():
    """By id, a foreign session is an error that says whose it is."""
    (removal,) = plan(RemoveAction("", "tms-3"), around=state(S1, S3))

    assert removal.sessions == ()
    assert "tms-3 of sandbox res-2" in str(removal.error)


def test_a_session_that_cloudshell_did_not_make_is_refused():
    """By id, it is an error too."""
    (removal,) = plan(RemoveAction("", "tms-4"), around=state(S4))

    assert "outside CloudShell" in str(removal.error)


def test_by_target_foreign_sessions_are_left_alone():
    """Own sessions go, the others are told apart."""
    (removal,) = plan(RemoveAction("", None, NIC), around=state(S1, S2, S3, S4))

    assert Removal((S1, S2), (S3, S4)) == removal


def test_a_filter_goes_with_its_last_session():
    """A filter that another session uses stays."""
    assert free_filters(state(S1, S2), {"tms-1"}, HERE) == []
    assert free_filters(state(S1, S2), {"tms-1", "tms-2"}, HERE) == ["tmf-1"]


def test_a_foreign_filter_stays():
    """Only this sandbox's filters are removed."""
    session = Session("tms-1", "eni-0000000a", "tmt-1", "tmf-3", 1, OURS)

    around = state(session, filters=[F3])

    assert free_filters(around, {"tms-1"}, HERE) == []


def test_a_target_goes_with_its_last_session_whichever_sandbox_made_it():
    """Or nobody would ever delete it."""
    assert free_targets(state(S1, S3), {"tms-1"}, HERE) == []
    assert free_targets(state(S1), {"tms-1"}, HERE) == ["tmt-1"]


def test_a_target_that_cloudshell_did_not_make_stays():
    """It was there before CloudShell came."""
    found = Target("tmt-1", NIC, {"CreatedBy": "me"})

    assert free_targets(state(S1, targets=[found]), {"tms-1"}, HERE) == []


def test_an_idle_target_goes_if_it_is_this_sandboxs():
    """An earlier removal may have left it; another sandbox may need its own soon."""
    idle = Target("tmt-5", NIC, OURS)

    assert free_targets(state(targets=[T1, idle]), set(), HERE) == ["tmt-5"]
