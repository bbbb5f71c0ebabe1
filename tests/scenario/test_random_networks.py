"""
Random networks: a mirror has a warning exactly if its copies are lost.

The warnings are the product's, and the emulated network decides what arrives: both read
security groups, network ACLs, routes and load balancers, each with code of its own.
"""

from __future__ import annotations

import os
import re

from hypothesis import HealthCheck, Phase, given, settings
from scapy.layers.inet import IP, TCP

from tests.request_texts import create_action
from tests.scenario.conftest import create_mirrors
from tests.scenario.mirrored_traffic import CLIENT
from tests.scenario.random_networks import RandomNetwork, describe, networks

KINDS = {
    "groups": "is not open to",
    "network ACL": "network ACL .* denies",
    "no route": "has no route to",
    "blackhole": "which is a blackhole",
    "wrong route": "does not lead to",
    "source type": "a type that AWS does not mirror",
    "listener": "has no UDP listener",
    "health": "no target behind",
}


def mirror(source, target):
    """Return a Create action of a mirror."""
    kind = "targetNicId" if target.startswith("eni-") else "networkLoadBalancerArn"
    return create_action(
        sourceNicId=source, filterRules=None, **{"targetNicId": None, kind: target}
    )


def arrives(world, nic):
    """Send a packet from a NIC; return whether its copy arrives at the target."""
    item = describe(world, nic)
    packet = IP(src=item["PrivateIpAddress"], dst=CLIENT) / TCP()
    (sent,) = world.ec2.send(packet, item["VpcId"])
    return sent.copy is not None and sent.copy.arrived


def test_a_warning_and_a_lost_packet_go_together(quick_world, tally):
    """Every kind of warning occurs, and packets arrive without one only."""
    soak = os.environ.get("SOAK")
    seen = set()

    @settings(
        max_examples=int(soak or 25),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=not soak,
        database=None,
        print_blob=True,
        phases=[Phase.generate],  # shrinking an example takes too long
    )
    @given(networks)
    def check(drawn):
        quick_world.ec2.reset()
        quick_world.pools.reset()
        network = RandomNetwork(quick_world, drawn)
        results = create_mirrors(
            quick_world, *map(mirror, network.sources, network.targets)
        )
        for source, result in zip(network.sources, results):
            info = result["infoMessage"]
            assert "not checked: " not in info
            arrived = arrives(quick_world, source)
            assert arrived is ("warning: " not in info), (info, drawn)
            seen.update(name for name, text in KINDS.items() if re.search(text, info))
            tally[f"Random network, copy {'arrives' if arrived else 'is lost'}"] += 1

    check()
    assert seen == set(KINDS)
