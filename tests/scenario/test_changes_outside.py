"""What people with the AWS console, AWS and other tools change behind CloudShell."""

from __future__ import annotations

import pytest

from tests.scenario.conftest import EMPTY, clean_up, create_mirrors

RULES = [{"direction": "ingress", "protocol": "tcp"}]


def delete_rule(world):
    """Delete the only rule of the only filter."""
    (rule,) = world.filters[0]["IngressFilterRules"]
    world.client.delete_traffic_mirror_filter_rule(
        TrafficMirrorFilterRuleId=rule["TrafficMirrorFilterRuleId"]
    )


def modify(world, **changes):
    """Modify the only session."""
    (session,) = world.sessions
    world.client.modify_traffic_mirror_session(
        TrafficMirrorSessionId=session["TrafficMirrorSessionId"], **changes
    )


def retarget(world):
    """Send the only session's packets to another NIC."""
    target = world.client.create_traffic_mirror_target(
        NetworkInterfaceId=world.nic("ids")
    )["TrafficMirrorTarget"]["TrafficMirrorTargetId"]
    modify(world, TrafficMirrorTargetId=target)


def mirror_dns(world):
    """Have the filter mirror DNS, whatever its rules say."""
    (mirror_filter,) = world.filters
    world.client.modify_traffic_mirror_filter_network_services(
        TrafficMirrorFilterId=mirror_filter["TrafficMirrorFilterId"],
        AddNetworkServices=["amazon-dns"],
    )


DRIFTS = {
    "a rule is deleted": (delete_rule, "its ingress rule 1 is absent, not accept"),
    "packets are cut": (
        lambda world: modify(world, PacketLength=64),
        "packetLength is 64, not absent",
    ),
    "the VXLAN network is changed": (
        lambda world: modify(world, VirtualNetworkId=8),
        "virtualNetworkId is 8, not 7",
    ),
    "the number is changed": (
        lambda world: modify(world, SessionNumber=9),
        "its number is 9, not 5",
    ),
    "the target is changed": (retarget, "its target is tmt-"),
    "DNS is mirrored": (mirror_dns, "networkServices is amazon-dns, not absent"),
}


@pytest.mark.parametrize(("change", "difference"), DRIFTS.values(), ids=DRIFTS)
def test_a_mirror_that_was_changed_is_reported(world, change, difference):
    """The action fails with the session and the difference; nothing is touched."""
    mirror = world.mirror(filterRules=RULES, virtualNetworkId=7, sessionNumber=5)
    (created,) = create_mirrors(world, mirror)
    change(world)
    before = world.state
    world.ec2.clear_calls()

    (result,) = world.create(mirror)

    assert not result["success"]
    assert result["sessionId"] == ""
    assert created["sessionId"] in result["errorMessage"]
    assert difference in result["errorMessage"]
    assert world.state == before
    assert world.ec2.writes() == []


def test_what_the_request_left_open_may_change(world):
    """A VXLAN network of EC2's choice and a number of the pool's are no drift."""
    mirror = world.mirror(filterRules=RULES)
    (created,) = create_mirrors(world, mirror)
    modify(world, VirtualNetworkId=8, SessionNumber=9)

    (result,) = create_mirrors(world, mirror)

    assert result["sessionId"] == created["sessionId"]
    assert (result["virtualNetworkId"], result["sessionNumber"]) == (8, 9)


def remove_by_id(world, session_id):
    """Remove the session that is gone."""
    return world.remove(sessionId=session_id)[0]


def remove_by_nic(world, _):
    """Remove the sandbox's mirrors to the target NIC."""
    return world.remove(targetNicId=world.nic("capture"))[0]


ENDINGS = {
    "by id": remove_by_id,
    "by target NIC": remove_by_nic,
    "cleanup": lambda world, _: clean_up(world),
}


@pytest.mark.parametrize("end", ENDINGS.values(), ids=ENDINGS)
def test_a_session_deleted_outside_leaves_nothing(world, end):
    """Filter, number and target are found by the filter's tags."""
    (created,) = create_mirrors(world, world.mirror(sessionNumber=5))
    world.client.delete_traffic_mirror_session(
        TrafficMirrorSessionId=created["sessionId"]
    )

    assert end(world, created["sessionId"])["success"]
    assert world.state == EMPTY


def test_a_number_changed_by_hand_is_no_failure_of_remove(world):
    """The pool gets back the number that it gave."""
    create_mirrors(world, world.mirror(sessionNumber=5))
    modify(world, SessionNumber=9)

    (result,) = world.remove(targetNicId=world.nic("capture"))

    assert result["success"]
    assert world.state == EMPTY


def test_a_target_of_a_sandbox_that_has_ended_is_removed(world):
    """Its last session was deleted by AWS, with its source NIC."""
    other = world.new_sandbox("web")
    ended = world.new_sandbox("db")
    target = world.nic("capture")
    for sandbox, source in ((ended, "db"), (other, "web")):
        action = world.mirror(
            sourceNicId=world.nic(source, sandbox), targetNicId=target
        )
        create_mirrors(world, action, sandbox=sandbox)
    assert clean_up(world, ended)["success"]
    (session,) = world.sessions
    world.client.delete_traffic_mirror_session(
        TrafficMirrorSessionId=session["TrafficMirrorSessionId"]
    )

    (result,) = world.remove(targetNicId=target, sandbox=other)

    assert result["success"]
    assert clean_up(world, other)["success"]
    assert world.state == EMPTY
