"""Create with the names of Apps: the same mirrors as with the ids of their NICs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.flows.fakes import (
    MIRROR,
    SOURCE,
    TARGET,
    action,
    apps_of,
    command,
)
from traffic_mirroring.errors import CallFailed
from traffic_mirroring.flows.create import create
from traffic_mirroring.models import AppName, NamedAction, NamedMirror

APPS = {"web": SOURCE, "capture": TARGET, "db": "eni-0000000d"}


def named(source="web", target="capture", **fields):
    """Return an action between two Apps."""
    ends = [
        each if each.startswith("eni-") else AppName(each) for each in (source, target)
    ]
    return NamedAction("n", NamedMirror(*ends), **fields)


def run(account, pool, *actions, find_apps=None):
    """Run Create in a sandbox with APPS."""
    context = command(account, pool, find_apps=find_apps or apps_of(APPS))
    return create(context, actions)


@pytest.mark.parametrize(
    ("source", "target"), [("web", "capture"), (SOURCE, "capture"), ("web", TARGET)]
)
def test_a_mirror_between_apps_is_the_one_between_their_nics(
    account, pool, source, target
):
    """One that was created by names is found by ids, and the other way round."""
    (first,) = run(account, pool, named(source, target))
    (by_ids,) = run(account, pool, action())
    (again,) = run(account, pool, named(source, target))

    assert first.success
    assert first.session.id == by_ids.session.id == again.session.id
    assert f"mirrors {SOURCE} to {TARGET}" in first.info
    assert account.counts == (1, 1, 1)


def test_names_and_ids_of_one_request_are_one_mirror(account, pool):
    """The second action follows the first."""
    results = run(account, pool, named(), action())

    assert results[0].session.id == results[1].session.id
    assert account.counts == (1, 1, 1)


def test_all_options_are_kept(account, pool):
    """Number, description, tags, rules and the session's options."""
    wanted = named(session_number=7, description="d", tags={"k": "v"})
    options = replace(wanted.mirror, packet_length=9, virtual_network_id=8)

    (result,) = run(account, pool, replace(wanted, mirror=options))

    (session,) = account.items["session"].values()
    assert result.session.number == 7
    assert (session["Description"], session["PacketLength"]) == ("d", 9)
    assert session["VirtualNetworkId"] == 8
    assert {"Key": "k", "Value": "v"} in session["Tags"]


def test_a_name_that_means_no_nic_fails_its_action_only(account, pool):
    """The results keep the order of the actions, and messages their indexes."""
    results = run(account, pool, named("wep"), named("db"), action())

    assert [each.success for each in results] == [False, True, True]
    assert "App 'wep' can't be used" in results[0].error
    assert f"web ({SOURCE})" in results[0].error
    assert results[0].session is None
    assert account.counts == (2, 2, 1)


def test_messages_count_actions_as_the_request_does(account, pool):
    """Also if one before them could not be resolved."""
    results = run(account, pool, named("x"), named(), named("capture", "db"))

    assert "is the target of actions[1]" in results[2].error


def test_an_app_can_not_mirror_to_itself(account, pool):
    """A name and an id may mean one NIC."""
    results = run(account, pool, named("web", SOURCE), named(TARGET, "capture"))

    assert f"{SOURCE} can't be both source and target" in results[0].error
    assert f"{TARGET} can't be both source and target" in results[1].error
    assert account.counts == (0, 0, 0)


def test_a_number_given_twice_for_one_nic_is_an_error(account, pool):
    """The request can't be checked for it, since one source is a name."""
    other = replace(MIRROR, packet_length=9)

    results = run(account, pool, named(session_number=5), action(other, 5))

    assert results[0].success
    assert "Session number 5" in results[1].error
    assert "actions[0]" in results[1].error
    assert pool.held == {(SOURCE, 5): "res-1"}


def test_the_apps_are_looked_up_once_and_only_for_names(account, pool):
    """Two actions with names need one look-up, others none."""
    looked_up = []

    def find_apps():
        looked_up.append(1)
        return apps_of(APPS)()

    run(account, pool, action(), find_apps=find_apps)
    assert looked_up == []

    run(account, pool, named(), named("db"), named("x"), find_apps=find_apps)
    assert looked_up == [1]


def test_a_failing_look_up_fails_only_the_actions_with_names(account, pool):
    """The others are created."""

    def find_apps():
        raise CallFailed("Looking up the Apps of the sandbox", "no")

    results = run(account, pool, named(), action(), find_apps=find_apps)

    assert results[0].error == "Looking up the Apps of the sandbox: no"
    assert results[1].success
