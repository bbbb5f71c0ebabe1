"""
What is looked up is found, all of it and nothing else, and what is unused goes.

The ids in the tests' names are those of known faults of another implementation.
"""

from __future__ import annotations

import pytest

from emulator.faults import Fault
from tests.request_texts import remove_action, request
from tests.scenario.conftest import EMPTY
from traffic_mirroring.aws.mirroring import Ec2Mirroring
from traffic_mirroring.aws.retries import RetryPolicy

CLEANUP = request({"type": "cleanupNetwork", "actionId": "1"})
PAGE = 5


@pytest.fixture
def world(quick_world):
    """Let the driver be in a hurry: what EC2 makes it wait for is not the matter."""
    return quick_world


def pairs(world, count):
    """Start a sandbox of sources and targets; return it and an action for each."""
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


def describes(world):
    """Return the names of the look-ups since the calls were cleared."""
    return [call.operation for call in world.ec2.calls if not call.writes]


def test_c1_what_is_named_by_one_kind_of_id_selects_nothing_else(world):
    """A session id alone, and a target NIC alone, remove just what they name."""
    other = world.new_sandbox("a")
    its = world.mirror(sourceNicId=world.nic("a", other))
    world.create(its, sandbox=other)
    before = world.standing
    named, _ = world.create(world.mirror("web"), world.mirror("db", "ids"))

    world.remove(sessionId=named["sessionId"])
    assert len(world.sessions) == len(before[2]) + 1
    world.remove(targetNicId=world.nic("ids"))

    assert world.standing == before


def test_c2_more_sessions_take_no_more_look_ups(world):
    """A removal of four sessions looks up as often as a removal of one."""
    counts = []
    for number in (1, 4):
        sandbox, actions = pairs(world, number)
        made = world.create(*actions, sandbox=sandbox)
        world.ec2.clear_calls()
        to_delete = [remove_action(sessionId=each["sessionId"]) for each in made]
        world.execute("RemoveTrafficMirroring", request(*to_delete), sandbox)
        counts.append(len(describes(world)))

    assert counts[0] == counts[1] <= 5
    assert world.standing == EMPTY


def test_d1_targets_on_every_page_are_removed(world):
    """A removal that names more targets than a page shows removes them all."""
    sandbox, actions = pairs(world, PAGE + 2)
    world.create(*actions, sandbox=sandbox)
    world.ec2.settings.page_size = PAGE
    nics = [action["actionParams"]["targetNicId"] for action in actions]
    to_delete = [remove_action(targetNicId=nic) for nic in nics]

    results = world.execute("RemoveTrafficMirroring", request(*to_delete), sandbox)

    assert {result["success"] for result in results} == {True}
    assert world.standing == EMPTY


def test_d2_cleanup_reads_every_page(world):
    """A sandbox with more of everything than a page shows is clean afterwards."""
    sandbox, actions = pairs(world, PAGE + 2)
    world.create(*actions, sandbox=sandbox)
    world.ec2.settings.page_size = PAGE

    (result,) = world.execute("CleanupSandboxInfra", CLEANUP, sandbox)

    assert (result["type"], result["success"]) == ("CleanupNetwork", True)
    assert world.standing == EMPTY


def test_d3_a_target_on_any_page_is_reused(world):
    """No target is made on a NIC that has one, on whichever page that stands."""
    sandbox, actions = pairs(world, PAGE + 3)
    for action in actions:
        nic = action["actionParams"]["targetNicId"]
        world.client.create_traffic_mirror_target(NetworkInterfaceId=nic)
    before = world.standing
    world.ec2.settings.page_size = PAGE

    results = world.create(*actions, sandbox=sandbox)

    world.ec2.settings.page_size = None
    assert {result["success"] for result in results} == {True}
    assert world.standing[0] == before[0]


def test_d4_every_page_is_asked_for_with_the_same_filters(world):
    """Others' sessions stay, on whichever page this sandbox's sessions stand."""
    world.ec2.settings.quotas.sources_per_target = 100
    target = world.nic("capture")
    other = world.new_sandbox(*"abc")
    mine = world.new_sandbox(*"abcdefgh")
    for sandbox in (other, mine):
        nics = [app.nics[0].id for app in sandbox.apps]
        actions = [world.mirror(sourceNicId=nic, targetNicId=target) for nic in nics]
        world.create(*actions, sandbox=sandbox)
    its = {app.nics[0].id for app in other.apps}
    world.ec2.settings.page_size = PAGE

    (result,) = world.remove(targetNicId=target, sandbox=mine)

    world.ec2.settings.page_size = None
    assert result["success"]
    assert {each["NetworkInterfaceId"] for each in world.sessions} == its
    assert set(world.held) == its


def test_d5_an_empty_next_token_ends_a_look_up(world):
    """The look-up alone, as EC2 is not known to do it: all is found, and found once."""
    world.create(world.mirror("web"), world.mirror("db"))
    client, pages = world.ec2.client(), []

    def end_emptily(parsed, **_):
        pages.append(parsed)
        if len(pages) > 1:
            raise AssertionError("asked for a page after the last")
        parsed["NextToken"] = ""

    client.meta.events.register(
        "after-call.ec2.DescribeTrafficMirrorSessions", end_emptily
    )
    nics = {world.nic("web"), world.nic("db")}

    found = Ec2Mirroring(client, RetryPolicy(), lambda: None).find_sessions(
        "network-interface-id", nics
    )

    assert {session.source_nic_id for session in found} == nics
    assert len(found) == 2


def test_e1_with_the_last_session_goes_the_target(world):
    """Create and Remove leave nothing, the target that Create made included."""
    first, second = world.create(world.mirror("web"), world.mirror("db"))
    world.remove(sessionId=first["sessionId"])
    assert len(world.targets) == 1

    world.remove(sessionId=second["sessionId"])

    assert world.standing == EMPTY


def test_e2_a_shared_target_goes_with_its_last_user(world):
    """Made by a sandbox that ended before, it goes when the last user cleans up."""
    other = world.new_sandbox("a")
    world.create(world.mirror())
    world.create(world.mirror(sourceNicId=world.nic("a", other)), sandbox=other)
    (target,) = world.targets
    (first,) = world.execute("CleanupSandboxInfra", CLEANUP)
    assert first["success"]
    assert world.targets == [target]

    (second,) = world.execute("CleanupSandboxInfra", CLEANUP, other)

    assert second["success"]
    assert world.standing == EMPTY


def test_w1_a_shared_target_waits_for_all_its_sessions(world):
    """One session gone is not all gone: the target stays with the one that stays."""
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


@pytest.mark.parametrize("requests", [0, 2])
def test_w1_deletes_are_not_followed_by_polling(world, requests):
    """What lingers in use is deleted again, and nothing is looked up meanwhile."""
    world.ec2.settings.in_use_requests = requests
    world.create(world.mirror("web"), world.mirror("db"))
    world.ec2.clear_calls()

    (result,) = world.remove(targetNicId=world.nic("capture"))

    kinds = [call.writes for call in world.ec2.calls]
    assert kinds == sorted(kinds)
    assert result["success"]
    assert world.standing == EMPTY
