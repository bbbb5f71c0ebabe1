"""Remove and Cleanup: what exists afterwards, and what the results say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.aws.fake_ec2 import IDS, refused
from tests.unit.flows.fakes import (
    MIRROR,
    SOURCE,
    TARGET,
    Account,
    action,
    command,
)
from traffic_mirroring.flows.cleanup import clean_up
from traffic_mirroring.flows.create import create
from traffic_mirroring.flows.remove import remove
from traffic_mirroring.models import CleanupAction, RemoveAction

OTHER = replace(MIRROR, source_nic_id="eni-0000000c")
BY_NIC = {"target_nic_id": TARGET}


def mirror(account, pool, sandbox="res-1", mirror=MIRROR, number=None):
    """Create a mirror; return its session's id."""
    context = command(account, pool, sandbox)
    (result,) = create(context, [action(mirror, number)])
    return result.session.id


def removal(account, pool, sandbox="res-1", **what):
    """Remove by session id or target NIC; return the result."""
    (result,) = remove(command(account, pool, sandbox), [RemoveAction("1", **what)])
    return result


def cleanup(account, pool, sandbox="res-1"):
    """Clean a sandbox up; return the result."""
    return clean_up(command(account, pool, sandbox), CleanupAction("1"))


ENDINGS = {
    "by id": lambda account, pool, sid: removal(account, pool, session_id=sid),
    "by target NIC": lambda account, pool, _: removal(account, pool, **BY_NIC),
    "cleanup": lambda account, pool, _: cleanup(account, pool),
}


@pytest.mark.parametrize("end", ENDINGS.values(), ids=ENDINGS)
def test_everything_of_a_mirror_is_removed(account, pool, end):
    """Session, filter, target and number."""
    session_id = mirror(account, pool)

    result = end(account, pool, session_id)

    assert result.success
    assert account.counts == (0, 0, 0)
    assert pool.held == {}


@pytest.mark.parametrize("end", ENDINGS.values(), ids=ENDINGS)
@pytest.mark.parametrize("stock", [False, True], ids=["own tags", "stock shell's name"])
def test_a_session_deleted_outside_leaves_nothing(account, pool, end, stock):
    """Its filter's tags, or name, lead to the number and the target."""
    session_id = mirror(account, pool)
    account.items["session"].clear()
    if stock:
        (item,) = account.items["filter"].values()
        item["Tags"] = [tag for tag in item["Tags"] if "Mirror" not in tag["Key"]]

    result = end(account, pool, session_id)

    assert result.success
    assert account.counts == (0, 0, 0)
    assert pool.held == {}


@pytest.mark.parametrize("end", ENDINGS.values(), ids=ENDINGS)
def test_nothing_is_looked_up_twice(account, pool, end):
    """What EC2 has listed is known."""
    session_id = mirror(account, pool)
    account.calls.clear()

    assert end(account, pool, session_id).success
    assert account.calls["describe_traffic_mirror_filters"] == 1
    assert account.calls["describe_traffic_mirror_targets"] == 1


@pytest.mark.parametrize("end", ENDINGS.values(), ids=ENDINGS)
def test_a_filter_that_is_not_the_sandboxs_stays(account, pool, end):
    """Someone changed the session to use it."""
    session_id = mirror(account, pool)
    foreign = account.add("filter", Tags=[])
    account.items["session"][session_id]["TrafficMirrorFilterId"] = foreign

    end(account, pool, session_id)

    assert account.items["session"] == {}
    assert foreign in account.items["filter"]


def test_a_filter_of_a_mirror_to_another_nic_stays(account, pool):
    """A Remove by target NIC is about that NIC only."""
    mirror(account, pool)
    gone = mirror(account, pool, mirror=replace(MIRROR, destination="eni-0000000e"))
    filter_id = account.items["session"].pop(gone)["TrafficMirrorFilterId"]

    assert removal(account, pool, **BY_NIC).success
    assert [*account.items["filter"]] == [filter_id]


class Lingering(Account):
    """EC2 that lists a deleted session as a user until the second deletion of that."""

    def __init__(self, kind):
        super().__init__()
        self._kind = kind
        self._deleted = []
        self._refused = False

    def delete_traffic_mirror_session(self, TrafficMirrorSessionId):  # noqa: N803 - boto3's
        session = self.items["session"][TrafficMirrorSessionId]
        for kind in {"filter", "target"} - {self._kind}:
            session[IDS[kind]] = None
        self._deleted.append(TrafficMirrorSessionId)

    def _delete(self, kind, parameters):
        if kind == self._kind and self._refused:
            for session_id in self._deleted:
                self.items["session"].pop(session_id, None)
        self._refused = self._refused or kind == self._kind
        super()._delete(kind, parameters)


@pytest.mark.parametrize("kind", ["filter", "target"])
@pytest.mark.parametrize("end", ENDINGS.values(), ids=ENDINGS)
def test_a_deleted_session_that_ec2_still_lists_keeps_nothing(pool, kind, end):
    """It is no user any more."""
    account = Lingering(kind)
    session_id = mirror(account, pool)

    result = end(account, pool, session_id)

    assert result.success
    assert account.counts == (0, 0, 0)
    assert account.calls[f"delete_traffic_mirror_{kind}"] == 2


def test_a_number_that_can_not_be_released_is_an_error(account, pool):
    """With CloudShell's words; the rest is removed."""
    session_id = mirror(account, pool)
    pool.errors = [RuntimeError("pool is closed")]

    result = removal(account, pool, session_id=session_id)

    assert f"Giving back session number 1 of {SOURCE}: pool is closed" in result.error
    assert account.counts == (0, 0, 0)


def test_a_long_removal_reports_its_progress(account, pool):
    """In the sandbox's output."""
    for number in range(6):
        source = f"eni-{number:08}"
        mirror(account, pool, mirror=replace(MIRROR, source_nic_id=source))

    assert removal(account, pool, **BY_NIC).success
    assert pool.messages[0] == "Removing traffic mirrors: 0 of 6 done"
    assert pool.messages[-1] == "Removing traffic mirrors: 6 of 6 done"


@pytest.mark.parametrize("end", [ENDINGS["by target NIC"], ENDINGS["cleanup"]])
def test_a_target_whose_creator_has_ended_is_removed_with_the_orphan(
    account, pool, end
):
    """Another sandbox created the target and is gone."""
    mirror(account, pool, "res-0", OTHER)
    mirror(account, pool)
    assert cleanup(account, pool, "res-0").success
    assert account.counts == (1, 1, 1)
    account.items["session"].clear()

    assert end(account, pool, None).success
    assert account.counts == (0, 0, 0)


def test_an_unused_target_on_the_named_nic_is_removed(account, pool):
    """CloudShell created it, in whichever sandbox; a hand-made one stays."""
    tags = [{"Key": "CreatedBy", "Value": "Cloudshell"}]
    account.add("target", NetworkInterfaceId=TARGET, Tags=tags)
    kept = account.add("target", NetworkInterfaceId=TARGET, Tags=[])

    result = removal(account, pool, **BY_NIC)

    assert result.success
    assert [*account.items["target"]] == [kept]


@pytest.mark.parametrize("what", [BY_NIC, {"session_id": None}])
def test_other_sandboxes_sessions_stay(account, pool, what):
    """And so do the target and the filters that they use."""
    mirror(account, pool)
    other = mirror(account, pool, "res-2", OTHER)
    what = {key: value or other for key, value in what.items()}

    result = removal(account, pool, **what)

    assert (result.type, result.action_id) == ("RemoveTrafficMirroring", "1")
    if "session_id" in what:
        assert result.error == (
            f"Removing session {other} of sandbox res-2: it is not this sandbox's; "
            "have its owner remove it"
        )
        assert account.counts == (2, 2, 1)
    else:
        assert "not this sandbox's: 1" in result.info
        assert account.counts == (1, 1, 1)
        assert [*account.items["session"]] == [other]


@pytest.mark.parametrize("sandbox", ["res-1", "res-2"])
def test_a_target_in_use_is_kept_without_an_error(account, pool, sandbox):
    """Its last user removes it, also if CloudShell's tags name another sandbox."""
    first = mirror(account, pool)
    second = mirror(account, pool, sandbox, OTHER)

    result = removal(account, pool, session_id=first)

    assert result.success
    assert "filter tmf-" in result.info
    assert "target" not in result.info
    assert account.counts == (1, 1, 1)
    assert [*account.items["session"]] == [second]
    assert removal(account, pool, sandbox, session_id=second).success
    assert account.counts == (0, 0, 0)


def test_another_accounts_session_keeps_the_target(account, pool):
    """EC2 might delete a shared target under it."""
    session_id = mirror(account, pool)
    (target,) = account.items["target"].values()
    target["OwnerId"] = "111111111111"
    account.add(
        "session",
        NetworkInterfaceId="eni-0000000d",
        TrafficMirrorTargetId=target["TrafficMirrorTargetId"],
        TrafficMirrorFilterId="tmf-1",
        SessionNumber=1,
        OwnerId="222222222222",
    )

    assert removal(account, pool, session_id=session_id).success
    assert len(account.items["target"]) == 1
    assert account.calls["delete_traffic_mirror_target"] == 0


def test_a_number_changed_by_hand_is_no_failure(account, pool):
    """The pool gets back the number that it gave."""
    session_id = mirror(account, pool, number=5)
    account.items["session"][session_id]["SessionNumber"] = 9

    assert removal(account, pool, session_id=session_id).success
    assert pool.held == {}


def test_who_does_not_delete_the_session_does_not_release_its_number(account, pool):
    """The number may be another mirror's by now."""
    session_id = mirror(account, pool)
    original = account.delete_traffic_mirror_session

    def delete_twice(**parameters):
        account.items["session"].clear()
        account.items["filter"].clear()
        return original(**parameters)

    account.delete_traffic_mirror_session = delete_twice

    assert removal(account, pool, session_id=session_id).success
    assert pool.held == {(SOURCE, 1): "res-1"}


def test_who_deletes_the_filter_releases_the_number_of_a_session_that_was_gone(
    account, pool
):
    """Another process deleted the session, and may have been killed then."""
    session_id = mirror(account, pool)
    original = account.delete_traffic_mirror_session

    def delete_twice(**parameters):
        account.items["session"].clear()
        return original(**parameters)

    account.delete_traffic_mirror_session = delete_twice

    assert removal(account, pool, session_id=session_id).success
    assert account.counts == (0, 0, 0)
    assert pool.held == {}


def test_a_failure_is_the_result_of_the_action_that_named_the_session(account, pool):
    """With EC2's words; the other action succeeds."""
    sessions = [mirror(account, pool), mirror(account, pool, mirror=OTHER)]
    account.errors["delete_traffic_mirror_session"] = [refused("Unsupported")]

    failed, removed = remove(
        command(account, pool),
        [RemoveAction(each, session_id=each) for each in sessions],
    )

    assert "Unsupported: no" in failed.error
    assert removed.success
    assert [*account.items["session"]] == sessions[:1]


def test_what_is_gone_is_success(account, pool):
    """A teardown can run twice."""
    session_id = mirror(account, pool)
    removal(account, pool, session_id=session_id)

    again = removal(account, pool, session_id=session_id)

    assert again.success
    assert again.info == f"Nothing to remove: session {session_id} is gone already"
    assert cleanup(account, pool).success


def test_a_nic_without_mirrors_is_success(account, pool):
    """The message names it."""
    result = removal(account, pool, **BY_NIC)

    assert result.success
    assert result.info == (
        f"Nothing to remove: no session of this sandbox mirrors to {TARGET}"
    )


@pytest.mark.parametrize("look", [3, 4, 6])
def test_a_session_that_ec2_lists_late_is_removed(account, pool, look):
    """The id is looked for again before it counts as gone."""
    session_id = mirror(account, pool)
    (item,) = account.items["session"].values()
    account.items["session"].clear()
    looks = []
    original = account.page

    def list_late(operation, filters):
        if operation == "describe_traffic_mirror_sessions":
            looks.append(operation)
            if len(looks) == look:
                account.items["session"][session_id] = item
        return original(operation, filters)

    account.page = list_late

    result = removal(account, pool, session_id=session_id)

    assert f"Removed session {session_id}" in result.info
    assert account.counts == (0, 0, 0)


def test_one_failure_stops_nothing_else(account, pool):
    """A session that can't be deleted keeps its filter, target and number."""
    mirror(account, pool)
    mirror(account, pool, mirror=OTHER)
    account.errors["delete_traffic_mirror_session"] = [refused("Unsupported")]

    result = cleanup(account, pool)

    assert "Unsupported: no" in result.error
    assert result.info.endswith("sessions 1, filters 1, targets 0")
    assert account.counts == (1, 1, 1)
    assert len(pool.held) == 1


def test_a_number_is_released_even_if_the_second_look_fails(account, pool):
    """The next command removes the filter and the target."""
    session_id = mirror(account, pool)
    account.errors["describe_traffic_mirror_filters"] = [refused("Unsupported")]

    result = removal(account, pool, session_id=session_id)

    assert "Unsupported: no" in result.error
    assert account.counts == (0, 1, 1)
    assert pool.held == {}
    assert cleanup(account, pool).success
    assert account.counts == (0, 0, 0)


def test_a_second_cleanup_finishes_the_job(account, pool):
    """The number of the orphaned filter is free already, which is no failure."""
    mirror(account, pool)
    account.errors["delete_traffic_mirror_filter"] = [refused("Unsupported")]
    assert not cleanup(account, pool).success

    assert cleanup(account, pool).success
    assert account.counts == (0, 0, 0)
    assert pool.held == {}


def test_a_failed_look_up_fails_every_action(account, pool):
    """Each result has its action's id, and EC2's words."""
    account.errors["describe_traffic_mirror_sessions"] = [refused("Unsupported")] * 9
    actions = [RemoveAction(each, session_id="tms-1") for each in ("a", "b")]

    results = remove(command(account, pool), actions)

    assert [each.action_id for each in results] == ["a", "b"]
    assert {each.type for each in results} == {"RemoveTrafficMirroring"}
    assert all("Unsupported: no" in each.error for each in results)


def test_results_are_in_the_order_of_the_actions(account, pool):
    """Each names what it removed; what is gone already is success, in words."""
    first = mirror(account, pool)
    second = mirror(account, pool, mirror=OTHER)
    actions = [
        RemoveAction("second", session_id=second),
        RemoveAction("none", session_id="tms-0badbad0"),
        RemoveAction("first", session_id=first),
    ]

    results = remove(command(account, pool), actions)

    assert [each.action_id for each in results] == ["second", "none", "first"]
    assert all(each.success for each in results)
    assert f"session {second} (number 1 of {OTHER.source_nic_id})" in results[0].info
    assert "tms-0badbad0" in results[1].info
    assert "Removed" not in results[1].info
    assert f"session {first} (number 1 of {SOURCE})" in results[2].info
    assert "filter tmf-" in results[2].info
    assert "target tmt-" in results[0].info + results[2].info
    assert pool.held == {}


def test_cleanup_that_can_not_look_up_has_the_actions_id(account, pool):
    """And EC2's words."""
    account.errors["describe_traffic_mirror_filters"] = [refused("Unsupported")] * 9

    result = cleanup(account, pool)

    assert (result.type, result.action_id) == ("CleanupNetwork", "1")
    assert "Unsupported: no" in result.error


def test_cleanup_counts_what_it_removed(account, pool):
    """By kind."""
    mirror(account, pool)
    mirror(account, pool, mirror=OTHER)

    result = cleanup(account, pool)

    assert (result.type, result.action_id, result.error) == (
        "CleanupNetwork",
        "1",
        None,
    )
    assert result.info == "Removed of this sandbox: sessions 2, filters 2, targets 1"


class Late(Account):
    """EC2 that doesn't list its sessions in the first look-ups."""

    def __init__(self, looks):
        super().__init__()
        self.looks = looks

    def page(self, operation, filters):
        found = super().page(operation, filters)
        if operation == "describe_traffic_mirror_sessions" and self.looks > 0:
            self.looks -= 1
            return []
        return found


def test_cleanup_removes_a_session_that_only_its_filter_shows(pool):
    """EC2 lists it too late, but refuses to delete what it uses."""
    account = Late(0)
    mirror(account, pool)
    account.looks = 1

    result = cleanup(account, pool)

    assert result.info == "Removed of this sandbox: sessions 1, filters 1, targets 1"
    assert result.success
    assert account.counts == (0, 0, 0)
    assert pool.held == {}


@pytest.mark.parametrize("looks", range(1, 12))
@pytest.mark.parametrize("end", ENDINGS.values(), ids=ENDINGS)
def test_a_session_that_ec2_lists_late_is_not_forgotten(pool, end, looks):
    """Either all is removed, or the session with its number and filter is intact."""
    account = Late(0)
    session_id = mirror(account, pool)
    mirror(account, pool, "res-2", OTHER)
    account.looks = looks

    result = end(account, pool, session_id)

    mine = session_id in account.items["session"]
    assert pool.held.get((SOURCE, 1)) == ("res-1" if mine else None)
    assert account.counts == ((2, 2, 1) if mine else (1, 1, 1))
    assert result.success or result.error
