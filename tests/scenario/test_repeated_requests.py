"""Repeated commands have no further effect and give the same answer."""

from __future__ import annotations

from tests.scenario.conftest import EMPTY, TCP


def test_a_repeated_create_makes_no_duplicates(world):
    """The same request, sent four times, creates one session and returns its id."""
    answers = [world.create(world.mirror(filterRules=[TCP])) for _ in range(4)]

    (session,) = world.sessions
    assert {result["sessionId"] for (result,) in answers} == {
        session["TrafficMirrorSessionId"]
    }
    assert world.held == {world.nic("web"): {1}}


def test_a_repeated_create_leaks_no_session_number(world):
    """The answer is the same with a requested number and with an allocated one."""
    actions = world.mirror("web", sessionNumber="7"), world.mirror("db")
    first = world.create(*actions)

    again = world.create(*actions)

    assert again == first
    assert {result["success"] for result in again} == {True}
    assert world.held == {world.nic("web"): {7}, world.nic("db"): {1}}


def test_a_repeated_remove_succeeds(world):
    """By id and by target NIC, a session that no longer exists is no failure."""
    (made,) = world.create(world.mirror())
    named = {"sessionId": made["sessionId"]}, {"targetNicId": world.nic("capture")}

    answers = [world.remove(**fields) for _ in range(2) for fields in named]

    assert {result["success"] for (result,) in answers} == {True}
    assert world.state == EMPTY


def test_a_request_with_other_rules_creates_a_session_beside_the_older_one(
    world, traffic
):
    """The answers say which of the two gets a packet first, and EC2 does so."""
    from scapy.layers.inet import TCP as TCP_PACKET
    from scapy.layers.inet import UDP as UDP_PACKET

    (older,) = world.create(world.mirror(filterRules=[TCP]))
    (newer,) = world.create(world.mirror())
    (repeated,) = world.create(world.mirror(filterRules=[TCP]))

    ends = f"also mirrors {world.nic('web')} to {world.nic('capture')}, with number"
    assert "also mirrors" not in older["infoMessage"]
    assert (
        f"session {older['sessionId']} of this sandbox {ends} 1, and gets each packet "
        "first: remove it"
    ) in newer["infoMessage"]
    assert (
        f"session {newer['sessionId']} of this sandbox {ends} 2, and gets only packets "
        "that this one does not accept: remove it"
    ) in repeated["infoMessage"]
    for packet, result in ((TCP_PACKET(), older), (UDP_PACKET(), newer)):
        (copy,) = traffic.copies(traffic.inbound(packet))
        assert copy["VXLAN"].vni == result["virtualNetworkId"]

    world.remove(sessionId=older["sessionId"])
    (alone,) = world.create(world.mirror())
    assert "also mirrors" not in alone["infoMessage"]
