"""Create: what EC2 is asked for, what is rolled back late, and every result's words."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from urllib3.exceptions import ProtocolError

from tests.unit.aws.fake_ec2 import refused
from tests.unit.flows.fakes import (
    MIRROR,
    SOURCE,
    TARGET,
    LateAccount,
    RunningInstances,
    action,
    command,
)
from traffic_mirroring.errors import Cancelled
from traffic_mirroring.flows.create import create
from traffic_mirroring.models import CreateAction, FilterRule, Mirror

THIRD, FOURTH = "eni-0000000c", "eni-0000000d"
RULES = tuple(
    FilterRule("ingress", 6, f"10.{number}.0.0/16", "0.0.0.0/0") for number in (3, 1, 2)
)


def one_session(account):
    """Return the account's only session, as EC2 shows it."""
    (item,) = account.items["session"].values()
    return item


def test_rules_are_numbered_from_one_in_the_order_given(account, pool):
    """EC2 evaluates them by number, in each direction."""
    create(command(account, pool), [action(Mirror(SOURCE, TARGET, RULES))])

    assert [
        (rule["RuleNumber"], rule["SourceCidrBlock"], rule["TrafficDirection"])
        for rule in account.rules
    ] == [
        (1, "10.3.0.0/16", "ingress"),
        (2, "10.1.0.0/16", "ingress"),
        (3, "10.2.0.0/16", "ingress"),
    ]


def test_network_services_are_added_to_the_filter(account, pool):
    """Only if they were given: the call needs a permission of its own."""
    create(command(account, pool), [action()])
    assert account.services == []
    assert account.calls["modify_traffic_mirror_filter_network_services"] == 0

    mirror = Mirror(SOURCE, THIRD, network_services=("amazon-dns",))
    (result,) = create(command(account, pool), [action(mirror)])

    assert result.success
    assert account.services == ["amazon-dns"]


@pytest.mark.parametrize(
    ("description", "shown"),
    [(None, f"1_{SOURCE}_{TARGET}"), ("for Ann", "for Ann")],
)
def test_a_session_is_described_by_the_user_or_by_its_name(
    account, pool, description, shown
):
    """The console shows it."""
    create(command(account, pool), [replace(action(), description=description)])

    assert one_session(account)["Description"] == shown


def test_each_result_has_its_actions_id_and_what_exists(account, pool):
    """In the order of the actions, also for a duplicate and one that fails."""
    actions = [
        CreateAction("first", MIRROR),
        CreateAction("same", MIRROR),
        CreateAction("clash", Mirror(SOURCE, THIRD), 1),
        CreateAction("other", replace(MIRROR, source_nic_id=THIRD)),
    ]
    first, same, clash, other = create(command(account, pool), actions)

    assert [each.action_id for each in (first, same, clash, other)] == [
        each.action_id for each in actions
    ]
    assert {each.type for each in (first, clash)} == {"CreateTrafficMirroring"}
    assert same.session == first.session != other.session
    assert clash.session is None or clash.session.number == 1
    assert first.info.split("; warning: ")[0] == (
        f"Session {first.session.id} mirrors {SOURCE} to {TARGET} with session number "
        f"{first.session.number} and VXLAN network 7"
    )


def test_an_existing_mirror_has_the_same_words(account, pool):
    """A caller that sends its request again sees no difference."""
    (first,) = create(command(account, pool), [action()])

    (again,) = create(command(account, pool), [action()])

    assert (again.info, again.error) == (first.info, None)


def test_a_rollback_repeats_what_ec2_neither_knows_nor_lists_yet(pool):
    """It has just created it, so NotFound doesn't mean that it is gone."""
    account = LateAccount()

    def check_cancelled():
        if account.items["session"]:
            # From now on; until then everything must be found.
            for kind in account.items:
                account._unknown |= dict.fromkeys(account.items[kind], 2)
            raise Cancelled

    context = command(account, pool, check_cancelled=check_cancelled)

    (result,) = create(context, [action()])

    assert "left behind" not in result.error
    assert account.counts == (0, 0, 0)
    assert pool.held == {}


@pytest.mark.parametrize("kind", ["filter", "session", "target"])
def test_what_can_not_be_deleted_is_named_by_its_id(account, pool, kind):
    """An admin can look for it."""

    def check_cancelled():
        if account.items["session"]:
            raise Cancelled

    account.errors[f"delete_traffic_mirror_{kind}"] = [refused("Unsupported")]
    context = command(account, pool, check_cancelled=check_cancelled)

    (result,) = create(context, [action()])

    (left,) = account.items[kind]
    assert (result.type, result.action_id) == ("CreateTrafficMirroring", "1")
    assert f"{kind} {left} (" in result.error
    assert "Unsupported: no" in result.error


def test_what_an_action_left_behind_is_named_also_if_the_command_is_cancelled(
    account, pool
):
    """It failed before, and its rollback could not delete the filter."""
    account.errors["create_traffic_mirror_session"] = [refused("Unsupported")]
    account.errors["delete_traffic_mirror_filter"] = [refused("Unsupported")]

    def check_cancelled():
        if account.items["session"]:
            raise Cancelled

    context = command(account, pool, check_cancelled=check_cancelled)

    failed, other = create(
        context, [action(), action(replace(MIRROR, source_nic_id=THIRD))]
    )

    (left,) = account.items["filter"]
    assert "cancelled" in failed.error
    assert f"filter {left} (Unsupported: no" in failed.error
    assert "left behind" not in other.error


def test_a_failed_mirror_is_logged_with_its_ends(account, pool, caplog):
    """With the traceback, for the shell's developers."""
    account.errors["create_traffic_mirror_filter"] = [refused("Unsupported")]

    create(command(account, pool), [action()])

    (record,) = [each for each in caplog.records if "not create" in each.msg]
    assert SOURCE in record.getMessage()
    assert TARGET in record.getMessage()
    assert "Unsupported" in str(record.exc_info[1])


def test_warnings_on_a_mirror_that_fails_are_kept(account, pool):
    """They are of use for the next attempt, as are those of one that succeeds."""
    (result,) = create(command(account, pool), [action()])
    warnings = result.info.partition("; ")[2]
    account.errors["create_traffic_mirror_session"] = [refused("Unsupported")]
    other = replace(MIRROR, packet_length=9)

    (failed,) = create(command(account, pool), [action(other)])

    assert warnings.startswith("warning: UDP 4789")
    assert warnings in failed.info
    assert "Unsupported: no" in failed.error


class WithoutTarget(RunningInstances):
    """Look-ups that don't find the target's NIC; the source's account is 1111."""

    def find_attachments(self, mirrors):
        found = super().find_attachments(mirrors)
        source = replace(found.nics[SOURCE], owner_id="1111")
        return replace(found, nics={SOURCE: source})


@pytest.mark.parametrize(
    ("owner", "note"),
    [
        ("1111", f"warning: {TARGET} does not exist any more"),
        ("2222", f"({TARGET} can't be seen)"),
    ],
)
def test_an_own_target_whose_nic_is_gone_is_a_warning(account, pool, owner, note):
    """The NIC of another account's target can't be seen."""
    account.add("target", NetworkInterfaceId=TARGET, OwnerId=owner)

    (result,) = create(command(account, pool, lookups=WithoutTarget()), [action()])

    assert result.success
    assert note in result.info


def test_a_target_whose_creation_was_not_answered_is_found_and_used(account, pool):
    """The call may have taken effect."""
    account.lost["create_traffic_mirror_target"] = refused("InternalError", "", 500)

    (result,) = create(command(account, pool), [action()])

    assert result.success
    assert account.counts == (1, 1, 1)


@pytest.mark.parametrize("kind", ["filter", "session"])
def test_a_create_without_an_answer_is_rolled_back_by_its_tags(account, pool, kind):
    """The call may have taken effect; nothing but its tags is known of it."""
    account.lost[f"create_traffic_mirror_{kind}"] = refused("InternalError", "", 500)

    (result,) = create(command(account, pool), [action()])

    assert not result.success
    assert account.counts == (0, 0, 0)
    assert pool.held == {}


@pytest.mark.parametrize("kind", ["filter", "session"])
def test_what_may_have_been_created_and_can_not_be_deleted_is_named(
    account, pool, kind
):
    """By its name in the console, since its id is unknown."""
    account.lost[f"create_traffic_mirror_{kind}"] = refused("InternalError", "", 500)
    account.errors[f"delete_traffic_mirror_{kind}"] = [refused("Unsupported")]

    (result,) = create(command(account, pool), [action()])

    (left,) = re.findall(rf"{kind} (\S+), if it was created \(Unsu", result.error)
    assert left.endswith(f"1_{SOURCE}_{TARGET}")


def test_a_target_that_can_not_be_created_fails_every_mirror_to_it(account, pool):
    """Both results have EC2's words; a mirror to another target is created."""
    account.errors["create_traffic_mirror_target"] = [refused("Unsupported")]
    other = Mirror(SOURCE, FOURTH)
    mirrors = [other, MIRROR, replace(MIRROR, source_nic_id=THIRD)]

    results = create(command(account, pool), [action(each) for each in mirrors])

    assert ["Unsupported: no" in (each.error or "") for each in results] == [
        False,
        True,
        True,
    ]
    assert account.counts == (1, 1, 1)
    assert [*pool.held.values()] == ["res-1"]


def test_a_given_number_that_another_sandbox_holds_has_advice(account, pool):
    """No session has it yet, so its holder can't be named, only the pool's reason."""
    create(command(account, pool), [action(Mirror(SOURCE, THIRD), number=9)])
    pool.held[SOURCE, 5] = "res-2"

    (result,) = create(command(account, pool), [action(number=5)])

    assert result.error == (
        f"Taking session number 5 of {SOURCE}: no such number is free; give another, "
        "or leave it out"
    )


def test_a_given_number_of_another_session_names_the_session(account, pool):
    """The user can remove it, or choose another number."""
    (other,) = create(command(account, pool, "res-2"), [action(number=5)])

    (result,) = create(
        command(account, pool), [action(replace(MIRROR, destination=THIRD), number=5)]
    )

    assert f"session {other.session.id}" in result.error.lower()
    assert account.counts == (1, 1, 1)


def test_a_wait_for_a_starting_target_ends_if_the_command_is_cancelled(account, pool):
    """Nothing is created."""
    looked = []

    def check_cancelled():
        if looked:
            raise Cancelled

    class Starting(RunningInstances):
        """Look-ups that find the target starting, and remember that they were made."""

        def find_attachments(self, mirrors):
            looked.append(mirrors)
            return super().find_attachments(mirrors)

    context = command(
        account,
        pool,
        lookups=Starting({TARGET: ["pending"]}),
        check_cancelled=check_cancelled,
    )

    (result,) = create(context, [action()])

    assert "cancelled" in result.error
    assert len(looked) == 1
    assert account.counts == (0, 0, 0)


def test_a_long_create_reports_its_progress(account, pool):
    """In the sandbox's output."""
    mirrors = [
        replace(MIRROR, source_nic_id=f"eni-000000{n:02x}") for n in range(16, 24)
    ]

    create(command(account, pool), [action(each) for each in mirrors])

    assert pool.messages[0] == "Creating traffic mirrors: 0 of 8 done"
    assert pool.messages[-1] == "Creating traffic mirrors: 8 of 8 done"


def test_a_number_that_another_process_has_just_used_is_not_released(account, pool):
    """The pool must not hand it out: the other session of this sandbox has it."""
    create(command(account, pool), [action(Mirror(SOURCE, THIRD), number=5)])
    del pool.held[SOURCE, 5]
    context = command(account, pool)
    shown = account.items["session"].copy()
    account.items["session"].clear()
    original = account.create_traffic_mirror_filter

    def show_the_session(**parameters):
        account.items["session"].update(shown)
        return original(**parameters)

    account.create_traffic_mirror_filter = show_the_session

    (result,) = create(context, [action(number=5)])

    assert not result.success
    assert f"session number 5 of {SOURCE} (" in result.error
    assert "it is in use" in result.error
    assert pool.held == {(SOURCE, 5): "res-1"}
    assert len(account.items["session"]) == 1


@pytest.mark.parametrize("looks", [0, 2])
def test_a_refused_mirror_that_another_process_has_just_created_exists(
    account, pool, looks
):
    """EC2 refuses the number, and lists the other's session at once or a bit later."""
    (first,) = create(command(account, pool), [action(number=5)])
    pool.held.clear()
    shown = dict(account.items["session"])
    hidden = [*range(looks + 1)]
    original = account.page

    def hide_the_session(operation, filters):
        found = original(operation, filters)
        if operation == "describe_traffic_mirror_sessions" and hidden:
            hidden.pop()
            return []
        return found

    account.page = hide_the_session

    (result,) = create(command(account, pool), [action(number=5)])

    assert result.session.id == first.session.id
    assert account.items["session"] == shown
    assert account.counts == (1, 1, 1)
    assert pool.held == {(SOURCE, 5): "res-1"}


def test_a_number_that_a_foreign_session_uses_is_released(account, pool):
    """Its owner holds it in the pool, or works outside CloudShell."""
    create(command(account, pool, "res-2"), [action(Mirror(SOURCE, THIRD), number=5)])
    del pool.held[SOURCE, 5]
    shown = account.items["session"].copy()
    account.items["session"].clear()
    original = account.create_traffic_mirror_filter

    def show_the_session(**parameters):
        account.items["session"].update(shown)
        return original(**parameters)

    account.create_traffic_mirror_filter = show_the_session

    (result,) = create(command(account, pool), [action(number=5)])

    assert not result.success
    assert "left behind" not in result.error
    assert pool.held == {}


def test_a_target_with_too_many_sources_names_the_limit_of_its_type(account, pool):
    """After EC2's error, since EC2 doesn't say how many are allowed."""
    account.errors["create_traffic_mirror_session"] = [
        refused("TrafficMirrorSourcesPerTargetLimitExceeded")
    ]

    (result,) = create(command(account, pool), [action()])

    assert "TrafficMirrorSourcesPerTargetLimitExceeded: no" in result.error
    assert "AWS allows 10 sources for a target on t3.micro" in result.error


def test_a_cancelled_command_says_so_for_a_mirror_that_existed_too(account, pool):
    """No result has warnings, and the mirror stays."""
    (first,) = create(command(account, pool), [action()])

    def check_cancelled():
        if len(account.items["session"]) == 2:
            raise Cancelled

    context = command(account, pool, check_cancelled=check_cancelled)
    other = action(replace(MIRROR, source_nic_id=THIRD))

    results = create(context, [action(), other])

    assert ["cancelled" in each.error for each in results] == [True, True]
    assert [each.info for each in results] == ["", ""]
    assert [*account.items["session"]] == [first.session.id]


def test_a_number_that_a_lost_answer_may_have_taken_is_mentioned(account, pool):
    """The pool chose it, and its answer was lost."""
    pool.held.update({(SOURCE, number): "res-2" for number in range(1, 5)})
    original = pool.CheckoutFromPool

    def lose_the_first_answer(criteria):
        taken = original(criteria)
        if "requestedRange" in criteria and (SOURCE, 6) not in pool.held:
            raise ProtocolError("gone")
        return taken

    pool.CheckoutFromPool = lose_the_first_answer

    (result,) = create(command(account, pool), [action()])

    assert result.session.number == 6
    assert f"another session number of {SOURCE} may stay checked out" in result.info
