"""Packets are mirrored as the request says, and no others."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from scapy.layers.inet import ICMP, TCP, UDP
from scapy.layers.inet6 import ICMPv6EchoRequest
from scapy.layers.l2 import GRE

from tests.request_texts import DOCUMENTED_CREATE, SOURCE, TARGET
from tests.scenario.conftest import TCP as TCP_IN
from tests.scenario.conftest import create_mirrors
from tests.scenario.ec2_resources import (
    describe_nic,
)
from tests.scenario.mirrored_traffic import CLIENT, CLIENT_6, Traffic

LAYERS = {"tcp": TCP(), "udp": UDP(sport=7, dport=7), "icmp": ICMP(), "gre": GRE()}


def mirror(world, *rules, **params):
    """Mirror web to capture with these rules, which default to incoming TCP."""
    create_mirrors(
        world,
        world.mirror(filterRules=[{**TCP_IN, **each} for each in rules], **params),
    )


def test_the_documented_request_mirrors_what_it_says(world):
    """It mirrors incoming TCP from 192.168.0.0/24, ports 50000 to 65535."""
    world.sandbox = world.lab.deploy("documented", {"web": SOURCE, "capture": TARGET})
    traffic = Traffic(world)
    world.execute("CreateTrafficMirroring", DOCUMENTED_CREATE)

    for port, mirrored in ((49999, False), (50000, True), (65535, True)):
        assert traffic.is_mirrored(traffic.inbound(TCP(sport=port))) is mirrored
    assert not traffic.is_mirrored(traffic.inbound(UDP(sport=50000, dport=7)))
    assert not traffic.is_mirrored(traffic.outbound(TCP(sport=50000)))
    assert traffic.is_mirrored(traffic.inbound(TCP(sport=50000), "192.168.0.255"))
    assert not traffic.is_mirrored(traffic.inbound(TCP(sport=50000), "192.168.1.0"))


@pytest.mark.parametrize("rules", [None, []], ids=["absent", "empty"])
def test_without_rules_everything_is_mirrored(world, traffic, rules):
    """Both directions, every protocol, IPv4 and IPv6 are mirrored."""
    create_mirrors(world, world.mirror(filterRules=rules))

    for layer in LAYERS.values():
        for peer in (CLIENT, CLIENT_6):
            assert traffic.is_mirrored(traffic.inbound(layer, peer))
            assert traffic.is_mirrored(traffic.outbound(layer, peer))


@pytest.mark.parametrize("direction", ["ingress", "Egress"])
def test_a_direction_is_seen_from_the_source(world, traffic, direction):
    """Ingress mirrors only what the source receives, egress only what it sends."""
    mirror(world, {"direction": direction})

    assert traffic.is_mirrored(traffic.inbound(TCP())) is (direction == "ingress")
    assert traffic.is_mirrored(traffic.outbound(TCP())) is (direction == "Egress")


@pytest.mark.parametrize(
    ("protocol", "names"),
    [
        ("tcp", ["tcp"]),
        ("UDP", ["udp"]),
        ("icmp", ["icmp"]),
        (47, ["gre"]),
        ("17", ["udp"]),
        *((each, list(LAYERS)) for each in ("all", "any", "-1", -1)),
    ],
)
def test_only_the_requested_protocol_is_mirrored(world, traffic, protocol, names):
    """It can be a name or a number; all, any and -1 mean every protocol."""
    mirror(world, {"protocol": protocol})

    mirrored = [
        name
        for name, each in LAYERS.items()
        if traffic.is_mirrored(traffic.inbound(each))
    ]

    assert mirrored == names


@pytest.mark.parametrize(("protocol", "layer"), [("tcp", TCP), ("udp", UDP)])
def test_source_and_destination_ports_must_both_match(world, traffic, protocol, layer):
    """Ranges include both of their ends, and can be a single port."""
    mirror(
        world,
        {
            "protocol": protocol,
            "sourcePortRange": {"fromPort": "5000", "toPort": 5001},
            "destinationPortRange": {"fromPort": 443, "toPort": "443"},
        },
    )

    mirrored = [
        (sport, dport)
        for sport in (443, 4999, 5000, 5001, 5002)
        for dport in (442, 443, 444, 5000)
        if traffic.is_mirrored(traffic.inbound(layer(sport=sport, dport=dport)))
    ]

    assert mirrored == [(5000, 443), (5001, 443)]


@pytest.mark.parametrize(
    ("cidr", "inside", "outside"),
    [
        ("192.168.0.124/24", ["192.168.0.0", "192.168.0.255"], ["192.168.1.0"]),
        ("192.168.0.124", ["192.168.0.124"], ["192.168.0.123", "192.168.0.125"]),
        ("2001:db8:9::7/64", ["2001:db8:9::1"], ["2001:db8:8::1", CLIENT]),
    ],
)
@pytest.mark.parametrize("direction", ["ingress", "egress"])
def test_a_cidr_limits_the_remote_end(world, traffic, direction, cidr, inside, outside):
    """It is the source of incoming packets and the destination of outgoing ones."""
    end = "sourceCidr" if direction == "ingress" else "destinationCidr"
    mirror(world, {"direction": direction, end: cidr})
    send = traffic.inbound if direction == "ingress" else traffic.outbound

    assert all(traffic.is_mirrored(send(TCP(), each)) for each in inside)
    assert not any(traffic.is_mirrored(send(TCP(), each)) for each in outside)


def test_an_ingress_destination_is_the_mirrored_nics_address(world, traffic):
    """A rule for another address of the subnet mirrors no incoming packet."""
    mirror(world, {"destinationCidr": traffic.address})
    assert traffic.is_mirrored(traffic.inbound(TCP()))

    world.remove(targetNicId=world.nic("capture"))
    mirror(world, {"destinationCidr": "10.0.15.254"})
    assert not traffic.is_mirrored(traffic.inbound(TCP()))


@pytest.mark.parametrize(
    ("protocol", "layer", "peer"),
    [("tcp", TCP(), CLIENT), ("ipv6-icmp", ICMPv6EchoRequest(), CLIENT_6)],
)
def test_missing_cidrs_mean_one_address_family(world, traffic, protocol, layer, peer):
    """It is IPv4, or IPv6 if the protocol exists only there."""
    mirror(world, {"protocol": protocol})
    other = CLIENT if peer == CLIENT_6 else CLIENT_6

    assert traffic.is_mirrored(traffic.inbound(layer, peer))
    assert not traffic.is_mirrored(traffic.inbound(layer, other))


SSH = {"destinationPortRange": {"fromPort": 22, "toPort": 22}}


def test_a_reject_rule_before_an_accept_rule_wins(world, traffic):
    """Rules are evaluated in the order of the request."""
    mirror(world, {**SSH, "ruleAction": "reject"}, {})

    assert not traffic.is_mirrored(traffic.inbound(TCP(dport=22)))
    assert traffic.is_mirrored(traffic.inbound(TCP(dport=80)))


def test_an_accept_rule_before_a_reject_rule_wins(world, traffic):
    """A later reject rule doesn't matter."""
    mirror(world, {**SSH, "ruleAction": "accept"}, {"ruleAction": "Reject"}, {})

    assert traffic.is_mirrored(traffic.inbound(TCP(dport=22)))
    assert not traffic.is_mirrored(traffic.inbound(TCP(dport=80)))


def test_a_filter_of_reject_rules_mirrors_nothing(world, traffic):
    """The warning is right: no packet is mirrored."""
    rules = [{"direction": "ingress", "protocol": "all", "ruleAction": "reject"}]

    (result,) = create_mirrors(world, world.mirror(filterRules=rules))

    assert "no filter rule accepts anything" in result["infoMessage"]
    assert not traffic.is_mirrored(traffic.inbound(TCP()))


def test_a_packet_is_mirrored_by_the_lowest_session_number(world, traffic):
    """The next session gets only the packets that the first doesn't accept."""
    create_mirrors(
        world,
        world.mirror(target="ids", sessionNumber=20),
        world.mirror(target="capture", sessionNumber=10, filterRules=[TCP_IN]),
    )

    for layer, app, other in (
        (TCP(), "capture", "ids"),
        (UDP(dport=7), "ids", "capture"),
    ):
        assert traffic.is_mirrored(traffic.inbound(layer), app)
        assert traffic.copies(traffic.inbound(layer), other) == []


@pytest.mark.parametrize("services", [None, ["amazon-dns"]])
def test_dns_is_mirrored_if_it_is_requested(world, traffic, services):
    """Queries to the VPC resolver and its answers are mirrored whatever the rules."""
    vpc = world.client.describe_vpcs(VpcIds=[describe_nic(world, "web")["VpcId"]])
    resolver = str(ip_network(vpc["Vpcs"][0]["CidrBlock"])[2])
    mirror(world, {"protocol": "udp"}, networkServices=services)

    query = traffic.is_mirrored(traffic.outbound(UDP(sport=4000, dport=53), resolver))
    answer = traffic.is_mirrored(traffic.inbound(UDP(sport=53, dport=4000), resolver))

    assert query is answer is (services is not None)
    assert traffic.is_mirrored(traffic.inbound(UDP(sport=53, dport=4000), "192.0.2.53"))
    assert not traffic.is_mirrored(
        traffic.outbound(UDP(sport=4000, dport=53), "192.0.2.53")
    )


def test_a_removed_mirror_copies_nothing(world, traffic):
    """Other sessions of the source continue."""
    create_mirrors(world, world.mirror(target="ids"), world.mirror(target="capture"))
    world.remove(targetNicId=world.nic("ids"))
    assert traffic.is_mirrored(traffic.inbound(TCP()), "capture")

    world.remove(targetNicId=world.nic("capture"))

    assert not traffic.is_mirrored(traffic.inbound(TCP()))
