"""Targets that several commands need at the same moment."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.aws.fake_ec2 import refused
from tests.unit.flows.fakes import (
    MIRROR,
    SOURCE,
    TARGET,
    Account,
    LateAccount,
    action,
    command,
)
from traffic_mirroring.flows.create import create
from traffic_mirroring.flows.target_locks import TargetLocks

FOREIGN = {"lower": "tmt-00000000", "higher": "tmt-ffffffff"}


class Raced(LateAccount):
    """EC2 in which another process creates a target right after this one."""

    def __init__(self, other):
        super().__init__()
        self.other = other

    def create_traffic_mirror_target(self, **parameters):
        created = super().create_traffic_mirror_target(**parameters)
        self.items["target"][self.other] = {
            "TrafficMirrorTargetId": self.other,
            "NetworkInterfaceId": TARGET,
            "Tags": [],
        }
        return created


@pytest.mark.parametrize("other", FOREIGN.values(), ids=FOREIGN)
def test_two_processes_end_with_one_target(pool, other):
    """Each knows the other's, whichever id is lower, and its own is deleted."""
    account = Raced(other)

    (result,) = create(command(account, pool), [action()])

    assert result.session.target_id == other
    assert [*account.items["target"]] == [other]


def test_an_own_target_that_another_process_uses_is_kept(pool):
    """EC2 refuses to delete it; both commands use it."""
    account = Raced(FOREIGN["lower"])
    account.errors["delete_traffic_mirror_target"] = [
        refused("TrafficMirrorTargetInUse") for _ in range(9)
    ]

    (result,) = create(command(account, pool), [action()])

    assert result.session.target_id not in FOREIGN.values()
    assert result.session.target_id in account.items["target"]


def test_an_own_target_that_ec2_does_not_know_yet_is_deleted_later(pool):
    """NotFound right after the creation doesn't mean that it is gone."""
    account = Raced(FOREIGN["lower"])
    account.unknown_for = 2

    (result,) = create(command(account, pool), [action()])

    assert result.success
    assert [*account.items["target"]] == [FOREIGN["lower"]]


def test_a_creation_without_an_answer_is_undone_if_it_can_not_be_looked_up(pool):
    """It is recognized by its tags; if that fails, too, the destination is named."""

    class Unlisted(Account):
        """EC2 that doesn't answer the look-up after the creation."""

        def create_traffic_mirror_target(self, **parameters):
            self.errors["describe_traffic_mirror_targets"] = [refused("Unsupported")]
            return super().create_traffic_mirror_target(**parameters)

    account = Unlisted()
    account.lost["create_traffic_mirror_target"] = refused("InternalError", "", 500)

    (result,) = create(command(account, pool), [action()])

    assert "InternalError" in result.error
    assert "left behind" not in result.error
    assert account.counts == (0, 0, 0)
    assert pool.held == {}

    account.lost["create_traffic_mirror_target"] = refused("InternalError", "", 500)
    account.errors["delete_traffic_mirror_target"] = [refused("Unsupported")]

    (result,) = create(command(account, pool), [action()])

    assert f": target on {TARGET}, if it was created (Unsupp" in result.error


def test_an_unexpected_error_fails_the_mirrors_and_leaves_nothing(pool):
    """Each result has its class and words."""

    class Broken(Account):
        """EC2 whose look-up after a creation raises an unexpected error."""

        def create_traffic_mirror_target(self, **parameters):
            self.errors["describe_traffic_mirror_targets"] = [RuntimeError("a bug")]
            return super().create_traffic_mirror_target(**parameters)

    account = Broken()

    (result,) = create(command(account, pool), [action()])

    assert "RuntimeError: a bug" in result.error
    assert account.counts == (0, 0, 0)


def test_a_holder_of_the_number_that_is_found_is_not_looked_up_again(account, pool):
    """Only one that EC2 may not list yet is."""
    pool.held[SOURCE, 5] = "res-2"
    original = pool.CheckoutFromPool

    def add_the_session(criteria):
        account.add(
            "session",
            NetworkInterfaceId=SOURCE,
            TrafficMirrorTargetId="tmt-9",
            TrafficMirrorFilterId="tmf-9",
            SessionNumber=5,
            Tags=[],
        )
        return original(criteria)

    pool.CheckoutFromPool = add_the_session

    (result,) = create(command(account, pool), [action(number=5)])

    assert f"Session number 5 of {SOURCE} is taken by session tms-" in result.error
    assert "of someone outside CloudShell" in result.error
    assert account.calls["describe_traffic_mirror_sessions"] == 2


def test_a_found_target_that_is_gone_is_replaced_by_another_on_the_nic(account, pool):
    """No third one is created."""
    gone = account.add("target", NetworkInterfaceId=TARGET, Tags=[])
    other = account.add("target", NetworkInterfaceId=TARGET, Tags=[])
    original = account.create_traffic_mirror_filter

    def delete_target_meanwhile(**parameters):
        account.items["target"].pop(gone, None)
        return original(**parameters)

    account.create_traffic_mirror_filter = delete_target_meanwhile

    (result,) = create(command(account, pool), [action()])

    assert result.session.target_id == other
    assert [*account.items["target"]] == [other]
    assert account.calls["create_traffic_mirror_target"] == 0


class Replacing(Account):
    """EC2 whose only target is deleted, and that refuses a session on the next."""

    def create_traffic_mirror_filter(self, **parameters):
        self.items["target"].clear()
        return super().create_traffic_mirror_filter(**parameters)

    def create_traffic_mirror_target(self, **parameters):
        self.errors["create_traffic_mirror_session"] = [refused("Unsupported")]
        return super().create_traffic_mirror_target(**parameters)


@pytest.mark.parametrize("code", [None, "UnauthorizedOperation"])
def test_a_target_in_place_of_one_that_is_gone_is_rolled_back_or_named(pool, code):
    """If the session fails all the same."""
    account = Replacing()
    account.add("target", NetworkInterfaceId=TARGET, Tags=[])
    account.errors["delete_traffic_mirror_target"] = [refused(code)] if code else []

    (result,) = create(command(account, pool), [action()])

    named = "".join(f"target {left} ({code}: no" for left in account.items["target"])
    assert bool(named) == bool(code)
    assert "Unsupported: no" in result.error
    assert named in result.error


def test_another_processs_target_may_be_listed_late(pool):
    """EC2 may refuse a second target on a NIC before it lists the first."""

    class Late(Account):
        """EC2 that lists another process's target from the third look-up on."""

        looks = 0

        def page(self, operation, filters):
            found = super().page(operation, filters)
            if operation == "describe_traffic_mirror_targets":
                self.looks += 1
                return found if self.looks > 2 else []
            return found

    account = Late(one_target_per_nic=True)
    other = account.add("target", NetworkInterfaceId=TARGET, Tags=[])

    (result,) = create(command(account, pool), [action()])

    assert result.session.target_id == other


def test_an_own_target_that_is_deleted_before_its_use_is_created_again(pool):
    """EC2 says NotFound more often than for one that it doesn't know yet."""

    class Deleting(Account):
        """EC2 in which someone deletes the first target before it is used."""

        def create_traffic_mirror_filter(self, **parameters):
            self.items["target"].clear()
            return super().create_traffic_mirror_filter(**parameters)

    account = Deleting()

    (result,) = create(command(account, pool), [action()])

    assert [*account.items["target"]] == [result.session.target_id]
    assert account.calls["create_traffic_mirror_target"] == 2


@pytest.mark.parametrize("calls", [1, 2, 3])
def test_an_own_target_that_ec2_does_not_list_yet_is_not_created_again(pool, calls):
    """NotFound is no proof that it is gone: it has just been created."""
    account = LateAccount()
    account.unknown_for = calls

    (result,) = create(command(account, pool), [action()])

    assert [*account.items["target"]] == [result.session.target_id]


class UsedByAnother(Account):
    """EC2 that refuses a session after another sandbox has used the new target."""

    def create_traffic_mirror_session(self, **parameters):
        self.add(
            "session",
            NetworkInterfaceId="eni-0000000c",
            TrafficMirrorTargetId=parameters["TrafficMirrorTargetId"],
            TrafficMirrorFilterId="tmf-9",
            SessionNumber=1,
            Tags=[{"Key": "ReservationId", "Value": "res-2"}],
        )
        raise refused("Unsupported")


def test_a_rollback_leaves_a_target_to_the_sandbox_that_uses_it(pool):
    """That is no failure: its last user deletes it."""
    account = UsedByAnother()

    (result,) = create(command(account, pool), [action()])

    assert "Unsupported: no" in result.error
    assert "left behind" not in result.error
    assert account.counts == (1, 0, 1)


def test_a_target_that_was_rolled_back_is_not_offered_to_other_commands(account, pool):
    """They would get NotFound for it."""
    account.errors["create_traffic_mirror_session"] = [refused("Unsupported")]
    locks = TargetLocks()

    with locks.using([TARGET]):
        (result,) = create(command(account, pool, target_locks=locks), [action()])

        assert not result.success
        assert locks.created(TARGET) is None


def test_a_new_target_is_known_to_the_commands_that_still_run(account, pool):
    """EC2 may not list it yet."""
    locks = TargetLocks()

    with locks.using([TARGET]):
        (result,) = create(command(account, pool, target_locks=locks), [action()])

        assert locks.created(TARGET) == result.session.target_id


def test_the_target_of_a_command_that_still_runs_is_used_though_it_is_not_listed(pool):
    """No second one is created."""

    class Unlisting(Account):
        """EC2 that doesn't list new targets yet."""

        def page(self, operation, filters):
            found = super().page(operation, filters)
            return [] if operation == "describe_traffic_mirror_targets" else found

    account, locks = Unlisting(), TargetLocks()
    other = replace(MIRROR, source_nic_id="eni-0000000c")

    with locks.using([TARGET]):
        (first,) = create(command(account, pool, target_locks=locks), [action()])
        (second,) = create(command(account, pool, target_locks=locks), [action(other)])

    assert second.session.target_id == first.session.target_id
    assert len(account.items["target"]) == 1


def test_a_target_is_forgotten_with_the_last_command_that_uses_it():
    """A process serves many sandboxes, so it must not remember them all."""
    locks = TargetLocks()

    with locks.using([TARGET]):
        with locks.using([TARGET]):
            locks.set_created(TARGET, "tmt-1")
        assert locks.created(TARGET) == "tmt-1"

    with locks.using([TARGET]):
        assert locks.created(TARGET) is None


def test_a_target_in_use_by_an_unknown_session_is_named_after_a_rollback(account, pool):
    """EC2 reports it as in use, and lists no session that uses it."""
    account.errors["create_traffic_mirror_session"] = [refused("Unsupported")]
    account.errors["delete_traffic_mirror_target"] = [
        refused("TrafficMirrorTargetInUse") for _ in range(9)
    ]

    (result,) = create(command(account, pool), [action()])

    (left,) = account.items["target"]
    assert f"target {left} (TrafficMirrorTargetInUse" in result.error
