"""What a request says is mirrored, and nothing else: packets are sent to see it."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import ICMPv6EchoRequest
from scapy.layers.l2 import GRE
from scapy.layers.vxlan import VXLAN

from tests.request_texts import DOCUMENTED_CREATE, SOURCE, TARGET
from tests.scenario.ec2_resources import (
    allow,
    closed_group,
    interface,
    network,
    other_vpc,
    run,
)
from tests.scenario.mirrored_traffic import CLIENT, CLIENT_6, Wire

LAYERS = {"tcp": TCP(), "udp": UDP(sport=7, dport=7), "icmp": ICMP(), "gre": GRE()}


@pytest.fixture
def wire(world):
    """Return the network of web."""
    return Wire(world)


def created(world, *actions):
    """Create mirrors that must come to stand; return their messages."""
    results = world.create(*actions)
    assert [result["errorMessage"] for result in results] == [""] * len(actions)
    return [result["infoMessage"] for result in results]


def mirror(world, *rules, **params):
    """Mirror web to capture with these rules; by default of arriving TCP."""
    basis = {"direction": "ingress", "protocol": "tcp"}
    created(
        world, world.mirror(filterRules=[{**basis, **each} for each in rules], **params)
    )


def test_the_documented_request_mirrors_what_it_says(world):
    """TCP from 192.168.0.0/24, ports 50000 to 65535, as it arrives."""
    world.sandbox = world.lab.deploy("documented", {"web": SOURCE, "capture": TARGET})
    wire = Wire(world)
    world.execute("CreateTrafficMirroring", DOCUMENTED_CREATE)

    for port, mirrored in ((49999, False), (50000, True), (65535, True)):
        assert wire.mirrors(wire.arriving(TCP(sport=port))) is mirrored
    assert not wire.mirrors(wire.arriving(UDP(sport=50000, dport=7)))
    assert not wire.mirrors(wire.leaving(TCP(sport=50000)))
    assert wire.mirrors(wire.arriving(TCP(sport=50000), "192.168.0.255"))
    assert not wire.mirrors(wire.arriving(TCP(sport=50000), "192.168.1.0"))


@pytest.mark.parametrize("rules", [None, []], ids=["absent", "empty"])
def test_without_rules_everything_is_mirrored(world, wire, rules):
    """Both directions, every protocol, IPv4 and IPv6."""
    created(world, world.mirror(filterRules=rules))

    for layer in LAYERS.values():
        for peer in (CLIENT, CLIENT_6):
            assert wire.mirrors(wire.arriving(layer, peer))
            assert wire.mirrors(wire.leaving(layer, peer))


@pytest.mark.parametrize("direction", ["ingress", "Egress"])
def test_a_direction_is_that_of_the_source(world, wire, direction):
    """Ingress arrives there, egress leaves; the other way nothing is mirrored."""
    mirror(world, {"direction": direction})

    assert wire.mirrors(wire.arriving(TCP())) is (direction == "ingress")
    assert wire.mirrors(wire.leaving(TCP())) is (direction == "Egress")


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
def test_a_protocol_is_mirrored_alone(world, wire, protocol, names):
    """By name or number; all of them by each of three words."""
    mirror(world, {"protocol": protocol})

    mirrored = [
        name for name, each in LAYERS.items() if wire.mirrors(wire.arriving(each))
    ]

    assert mirrored == names


@pytest.mark.parametrize(("protocol", "layer"), [("tcp", TCP), ("udp", UDP)])
def test_ports_are_those_of_their_end(world, wire, protocol, layer):
    """Both ranges must hold, with their ends; one port alone is a range too."""
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
        if wire.mirrors(wire.arriving(layer(sport=sport, dport=dport)))
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
def test_a_cidr_is_the_other_ends(world, wire, direction, cidr, inside, outside):
    """Where packets arrive it is whence they come, where they leave whither they go."""
    end = "sourceCidr" if direction == "ingress" else "destinationCidr"
    mirror(world, {"direction": direction, end: cidr})
    send = wire.arriving if direction == "ingress" else wire.leaving

    assert all(wire.mirrors(send(TCP(), each)) for each in inside)
    assert not any(wire.mirrors(send(TCP(), each)) for each in outside)


def test_a_destination_is_the_sources_own_address(world, wire):
    """A rule for another address of the subnet mirrors nothing of what arrives."""
    mirror(world, {"destinationCidr": wire.address})
    assert wire.mirrors(wire.arriving(TCP()))

    world.remove(targetNicId=world.nic("capture"))
    mirror(world, {"destinationCidr": "10.0.15.254"})
    assert not wire.mirrors(wire.arriving(TCP()))


@pytest.mark.parametrize(
    ("protocol", "layer", "peer"),
    [("tcp", TCP(), CLIENT), ("ipv6-icmp", ICMPv6EchoRequest(), CLIENT_6)],
)
def test_absent_cidrs_are_all_of_one_family(world, wire, protocol, layer, peer):
    """IPv4, and IPv6 where the protocol is only there."""
    mirror(world, {"protocol": protocol})
    other = CLIENT if peer == CLIENT_6 else CLIENT_6

    assert wire.mirrors(wire.arriving(layer, peer))
    assert not wire.mirrors(wire.arriving(layer, other))


SSH = {"destinationPortRange": {"fromPort": 22, "toPort": 22}}


def test_what_is_rejected_first_is_not_mirrored(world, wire):
    """The rules are tried in the request's order."""
    mirror(world, {**SSH, "ruleAction": "reject"}, {})

    assert not wire.mirrors(wire.arriving(TCP(dport=22)))
    assert wire.mirrors(wire.arriving(TCP(dport=80)))


def test_what_is_accepted_first_is_mirrored(world, wire):
    """A rejection behind it comes too late."""
    mirror(world, {**SSH, "ruleAction": "accept"}, {"ruleAction": "Reject"}, {})

    assert wire.mirrors(wire.arriving(TCP(dport=22)))
    assert not wire.mirrors(wire.arriving(TCP(dport=80)))


def test_a_filter_that_is_warned_of_accepts_nothing(world, wire):
    """A warning told so; no packet gets through."""
    rules = [{"direction": "ingress", "protocol": "all", "ruleAction": "reject"}]

    (info,) = created(world, world.mirror(filterRules=rules))

    assert "no filter rule accepts anything" in info
    assert not wire.mirrors(wire.arriving(TCP()))


def test_a_packet_length_cuts_the_copy(world, wire):
    """The copy is cut where the request says, counted from the Ethernet frame on."""
    created(world, world.mirror(packetLength="60"))

    (copy,) = wire.copies(wire.arriving(TCP() / (b"x" * 500)))

    assert len(copy[VXLAN].payload) == 60


@pytest.mark.parametrize("network", ["4711", None])
def test_a_virtual_network_is_in_the_copy(world, wire, network):
    """The request's, or the one that EC2 chose."""
    created(world, world.mirror(virtualNetworkId=network))

    (copy,) = wire.copies(wire.arriving(TCP()))

    (session,) = world.sessions
    assert copy[VXLAN].vni == session["VirtualNetworkId"]
    assert network is None or copy[VXLAN].vni == 4711
    assert (copy.src, copy[UDP].dport) == (wire.address, 4789)
    assert copy.dst == interface(world, "capture")["PrivateIpAddress"]


def test_the_lower_session_number_has_a_packet(world, wire):
    """The other session gets what the first doesn't accept, not what it does."""
    tcp = [{"direction": "ingress", "protocol": "tcp"}]
    created(
        world,
        world.mirror(target="ids", sessionNumber=20),
        world.mirror(target="capture", sessionNumber=10, filterRules=tcp),
    )

    for layer, app, other in (
        (TCP(), "capture", "ids"),
        (UDP(dport=7), "ids", "capture"),
    ):
        assert wire.mirrors(wire.arriving(layer), app)
        assert wire.copies(wire.arriving(layer), other) == []


def test_two_sources_of_one_target_are_told_apart(world, wire):
    """By the VXLAN network and the outer address."""
    created(world, world.mirror("web"), world.mirror("db"))
    db = interface(world, "db")["PrivateIpAddress"]

    (from_web,) = wire.copies(wire.leaving(TCP()))
    (from_db,) = wire.copies(IP(src=db, dst=CLIENT) / TCP())

    assert (from_web.src, from_db.src) == (wire.address, db)
    assert from_web[VXLAN].vni != from_db[VXLAN].vni


@pytest.mark.parametrize("services", [None, ["amazon-dns"]])
def test_dns_is_mirrored_where_it_is_asked_for(world, wire, services):
    """Questions and answers, beyond the rules, which say nothing of it."""
    vpc = world.client.describe_vpcs(VpcIds=[interface(world, "web")["VpcId"]])
    resolver = str(ip_network(vpc["Vpcs"][0]["CidrBlock"])[2])
    mirror(world, {"protocol": "udp"}, networkServices=services)

    asked = wire.mirrors(wire.leaving(UDP(sport=4000, dport=53), resolver))
    told = wire.mirrors(wire.arriving(UDP(sport=53, dport=4000), resolver))

    assert asked is told is (services is not None)
    assert wire.mirrors(wire.arriving(UDP(sport=53, dport=4000), "192.0.2.53"))
    assert not wire.mirrors(wire.leaving(UDP(sport=4000, dport=53), "192.0.2.53"))


def test_after_its_removal_a_mirror_copies_nothing(world, wire):
    """The other sessions of the source go on."""
    created(world, world.mirror(target="ids"), world.mirror(target="capture"))
    world.remove(targetNicId=world.nic("ids"))
    assert wire.mirrors(wire.arriving(TCP()), "capture")

    world.remove(targetNicId=world.nic("capture"))

    assert not wire.mirrors(wire.arriving(TCP()))


@pytest.mark.parametrize("group", ["closed", "open to others", "open"])
def test_copies_are_lost_where_the_groups_are_warned_of(world, wire, group):
    """Where there is no warning of UDP 4789, they arrive."""
    chosen = closed_group(world)
    nic = run(world, network(world)[1], chosen)
    if group != "closed":
        cidr = f"{wire.address if group == 'open' else CLIENT}/32"
        allow(world, chosen, IpRanges=[{"CidrIp": cidr}])

    (info,) = created(world, world.mirror(targetNicId=nic))

    assert ("is not open to" in info) is (group != "open")
    assert wire.mirrors(wire.arriving(TCP()), nic) is (group == "open")


@pytest.mark.parametrize("accepted", [False, True])
def test_copies_are_lost_where_the_vpcs_are_warned_of(world, wire, accepted):
    """Where there is no warning of peering, they arrive."""
    vpc, subnet, group = other_vpc(world)
    nic = run(world, subnet, group)
    peering = world.client.create_vpc_peering_connection(
        VpcId=interface(world, "web")["VpcId"], PeerVpcId=vpc
    )["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    if accepted:
        world.client.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)

    (info,) = created(world, world.mirror(targetNicId=nic))

    assert ("no active peering connection" in info) is not accepted
    assert wire.mirrors(wire.arriving(TCP()), nic) is accepted
