"""What Create decides, from what is requested and what exists."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traffic_mirroring import tags
from traffic_mirroring.models import (
    CreateAction,
    Filter,
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
from traffic_mirroring.plan.existing import Resources
from traffic_mirroring.topology import Attachments, Nic, Unchecked

HERE = Sandbox("res-1", "", "", "")
ELSEWHERE = Sandbox("res-2", "", "", "")

A, B, C = "eni-0000000a", "eni-0000000b", "eni-0000000c"
MIRROR = Mirror(A, C)
NARROW = Mirror(A, C, (FilterRule("ingress", 6, "0.0.0.0/0", "0.0.0.0/0"),))
UNSEEN = Attachments(Unchecked("not allowed"), Unchecked("not allowed"))
TARGET = Target("tmt-c", C, tags.target_tags(ELSEWHERE, C, {}))


def existing(number, mirror=MIRROR, sandbox=HERE, target="tmt-c"):
    """Return a session as a sandbox's Create would have created it."""
    return Session(
        f"tms-{number}",
        mirror.source_nic_id,
        target,
        f"tmf-{len(mirror.rules)}",
        number,
        tags.session_tags(sandbox, CreateAction("", mirror), number),
    )


def foreign(number, source=A):
    """Return a session that CloudShell didn't create."""
    return Session(f"tms-{number}", source, "tmt-x", "tmf-x", number, {})


FILTERS = tuple(
    Filter(f"tmf-{len(each.rules)}", {}, each.rules) for each in (MIRROR, NARROW)
)


def plan(*actions, targets=(), sessions=(), attachments=UNSEEN, filters=FILTERS):
    """Plan mirrors, or (mirror, number) pairs, in sandbox HERE."""
    pairs = [each if isinstance(each, tuple) else (each, None) for each in actions]
    actions = [CreateAction("", mirror, number) for mirror, number in pairs]
    return plan_actions(
        *actions,
        targets=targets,
        sessions=sessions,
        attachments=attachments,
        filters=filters,
    )


def plan_actions(
    *actions, targets=(), sessions=(), attachments=UNSEEN, filters=FILTERS
):
    """Plan actions in sandbox HERE; return their steps."""
    steps = plan_create(
        dict(enumerate(actions)),
        CreateState(Resources(targets, sessions, filters), attachments),
        HERE,
    )
    assert list(steps) == list(range(len(actions)))
    return list(steps.values())


def created(mirror=MIRROR, number=1, *, given=None, highest=None, target=None):
    """Return the step that creates a mirror, the only one on its source."""
    highest = highest or number
    spare = () if given else (highest + 1, highest + 2, highest + 3)
    return CreateMirror(CreateAction("", mirror, given), number, highest, target, spare)


def test_a_new_mirror_is_created_on_a_new_target():
    """With the lowest number."""
    assert [created()] == plan(MIRROR)


def test_a_target_that_exists_is_used_whoever_created_it():
    """There is one target per NIC."""
    assert [created(target="tmt-c")] == plan(MIRROR, targets=[TARGET])


def test_only_the_nic_of_a_new_target_must_be_known():
    """A target that exists may be another account's, whose NICs can't be seen."""
    nic = Nic(A, True, "vpc-1", "subnet-1", "10.0.0.1", frozenset())
    seen = Attachments({A: nic}, {})

    (on_existing,) = plan(MIRROR, targets=[TARGET], attachments=seen)
    (on_new,) = plan(MIRROR, attachments=seen)

    assert on_existing == created(target="tmt-c")
    assert f"{C} can't be found" in str(on_new.error)


def test_of_several_targets_the_lowest_id_is_used():
    """So that all commands choose the same one."""
    others = [replace(TARGET, id=each) for each in ("tmt-b", "tmt-a", "tmt-d")]

    assert [created(target="tmt-a")] == plan(MIRROR, targets=[TARGET, *others])


def test_numbers_that_sessions_of_the_source_have_are_skipped():
    """The pool may think them free."""
    sessions = [foreign(1), foreign(7), foreign(2, source=B)]

    assert [created(number=2, highest=7)] == plan(MIRROR, sessions=sessions)


def test_numbers_are_allocated_around_the_given_ones():
    """Also around those of later actions; the next free one is above all of them."""
    mirrors = [replace(MIRROR, packet_length=length) for length in (1, 2)]

    steps = plan(mirrors[0], (MIRROR, 1), mirrors[1])

    assert [(step.number, step.highest_number) for step in steps] == [
        (2, 3),
        (1, 3),
        (3, 3),
    ]


def test_actions_on_one_source_have_different_spare_numbers():
    """So that none takes another's; an action with a given number has none."""
    mirrors = [replace(MIRROR, packet_length=length) for length in (1, 2)]

    steps = plan(mirrors[0], (MIRROR, 1), mirrors[1])

    assert [step.spare_numbers for step in steps] == [(4, 7, 10), (), (6, 9, 12)]


def test_spare_numbers_end_with_the_highest_possible_number():
    """The pool then chooses from the lowest on."""
    (step,) = plan(MIRROR, sessions=[foreign(32_765)])

    assert step.spare_numbers == (32_766,)


@pytest.mark.parametrize("number", [None, 4])
def test_a_mirror_that_exists_is_found(number):
    """A given number must be the session's."""
    session = existing(4)

    assert [AlreadyExists(session)] == plan(
        (MIRROR, number), targets=[TARGET], sessions=[session]
    )


def test_a_mirror_on_any_of_several_targets_is_found():
    """Whichever of them its session uses."""
    session = existing(4)
    lower = replace(TARGET, id="tmt-a")

    assert [AlreadyExists(session)] == plan(
        MIRROR, targets=[lower, TARGET], sessions=[session]
    )


@pytest.mark.parametrize(
    "session",
    [
        existing(4, mirror=NARROW),
        existing(4, sandbox=ELSEWHERE),
        foreign(4),
    ],
    ids=["other rules", "another sandbox", "not CloudShell's"],
)
def test_a_session_that_is_another_mirror_is_not_taken_for_it(session):
    """Rules and sandbox must be those of the request."""
    (step,) = plan(MIRROR, targets=[TARGET], sessions=[session])

    assert created(highest=4, target="tmt-c") == step


def test_a_mirror_that_exists_with_another_number_is_created_again():
    """A given number is part of the request."""
    (step,) = plan((MIRROR, 5), targets=[TARGET], sessions=[existing(4)])

    assert created(number=5, given=5, target="tmt-c") == step


@pytest.mark.parametrize(
    ("session", "filters", "named"),
    [
        (
            replace(existing(4), packet_length=9),
            FILTERS,
            "packetLength is 9, not absent",
        ),
        (existing(4, target="tmt-x"), FILTERS, "target is tmt-x"),
        (existing(4), (), "filter can't be found"),
        (
            replace(existing(4), filter_id="tmf-1"),
            FILTERS,
            "egress rule 1 is absent, not accept protocol all",
        ),
        (
            existing(4),
            (replace(FILTERS[0], network_services=("amazon-dns",)),),
            "networkServices is amazon-dns, not absent",
        ),
    ],
    ids=["packet length", "target", "no filter", "rules", "network services"],
)
def test_a_session_that_was_changed_is_reported(session, filters, named):
    """With the session and every difference; nothing is planned for it."""
    (step,) = plan(MIRROR, targets=[TARGET], sessions=[session], filters=filters)

    assert isinstance(step, Rejected)
    assert "tms-4" in str(step.error)
    assert named in str(step.error)


def test_what_a_request_leaves_to_ec2_is_no_difference():
    """A VXLAN network, and a load balancer's packet length."""
    arn = "arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/net/x/0"
    mirror = Mirror(A, arn)
    session = replace(existing(4, mirror), virtual_network_id=77, packet_length=8500)

    assert [AlreadyExists(session)] == plan(
        mirror, targets=[replace(TARGET, destination=arn)], sessions=[session]
    )


def test_a_requested_vxlan_network_must_be_the_sessions():
    """It is what the capture machine listens to."""
    mirror = replace(MIRROR, virtual_network_id=5)
    session = replace(existing(4, mirror), virtual_network_id=77)

    (step,) = plan(mirror, targets=[TARGET], sessions=[session])

    assert "virtualNetworkId is 77, not 5" in str(step.error)


def act(mirror=MIRROR, number=None, *, dry=False):
    """Return an action."""
    return CreateAction("", mirror, number, dry_run=dry)


def test_dry_runs_count_for_each_other():
    """Three sessions fit on a source, and each has its own number."""
    mirrors = [Mirror(A, f"eni-0000001{digit}") for digit in "1234"]

    *planned, rejected = plan_actions(*(act(each, dry=True) for each in mirrors))

    assert [step.number for step in planned] == [1, 2, 3]
    assert "actions[0], actions[1], actions[2]" in str(rejected.error)


def test_a_dry_run_comes_after_the_other_actions():
    """It sees them as done; they don't see it, wherever it is in the request."""
    first, second = plan_actions(act(NARROW, dry=True), act(MIRROR))

    assert (first.number, second.number) == (2, 1)
    assert second.highest_number == 1


def test_a_dry_run_takes_no_number_from_other_actions():
    """Not even a given one."""
    first, second = plan_actions(act(NARROW, 1, dry=True), act(MIRROR))

    assert second.number == 1
    assert "Session number 1 of eni-0000000a is taken by actions[1]" in str(first.error)


def test_a_mirror_is_created_though_a_dry_run_of_it_comes_first():
    """The dry run follows the action that creates the mirror."""
    first, second = plan_actions(act(number=5, dry=True), act(number=5))

    assert first == DuplicateOf(1)
    assert second == CreateMirror(act(number=5), 5, 5, None)


def test_a_dry_run_makes_no_target_of_a_source():
    """It only sees that its own source would be a target."""
    first, second = plan_actions(act(Mirror(C, A), dry=True), act(Mirror(A, B)))

    assert isinstance(first, CreateMirror)
    assert isinstance(second, CreateMirror)

    (dry, real) = plan_actions(act(Mirror(A, B), dry=True), act(Mirror(C, A)))
    assert "is the target of actions[1]" in str(dry.error)
    assert isinstance(real, CreateMirror)


SOME_ACTIONS = st.builds(
    act,
    st.builds(
        Mirror,
        st.sampled_from([A, B]),
        st.sampled_from([B, C, "eni-0000000d"]),
        packet_length=st.sampled_from([None, 9]),
    ),
    st.sampled_from([None, None, 1, 2]),
    dry=st.booleans(),
)
SOME_SESSIONS = st.lists(
    st.sampled_from([existing(2), foreign(1), foreign(3, source=B)]),
    unique_by=lambda session: session.id,
)


def without_flag(step):
    """Return the step as if its action were no dry run."""
    if isinstance(step, CreateMirror):
        return replace(step, action=replace(step.action, dry_run=False))
    return repr(step)


@given(st.lists(SOME_ACTIONS, max_size=6), SOME_SESSIONS)
def test_dry_runs_are_planned_as_the_actions_that_they_try(actions, sessions):
    """A request of dry runs has the same steps as one without dryRun."""
    dry, real = (
        plan_actions(
            *(replace(each, dry_run=flag) for each in actions),
            targets=[TARGET],
            sessions=sessions,
        )
        for flag in (True, False)
    )

    assert list(map(without_flag, dry)) == list(map(without_flag, real))


@given(st.lists(SOME_ACTIONS, max_size=6), SOME_SESSIONS)
def test_dry_runs_change_no_other_step(actions, sessions):
    """The other actions are planned as if the request had no dry runs."""
    indexes = [index for index, each in enumerate(actions) if not each.dry_run]
    state = CreateState(Resources([TARGET], sessions, FILTERS), UNSEEN)

    mixed = plan_create(dict(enumerate(actions)), state, HERE)
    alone = plan_create({index: actions[index] for index in indexes}, state, HERE)

    assert repr({index: mixed[index] for index in indexes}) == repr(alone)


def test_a_number_that_another_action_has_is_refused():
    """Requests are checked for it, but an App's name can mean the same source."""
    first, second = plan((MIRROR, 5), (NARROW, 5))

    assert first.number == 5
    assert "Session number 5 of eni-0000000a is taken by actions[0]" in str(
        second.error
    )


def test_equal_actions_are_one_mirror():
    """The second action follows the first."""
    assert [created(), DuplicateOf(0)] == plan(MIRROR, MIRROR)


def test_an_action_without_number_follows_its_equal_with_one():
    """Whichever of the two comes first."""
    assert [DuplicateOf(1), created(number=5, given=5)] == plan(MIRROR, (MIRROR, 5))


def test_equal_mirrors_under_two_numbers_are_two():
    """Each given number asks for a session of its own."""
    steps = plan((MIRROR, 5), (MIRROR, 6))

    assert [step.action.session_number for step in steps] == [5, 6]


def test_a_fourth_session_is_refused_naming_the_three():
    """AWS allows three sessions per source NIC."""
    (step,) = plan(MIRROR, sessions=[foreign(1), foreign(2), existing(3, NARROW)])

    assert isinstance(step, Rejected)
    for named in (A, "tms-1", "tms-2", "tms-3", "outside CloudShell", "sandbox res-1"):
        assert named in str(step.error)


def test_the_actions_of_the_request_count_as_sessions():
    """The fourth action on one source is refused naming the other three."""
    mirrors = [Mirror(A, f"eni-0000001{digit}") for digit in "1234"]

    *planned, rejected = plan(*mirrors)

    assert all(isinstance(step, CreateMirror) for step in planned)
    assert "actions[0], actions[1], actions[2]" in str(rejected.error)


def test_a_given_number_that_is_taken_is_refused_naming_by_what():
    """The error says which session has the number, and whose it is."""
    (step,) = plan((MIRROR, 7), sessions=[existing(7, NARROW, ELSEWHERE)])

    assert f"number 7 of {A} is taken by session tms-7 of sandbox res-2" in str(
        step.error
    )


def test_a_source_that_is_a_target_is_refused_naming_the_target():
    """AWS lets no NIC be both."""
    (step,) = plan(Mirror(C, A), targets=[TARGET])

    assert "tmt-c" in str(step.error)


def test_a_source_that_the_request_makes_a_target_is_refused():
    """The second action would make the first one's source a target."""
    first, second = plan(Mirror(A, B), Mirror(C, A))

    assert "actions[1]" in str(first.error)
    assert isinstance(second, CreateMirror)
