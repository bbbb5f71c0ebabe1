"""Create: what exists afterwards in EC2 and in the pool, and what the results say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from urllib3.exceptions import ProtocolError

from tests.unit.aws.fake_ec2 import refused
from tests.unit.flows.fakes import (
    MIRROR,
    SOURCE,
    TARGET,
    RunningInstances,
    action,
    command,
)
from traffic_mirroring.errors import Cancelled
from traffic_mirroring.flows.create import create
from traffic_mirroring.models import FilterRule, Mirror


def only(account, kind):
    """Return the one resource of a kind."""
    (item,) = account.items[kind].values()
    return item


def tags(item):
    """Return a resource's tags."""
    return {tag["Key"]: tag["Value"] for tag in item["Tags"]}


def test_a_mirror_gets_a_session_filter_target_and_number(account, pool):
    """The result names the session, and the pool holds its number."""
    (result,) = create(command(account, pool), [action()])

    assert result.success
    assert result.session.id in account.items["session"]
    assert account.counts == (1, 1, 1)
    assert pool.held == {(SOURCE, 1): "res-1"}
    assert len(account.rules) == 4


def test_every_resource_has_the_ownership_tags_and_the_users(account, pool):
    """Rules included, set in the create call itself."""
    mine = replace(action(), tags={"cost": "42"})

    create(command(account, pool), [mine])

    rule_tags = [
        {tag["Key"]: tag["Value"] for tag in rule["TagSpecifications"][0]["Tags"]}
        for rule in account.rules
    ]
    for found in [tags(only(account, kind)) for kind in account.items] + rule_tags:
        assert found["ReservationId"] == "res-1"
        assert found["CreatedBy"] == "Cloudshell"
        assert found["cost"] == "42"
    filter_tags = tags(only(account, "filter"))
    assert filter_tags["MirrorSource"] == SOURCE
    assert filter_tags["MirrorDestination"] == TARGET
    assert filter_tags["MirrorSessionNumber"] == "1"


def test_the_same_request_again_creates_nothing(account, pool):
    """It returns the session that exists."""
    (first,) = create(command(account, pool), [action()])
    before = account.counts

    (again,) = create(command(account, pool), [action()])

    assert again.session.id == first.session.id
    assert account.counts == before
    assert pool.held == {(SOURCE, 1): "res-1"}


def test_mirrors_of_one_request_between_two_nics_name_each_other(account, pool):
    """Their order is that of the session numbers; other mirrors are not named."""
    first, second = action(), action(replace(MIRROR, packet_length=9))
    other = action(replace(MIRROR, destination="eni-0000000c"))

    results = create(command(account, pool), [first, second, second, other])

    ids = [result.session.id for result in results]
    assert f"session {ids[1]} of this sandbox also mirrors" in results[0].info
    assert "gets only packets that this one does not accept" in results[0].info
    assert f"session {ids[0]} of this sandbox also mirrors" in results[1].info
    assert "gets each packet first" in results[1].info
    assert results[2].info == results[1].info
    assert "also mirrors" not in results[3].info


def test_a_mirror_on_any_of_several_targets_exists(account, pool):
    """A second target on the NIC makes no second mirror."""
    create(command(account, pool), [action()])
    for name in ("tmt-00000000", "tmt-ffffffff"):
        account.items["target"][name] = {
            "TrafficMirrorTargetId": name,
            "NetworkInterfaceId": TARGET,
        }

    (again,) = create(command(account, pool), [action()])

    assert again.success
    assert len(account.items["session"]) == 1


def test_new_mirrors_use_the_target_with_the_lowest_id(account, pool):
    """So all commands choose the same one."""
    for name in ("tmt-00000002", "tmt-00000001", "tmt-00000003"):
        account.items["target"][name] = {
            "TrafficMirrorTargetId": name,
            "NetworkInterfaceId": TARGET,
        }

    create(command(account, pool), [action()])

    assert only(account, "session")["TrafficMirrorTargetId"] == "tmt-00000001"


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        (lambda account: only(account, "filter").clear_rules(), "rule 1 is absent"),
        (
            lambda account: only(account, "session").update(PacketLength=9),
            "packetLength",
        ),
        (
            lambda account: only(account, "session").update(
                TrafficMirrorTargetId=account.add("target", NetworkInterfaceId="eni-9")
            ),
            "its target is",
        ),
        (
            lambda account: only(account, "filter").update(
                NetworkServices=["amazon-dns"]
            ),
            "networkServices is amazon-dns, not absent",
        ),
        (
            lambda account: only(account, "session").update(TrafficMirrorFilterId="x"),
            "its filter can't be found",
        ),
    ],
    ids=["rules", "packet length", "target", "services", "filter"],
)
def test_a_session_that_was_changed_by_hand_is_reported(
    account, pool, change, difference
):
    """The action fails with the difference, and nothing is touched."""
    create(command(account, pool), [action()])
    item = only(account, "filter")
    account.items["filter"][item["TrafficMirrorFilterId"]] = ClearableFilter(item)
    change(account)
    before = account.counts

    (result,) = create(command(account, pool), [action()])

    assert result.session is None
    assert only(account, "session")["TrafficMirrorSessionId"] in result.error
    assert difference in result.error
    assert account.counts == before


class ClearableFilter(dict):
    """A filter item whose rules can be deleted."""

    def clear_rules(self):
        """Delete all rules."""
        for key in ("IngressFilterRules", "EgressFilterRules"):
            self.pop(key)


def test_a_number_that_was_left_to_the_pool_may_change(account, pool):
    """It is no difference; a given number is one."""
    create(command(account, pool), [action()])
    only(account, "session")["SessionNumber"] = 9

    (same,) = create(command(account, pool), [action()])
    assert same.success
    assert same.session.number == 9

    (other,) = create(command(account, pool), [action(number=1)])
    assert "its number is 9, not 1" in other.error


def test_a_session_changed_into_the_requested_mirror_is_that_mirror(account, pool):
    """EC2's state decides, whatever was requested once."""
    create(command(account, pool), [action()])
    only(account, "session")["PacketLength"] = 100

    (result,) = create(
        command(account, pool), [action(replace(MIRROR, packet_length=100))]
    )

    assert result.success
    assert len(account.items["session"]) == 1


@pytest.mark.parametrize("number", [None, 5])
def test_a_number_held_for_a_deleted_session_is_used_again(account, pool, number):
    """The session was deleted outside CloudShell; the pool still holds its number."""
    create(command(account, pool), [action(number=number)])
    account.items["session"].clear()

    (result,) = create(command(account, pool), [action(number=number)])

    assert result.session.number == (number or 1)
    assert pool.held == {(SOURCE, number or 1): "res-1"}


def test_a_given_number_that_another_sandbox_holds_is_an_error(account, pool):
    """It has no session yet, so only the pool's words can be given."""
    pool.held[SOURCE, 5] = "res-2"

    (result,) = create(command(account, pool), [action(number=5)])

    assert "Taking session number 5" in result.error
    assert pool.held == {(SOURCE, 5): "res-2"}
    assert account.counts == (0, 0, 0)


@pytest.mark.parametrize(
    ("held", "expected"), [([1], 2), ([1, 3], 2), ([1, 2], 3), (range(1, 9), 9)]
)
def test_allocated_numbers_that_another_sandbox_holds_are_skipped(
    account, pool, held, expected
):
    """The next ones are tried one by one, then the pool chooses."""
    pool.held.update({(SOURCE, each): "res-2" for each in held})

    (result,) = create(command(account, pool), [action()])

    assert result.session.number == expected
    assert pool.held.pop((SOURCE, expected)) == "res-1"
    assert pool.held == {(SOURCE, each): "res-2" for each in held}


def test_numbers_of_one_request_go_around_the_given_ones(account, pool):
    """Allocated numbers come after the given ones of the same source."""
    others = [replace(MIRROR, packet_length=length) for length in (1, 2)]

    results = create(
        command(account, pool),
        [action(others[0]), action(MIRROR, 1), action(others[1])],
    )

    assert [result.session.number for result in results] == [2, 1, 3]


@pytest.mark.parametrize("number", [None, 1])
def test_a_number_that_ec2_refuses_is_skipped_unless_given(account, pool, number):
    """Another account's session may have it, which EC2 doesn't list."""
    account.errors["create_traffic_mirror_session"] = [refused("InvalidParameterValue")]

    (result,) = create(command(account, pool), [action(number=number)])

    if number:
        assert "InvalidParameterValue" in result.error
        assert account.counts == (0, 0, 0)
        assert pool.held == {}
    else:
        assert result.session.number == 2
        assert account.counts == (1, 1, 1)
        assert pool.held == {(SOURCE, 2): "res-1"}


def test_numbers_that_ec2_has_refused_are_not_tried_again(account, pool):
    """The pool has them free, and the planned ones after them are others'."""
    errors = [refused("InvalidParameterValue") for _ in range(2)]
    account.errors["create_traffic_mirror_session"] = errors
    pool.held.update({(SOURCE, number): "res-2" for number in (2, 3, 4)})

    (result,) = create(command(account, pool), [action()])

    assert result.session.number == 6
    assert pool.held.pop((SOURCE, 6)) == "res-1"
    assert set(pool.held.values()) == {"res-2"}


def test_refused_numbers_are_not_tried_again_beside_the_highest_one(account, pool):
    """Above the highest number there is none, so the pool starts at 1 again."""
    create(command(account, pool), [action(number=32766)])
    errors = [refused("InvalidParameterValue") for _ in range(3)]
    account.errors["create_traffic_mirror_session"] = errors

    (result,) = create(
        command(account, pool), [action(replace(MIRROR, packet_length=96))]
    )

    assert result.session.number == 4
    assert pool.held == {(SOURCE, 32766): "res-1", (SOURCE, 4): "res-1"}


def test_a_few_numbers_are_tried_at_most(account, pool):
    """If EC2 refuses for another reason, the action ends with its words."""
    errors = [refused("InvalidParameterValue") for _ in range(9)]
    account.errors["create_traffic_mirror_session"] = errors

    (result,) = create(command(account, pool), [action()])

    assert "InvalidParameterValue: no" in result.error
    assert len(errors) == 5
    assert account.counts == (0, 0, 0)
    assert pool.held == {}


def test_a_lost_checkout_is_retried_once(account, pool):
    """The mirror is created with one number."""
    pool.errors = [ProtocolError("gone")]

    (result,) = create(command(account, pool), [action()])

    assert result.session.number == 1
    assert pool.held == {(SOURCE, 1): "res-1"}


def test_a_found_target_that_is_gone_is_created_again(account, pool):
    """Another sandbox deleted it after this command had found it."""
    gone = account.add("target", NetworkInterfaceId=TARGET)
    original = account.create_traffic_mirror_filter

    def delete_target_meanwhile(**parameters):
        account.items["target"].pop(gone, None)
        return original(**parameters)

    account.create_traffic_mirror_filter = delete_target_meanwhile

    (result,) = create(command(account, pool), [action()])

    assert result.success
    assert result.session.target_id in account.items["target"]


@pytest.mark.parametrize(
    "operation",
    [
        "create_traffic_mirror_target",
        "create_traffic_mirror_filter",
        "create_traffic_mirror_filter_rule",
        "create_traffic_mirror_session",
    ],
)
def test_a_failed_mirror_leaves_nothing(account, pool, operation):
    """Whichever call fails, all that was created is deleted."""
    account.errors[operation] = [refused("Unsupported")]

    (result,) = create(command(account, pool), [action()])

    assert "Unsupported: no" in result.error
    assert account.counts == (0, 0, 0)
    assert pool.held == {}


def test_what_could_not_be_rolled_back_is_listed_with_the_reason(account, pool):
    """AWS's code and message included."""
    account.errors["create_traffic_mirror_session"] = [refused("Unsupported")]
    account.errors["delete_traffic_mirror_filter"] = [refused("UnauthorizedOperation")]

    (result,) = create(command(account, pool), [action()])

    filter_id = only(account, "filter")["TrafficMirrorFilterId"]
    _, left = result.error.split("left behind until the sandbox is cleaned up: ")
    assert left.startswith(f"filter {filter_id} (")
    assert "UnauthorizedOperation: no" in left
    assert pool.held == {}


def test_a_session_that_can_not_be_deleted_keeps_its_number(account, pool):
    """The pool must not hand it out while it is in use; filter and target stay, too."""

    def check_cancelled():
        if account.items["session"]:
            raise Cancelled

    account.errors["delete_traffic_mirror_session"] = [refused("Unsupported")]
    context = command(account, pool, check_cancelled=check_cancelled)

    (result,) = create(context, [action()])

    assert "cancelled" in result.error
    assert f"session number 1 of {SOURCE}" in result.error
    assert pool.held == {(SOURCE, 1): "res-1"}
    for kind, items in account.items.items():
        (left,) = items
        assert f"{kind} {left} (" in result.error


def test_a_cancelled_command_leaves_nothing_of_any_action(account, pool):
    """Also if it was cancelled during the last call."""

    def check_cancelled():
        if len(account.items["session"]) == 2:
            raise Cancelled

    context = command(account, pool, check_cancelled=check_cancelled)
    mirrors = [MIRROR, replace(MIRROR, source_nic_id="eni-0000000c")]

    results = create(context, [action(mirror) for mirror in mirrors])

    assert ["cancelled" in result.error for result in results] == [True, True]
    assert account.counts == (0, 0, 0)
    assert pool.held == {}


def test_a_failed_look_up_fails_every_action(account, pool):
    """Nothing is created, since a mirror may exist; EC2's words say why."""
    account.errors["describe_traffic_mirror_sessions"] = [refused("Unsupported")]
    other = action(replace(MIRROR, source_nic_id="eni-0000000c"))

    results = create(command(account, pool), [action(), other])

    assert ["Unsupported: no" in each.error for each in results] == [True, True]
    assert account.counts == (0, 0, 0)
    assert pool.held == {}


@pytest.mark.parametrize("number", [5, None])
def test_a_cancelled_command_names_a_number_that_may_be_taken(account, pool, number):
    """CloudShell took it, but its answer was lost, and the retry is cancelled."""
    checkout = pool.CheckoutFromPool
    cancelled = []

    def lose_answer(criteria):
        checkout(criteria)
        cancelled.append(True)
        raise ProtocolError("gone")

    def check_cancelled():
        if cancelled:
            raise Cancelled

    pool.CheckoutFromPool = lose_answer
    context = command(account, pool, check_cancelled=check_cancelled)

    (result,) = create(context, [action(number=number)])

    assert "cancelled" in result.error
    assert f"session number {number or 1} of {SOURCE}, which may stay" in result.error
    assert account.counts == (0, 0, 0)


def test_a_command_cancelled_during_its_look_ups_says_so(account, pool):
    """Whatever EC2 answered meanwhile."""
    account.errors["describe_traffic_mirror_sessions"] = [refused("Unsupported")]

    def check_cancelled():
        raise Cancelled

    context = command(account, pool, check_cancelled=check_cancelled)

    (result,) = create(context, [action()])

    assert "cancelled" in result.error


def test_a_starting_target_is_waited_for(account, pool):
    """The sandbox's output says so; the wait ends as soon as the instance runs."""
    lookups = RunningInstances({TARGET: ["pending", "pending", "running", "pending"]})

    (result,) = create(command(account, pool, lookups=lookups), [action()])

    assert result.success
    assert pool.messages == [f"Waiting for i-{TARGET} to start"]


def test_a_mirror_that_exists_is_found_though_another_waits_for_its_target(
    account, pool
):
    """Both actions are of one request."""
    (first,) = create(command(account, pool), [action()])
    lookups = RunningInstances({"eni-0000000c": ["pending", "running"]})
    other = action(replace(MIRROR, destination="eni-0000000c"))

    again, new = create(command(account, pool, lookups=lookups), [action(), other])

    assert again.session.id == first.session.id
    assert new.success
    assert account.counts == (2, 2, 2)


def test_a_target_that_does_not_start_in_time_is_an_error(account, pool):
    """Nothing is created for it."""
    lookups = RunningInstances({TARGET: ["pending"]})

    (result,) = create(command(account, pool, lookups=lookups), [action()])

    assert "is still starting" in result.error
    assert account.counts == (0, 0, 0)


def test_rules_are_compared_per_direction(account, pool):
    """The order of rules of different directions means nothing."""
    rules = [
        FilterRule(direction, protocol, "0.0.0.0/0", "0.0.0.0/0")
        for direction, protocol in (("ingress", 6), ("egress", 6), ("ingress", 17))
    ]
    create(command(account, pool), [action(Mirror(SOURCE, TARGET, tuple(rules)))])
    sorted_rules = (rules[1], rules[0], rules[2])

    (again,) = create(
        command(account, pool), [action(Mirror(SOURCE, TARGET, sorted_rules))]
    )

    assert again.success
    assert len(account.items["session"]) == 1
