"""What Create decides, from what is wanted and what stands."""

import pytest

from traffic_mirroring import tags
from traffic_mirroring.models import (
    CreateAction,
    FilterRule,
    Mirror,
    Sandbox,
    Session,
    Target,
)
from traffic_mirroring.plan.create import (
    AlreadyExists,
    CreateMirror,
    CreateState,
    DuplicateOf,
    Rejected,
    plan_create,
)
from traffic_mirroring.topology import Attachments, Unchecked

HERE = Sandbox("res-1", "", "", "")
ELSEWHERE = Sandbox("res-2", "", "", "")

A, B, C = "eni-0000000a", "eni-0000000b", "eni-0000000c"
MIRROR = Mirror(A, C)
NARROW = Mirror(A, C, (FilterRule("ingress", 6, "0.0.0.0/0", "0.0.0.0/0"),))
UNSEEN = Attachments(Unchecked("not allowed"), Unchecked("not allowed"))
TARGET = Target("tmt-c", C, tags.target_tags(ELSEWHERE, C))


def standing(number, mirror=MIRROR, sandbox=HERE, target="tmt-c"):
    """Return a session as a sandbox's Create would have made it."""
    return Session(
        f"tms-{number}",
        mirror.source_nic_id,
        target,
        "tmf-0",
        number,
        tags.session_tags(sandbox, CreateAction("", mirror), number),
    )


def foreign(number, source=A):
    """Return a session that CloudShell didn't make."""
    return Session(f"tms-{number}", source, "tmt-x", "tmf-x", number, {})


def plan(*actions, targets=(), sessions=(), attachments=UNSEEN):
    """Plan mirrors, or (mirror, number) pairs, in sandbox HERE."""
    pairs = [each if isinstance(each, tuple) else (each, None) for each in actions]
    return plan_create(
        [CreateAction("", mirror, number) for mirror, number in pairs],
        CreateState(targets, sessions, attachments),
        HERE,
    )


def test_a_new_mirror_is_made_on_a_new_target():
    """Where nothing stands, everything is made."""
    assert [CreateMirror(CreateAction("", MIRROR), frozenset(), None)] == plan(MIRROR)


def test_a_target_that_exists_is_used_whoever_made_it():
    """There is one target per NIC."""
    assert [CreateMirror(CreateAction("", MIRROR), frozenset(), "tmt-c")] == plan(
        MIRROR, targets=[TARGET]
    )


def test_numbers_that_sessions_of_the_source_have_are_known_as_occupied():
    """The pool may think them free."""
    steps = plan(MIRROR, sessions=[foreign(1), foreign(7), foreign(9, source=B)])

    assert [CreateMirror(CreateAction("", MIRROR), frozenset({1, 7}), None)] == steps


def test_a_mirror_that_stands_is_found():
    """The same request again makes nothing."""
    session = standing(4)

    assert [AlreadyExists(session)] == plan(
        MIRROR, targets=[TARGET], sessions=[session]
    )


def test_a_mirror_that_stands_under_the_given_number_is_found():
    """A given number must be the session's."""
    session = standing(4)

    assert [AlreadyExists(session)] == plan(
        (MIRROR, 4), targets=[TARGET], sessions=[session]
    )


@pytest.mark.parametrize(
    "session",
    [
        standing(4, mirror=NARROW),
        standing(4, sandbox=ELSEWHERE),
        standing(4, target="tmt-other"),
        foreign(4),
    ],
    ids=["other rules", "another sandbox", "another target", "not CloudShell's"],
)
def test_a_session_that_is_not_the_mirror_is_not_taken_for_it(session):
    """Rules, sandbox and target must all be those that were asked for."""
    (step,) = plan(MIRROR, targets=[TARGET], sessions=[session])

    assert CreateMirror(CreateAction("", MIRROR), frozenset({4}), "tmt-c") == step


def test_a_mirror_that_stands_under_another_number_is_made_again():
    """A given number is part of what was asked for."""
    (step,) = plan((MIRROR, 5), targets=[TARGET], sessions=[standing(4)])

    assert CreateMirror(CreateAction("", MIRROR, 5), frozenset({4}), "tmt-c") == step


def test_equal_actions_are_one_mirror():
    """The second action follows the first."""
    assert [
        CreateMirror(CreateAction("", MIRROR), frozenset(), None),
        DuplicateOf(0),
    ] == plan(MIRROR, MIRROR)


def test_an_action_without_number_follows_its_equal_with_one():
    """The numbered one leads, wherever it stands."""
    assert [
        DuplicateOf(1),
        CreateMirror(CreateAction("", MIRROR, 5), frozenset(), None),
    ] == plan(MIRROR, (MIRROR, 5))


def test_equal_mirrors_under_two_numbers_are_two():
    """Each given number asks for a session of its own."""
    steps = plan((MIRROR, 5), (MIRROR, 6))

    assert [step.action.session_number for step in steps] == [5, 6]


def test_a_fourth_session_is_refused_naming_the_three():
    """AWS allows three sessions per source NIC."""
    (step,) = plan(MIRROR, sessions=[foreign(1), foreign(2), standing(3, NARROW)])

    assert isinstance(step, Rejected)
    for named in (A, "tms-1", "tms-2", "tms-3", "outside CloudShell", "sandbox res-1"):
        assert named in str(step.error)


def test_the_actions_of_the_request_count_as_sessions():
    """The fourth action on one source is refused naming the other three."""
    mirrors = [Mirror(A, f"eni-0000001{digit}") for digit in "1234"]

    *made, refused = plan(*mirrors)

    assert all(isinstance(step, CreateMirror) for step in made)
    assert "actions[0], actions[1], actions[2]" in str(refused.error)


def test_a_given_number_that_is_taken_is_refused_naming_by_what():
    """The error says which session has the number, and whose it is."""
    (step,) = plan((MIRROR, 7), sessions=[standing(7, NARROW, ELSEWHERE)])

    assert "number 7" in str(step.error)
    assert "tms-7 of sandbox res-2" in str(step.error)


def test_a_source_that_is_a_target_is_refused_naming_the_target():
    """AWS lets no NIC be both."""
    (step,) = plan(Mirror(C, A), targets=[TARGET])

    assert "tmt-c" in str(step.error)


def test_a_source_that_the_request_makes_a_target_is_refused():
    """The second action would make the first one's source a target."""
    first, second = plan(Mirror(A, B), Mirror(C, A))

    assert "actions[1]" in str(first.error)
    assert isinstance(second, CreateMirror)
