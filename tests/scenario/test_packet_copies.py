"""The copies of mirrored packets: their headers, and whether they arrive."""

from __future__ import annotations

import pytest
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.vxlan import VXLAN

from tests.scenario.conftest import create_mirrors
from tests.scenario.ec2_resources import describe_nic
from tests.scenario.mirrored_traffic import CLIENT


def test_a_packet_length_truncates_the_copy(world, traffic):
    """The length counts from the start of the Ethernet frame."""
    create_mirrors(world, world.mirror(packetLength="60"))

    (copy,) = traffic.copies(traffic.inbound(TCP() / (b"x" * 500)))

    assert len(copy[VXLAN].payload) == 60


@pytest.mark.parametrize("network", ["4711", None])
def test_the_copy_has_the_virtual_network_id(world, traffic, network):
    """It is the request's, or the one that EC2 chose."""
    create_mirrors(world, world.mirror(virtualNetworkId=network))

    (copy,) = traffic.copies(traffic.inbound(TCP()))

    (session,) = world.sessions
    assert copy[VXLAN].vni == session["VirtualNetworkId"]
    assert network is None or copy[VXLAN].vni == 4711
    assert (copy.src, copy[UDP].dport) == (traffic.address, 4789)
    assert copy.dst == describe_nic(world, "capture")["PrivateIpAddress"]


def test_copies_of_two_sources_can_be_told_apart(world, traffic):
    """They differ in VXLAN network and outer source address."""
    create_mirrors(world, world.mirror("web"), world.mirror("db"))
    db = describe_nic(world, "db")["PrivateIpAddress"]

    (from_web,) = traffic.copies(traffic.outbound(TCP()))
    (from_db,) = traffic.copies(IP(src=db, dst=CLIENT) / TCP())

    assert (from_web.src, from_db.src) == (traffic.address, db)
    assert from_web[VXLAN].vni != from_db[VXLAN].vni
