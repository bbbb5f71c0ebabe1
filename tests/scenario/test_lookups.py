"""Look-ups read every page and select only what the request names."""

from __future__ import annotations

import pytest

from emulator.ec2 import Lag
from emulator.faults import Fault
from tests.request_texts import remove_action, request
from tests.scenario.conftest import EMPTY, clean_up
from traffic_mirroring.aws.mirroring import Ec2Mirroring
from traffic_mirroring.aws.retries import RetryPolicy

PAGE = 5


pytestmark = pytest.mark.short_waits


def pairs(world, count):
    """Start a sandbox with `count` sources and targets; return it and its actions."""
    sources = [f"source-{number}" for number in range(count)]
    targets = [f"target-{number}" for number in range(count)]
    sandbox = world.new_sandbox(*sources, *targets)
    actions = [
        world.mirror(
            sourceNicId=world.nic(source, sandbox),
            targetNicId=world.nic(target, sandbox),
        )
        for source, target in zip(sources, targets)
    ]
    return sandbox, actions


def lookups(world):
    """Return the names of the look-ups since the calls were cleared."""
    return [call.operation for call in world.ec2.calls if not call.writes]


def test_a_session_id_or_a_target_nic_alone_selects_only_what_it_names(world):
    """A Remove by session id or by target NIC touches no other mirror."""
    other = world.new_sandbox("a")
    its = world.mirror(sourceNicId=world.nic("a", other))
    world.create(its, sandbox=other)
    before = world.state
    named, _ = world.create(world.mirror("web"), world.mirror("db", "ids"))

    world.remove(sessionId=named["sessionId"])
    assert len(world.sessions) == len(before[2]) + 1
    world.remove(targetNicId=world.nic("ids"))

    assert world.state == before


def test_the_number_of_lookups_does_not_grow_with_the_sessions(world):
    """Removing four sessions makes as many look-ups as removing one."""
    counts = []
    for number in (1, 4):
        sandbox, actions = pairs(world, number)
        made = world.create(*actions, sandbox=sandbox)
        world.ec2.clear_calls()
        to_delete = [remove_action(sessionId=each["sessionId"]) for each in made]
        world.execute("RemoveTrafficMirroring", request(*to_delete), sandbox)
        counts.append(len(lookups(world)))

    assert counts[0] == counts[1] <= 5
    assert world.state == EMPTY


def test_targets_on_every_page_are_removed(world):
    """A Remove that names more targets than fit on a page removes them all."""
    sandbox, actions = pairs(world, PAGE + 2)
    world.create(*actions, sandbox=sandbox)
    world.ec2.settings.page_limit = PAGE
    nics = [action["actionParams"]["targetNicId"] for action in actions]
    to_delete = [remove_action(targetNicId=nic) for nic in nics]

    results = world.execute("RemoveTrafficMirroring", request(*to_delete), sandbox)

    assert {result["success"] for result in results} == {True}
    assert world.state == EMPTY


def test_cleanup_reads_every_page(world):
    """Cleanup deletes everything, even if nothing fits on one page."""
    sandbox, actions = pairs(world, PAGE + 2)
    world.create(*actions, sandbox=sandbox)
    world.ec2.settings.page_limit = PAGE

    result = clean_up(world, sandbox)

    assert (result["type"], result["success"]) == ("CleanupNetwork", True)
    assert world.state == EMPTY


def test_a_target_on_any_page_is_reused(world):
    """No target is created for a NIC that has one, on whichever page it is listed."""
    sandbox, actions = pairs(world, PAGE + 3)
    for action in actions:
        nic = action["actionParams"]["targetNicId"]
        world.client.create_traffic_mirror_target(NetworkInterfaceId=nic)
    before = world.state
    world.ec2.settings.page_limit = PAGE

    results = world.create(*actions, sandbox=sandbox)

    world.ec2.settings.page_limit = None
    assert {result["success"] for result in results} == {True}
    assert world.state[0] == before[0]


def test_every_page_is_requested_with_the_same_filters(world):
    """Another sandbox's sessions are kept, whichever page they are listed on."""
    world.ec2.settings.quotas.sources_per_target = 100
    target = world.nic("capture")
    other = world.new_sandbox(*"abc")
    mine = world.new_sandbox(*"abcdefgh")
    for sandbox in (other, mine):
        nics = [app.nics[0].id for app in sandbox.apps]
        actions = [world.mirror(sourceNicId=nic, targetNicId=target) for nic in nics]
        world.create(*actions, sandbox=sandbox)
    its = {app.nics[0].id for app in other.apps}
    world.ec2.settings.page_limit = PAGE

    (result,) = world.remove(targetNicId=target, sandbox=mine)

    world.ec2.settings.page_limit = None
    assert result["success"]
    assert {each["NetworkInterfaceId"] for each in world.sessions} == its
    assert set(world.held) == its


def test_an_empty_next_token_ends_a_lookup(world):
    """Paging stops at an empty NextToken, which EC2 is not known to send."""
    world.create(world.mirror("web"), world.mirror("db"))
    client, pages = world.ec2.client(), []

    def empty_next_token(parsed, **_):
        pages.append(parsed)
        if len(pages) > 1:
            raise AssertionError("requested a page after the last one")
        parsed["NextToken"] = ""

    client.meta.events.register(
        "after-call.ec2.DescribeTrafficMirrorSessions", empty_next_token
    )
    nics = {world.nic("web"), world.nic("db")}

    found = Ec2Mirroring(client, RetryPolicy(), lambda: None).find_sessions(
        "network-interface-id", nics
    )

    assert {session.source_nic_id for session in found} == nics
    assert len(found) == 2


def test_removing_the_last_session_deletes_the_target(world):
    """Create and Remove leave nothing behind, not even the target."""
    first, second = world.create(world.mirror("web"), world.mirror("db"))
    world.remove(sessionId=first["sessionId"])
    assert len(world.targets) == 1

    world.remove(sessionId=second["sessionId"])

    assert world.state == EMPTY


def test_a_shared_target_is_deleted_by_its_last_user(world):
    """The last sandbox to clean up deletes the target, whichever sandbox created it."""
    other = world.new_sandbox("a")
    world.create(world.mirror())
    world.create(world.mirror(sourceNicId=world.nic("a", other)), sandbox=other)
    (target,) = world.targets
    first = clean_up(world)
    assert first["success"]
    assert world.targets == [target]

    second = clean_up(world, other)

    assert second["success"]
    assert world.state == EMPTY


def test_a_shared_target_is_kept_while_a_session_uses_it(world):
    """If one of its sessions can't be deleted, the target is kept."""
    world.create(world.mirror("web"), world.mirror("db"), world.mirror("ids"))
    world.ec2.faults.append(
        Fault(operation="DeleteTrafficMirrorSession", code="Unsupported")
    )

    (result,) = world.remove(targetNicId=world.nic("capture"))

    (session,) = world.sessions
    assert not result["success"]
    assert session["TrafficMirrorSessionId"] in result["errorMessage"]
    assert len(world.targets) == len(world.filters) == 1
    assert world.held == {session["NetworkInterfaceId"]: {1}}


@pytest.mark.parametrize(("requests", "lookups"), [(0, 5), (2, 9)])
def test_deletes_are_retried_without_polling(world, requests, lookups):
    """If EC2 refuses a delete as in use, one look-up asks who uses the resource."""
    world.ec2.settings.in_use_lag = Lag(requests)
    world.create(world.mirror("web"), world.mirror("db"))
    world.ec2.clear_calls()

    (result,) = world.remove(targetNicId=world.nic("capture"))

    reads = [call for call in world.ec2.calls if not call.writes]
    assert len(reads) <= lookups + 2 * requests
    assert result["success"]
    assert world.state == EMPTY
