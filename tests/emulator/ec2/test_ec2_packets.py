"""Which packets are mirrored, and by which session; one test per rule of AWS."""

from __future__ import annotations

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import ARP
from scapy.packet import Raw

from tests.emulator.ec2.nets import ANYWHERE, CLIENT


def test_a_packet_that_a_rule_accepts_is_mirrored(net):
    """The delivery names session and rule, and the target receives the copy."""
    session = net.mirror({})

    passage = net.passage(net.in_(TCP()))

    assert (passage.direction, passage.reason) == (
        "ingress",
        "rule 1 accepts",
    )
    assert passage.copy.session_id == session
    assert passage.copy.arrived
    assert net.ec2.received_by(net.target) == [passage.copy.data]


def test_without_a_session_nothing_is_mirrored(net):
    """The packet passes, too."""
    passage = net.passage(net.in_(TCP()))

    assert passage.passed
    assert (passage.copy, passage.reason) == (None, "it is no mirror source")


def test_a_filter_without_rules_accepts_nothing(net):
    """A new filter mirrors neither direction."""
    net.mirror()

    assert not net.mirrored(net.in_(TCP()))
    assert not net.mirrored(net.out(TCP()))


def test_a_rule_is_for_its_direction_alone(net):
    """Packets to the source are ingress, packets from it are egress."""
    net.mirror({"TrafficDirection": "egress"})

    assert net.mirrored(net.out(TCP()))
    assert not net.mirrored(net.in_(TCP()))


def test_the_first_rule_that_matches_decides(net):
    """The lowest number decides, not the oldest rule."""
    net.mirror({"RuleNumber": 20}, {"RuleNumber": 10, "RuleAction": "reject"})

    passage = net.passage(net.in_(TCP()))

    assert (passage.copy, passage.reason) == (None, "rule 10 rejects")


def test_a_rule_that_does_not_match_is_passed_over(net):
    """The next rule is evaluated; without a match the packet is rejected."""
    net.mirror({"Protocol": 6, "RuleAction": "reject"}, {"Protocol": 17})

    assert net.mirrored(net.in_(UDP(dport=7)))
    assert not net.mirrored(net.in_(TCP()))
    assert net.passage(net.in_(ICMP())).reason == "no rule matches"


@pytest.mark.parametrize(
    ("protocol", "layer"), [(6, TCP()), (17, UDP(dport=7)), (1, ICMP())]
)
def test_a_rule_with_a_protocol_is_for_that_one(net, protocol, layer):
    """All other packets are rejected."""
    net.mirror({"Protocol": protocol})
    others = [
        each for each in (TCP(), UDP(dport=7), ICMP()) if type(each) is not type(layer)
    ]

    assert net.mirrored(net.in_(layer))
    assert not any(net.mirrored(net.in_(other)) for other in others)


def test_a_rule_without_protocol_is_for_all(net):
    """Protocols without name and ports are included."""
    net.mirror({})

    assert all(net.mirrored(net.in_(each)) for each in (TCP(), UDP(dport=7), ICMP()))
    assert net.mirrored(IP(src=CLIENT, dst=net.web, proto=89) / b"routes")


@pytest.mark.parametrize("end", ["SourcePortRange", "DestinationPortRange"])
@pytest.mark.parametrize(("number", "layer"), [(6, TCP), (17, UDP)])
def test_a_port_range_includes_both_its_ends(net, end, number, layer):
    """Ports next to the range don't match, nor does the range at the other end."""
    ports = {"FromPort": 8000, "ToPort": 8010}
    net.mirror({"Protocol": number, end: ports})
    name, other = ("sport", "dport") if end.startswith("S") else ("dport", "sport")

    def mirrored(port):
        return net.mirrored(net.in_(layer(**{name: port, other: 9})))

    assert [mirrored(port) for port in (7999, 8000, 8010, 8011)] == [
        False,
        True,
        True,
        False,
    ]
    assert not net.mirrored(net.in_(layer(**{name: 9, other: 8000})))


def test_a_later_fragment_matches_no_port(net):
    """Only the first fragment has ports; AWS doesn't document the others."""
    net.mirror(
        {"Protocol": 17, "DestinationPortRange": {"FromPort": 0, "ToPort": 65535}}
    )
    fragment = IP(src=CLIENT, dst=net.web, frag=3, proto=17) / Raw(b"middle" * 9)

    assert net.passage(fragment).reason == "no rule matches"


@pytest.mark.parametrize("end", ["SourceCidrBlock", "DestinationCidrBlock"])
def test_a_cidr_is_that_of_its_end(net, end):
    """Rules use the packet's source and destination, in both directions."""
    net.mirror(
        *(
            {"TrafficDirection": each, end: "198.51.100.0/28"}
            for each in ("ingress", "egress")
        )
    )
    send = net.in_ if end.startswith("S") else net.out
    other = net.out if end.startswith("S") else net.in_

    assert net.mirrored(send(TCP(), "198.51.100.15"))
    assert not net.mirrored(send(TCP(), "198.51.100.16"))
    assert not net.mirrored(other(TCP(), "198.51.100.15"))


def test_the_lowest_session_that_accepts_mirrors_a_packet_once(net):
    """Other sessions that would accept the packet get no copy."""
    late = net.mirror({}, SessionNumber=9)
    first = net.mirror({}, SessionNumber=2)

    passage = net.passage(net.in_(TCP()))

    assert passage.copy.session_id == first
    assert late not in [each.session.id for each in passage.decisions]
    assert len(net.ec2.received_by(net.target)) == 1


def test_a_session_that_does_not_accept_leaves_a_packet_to_the_next(net):
    """It does so if a rule rejects the packet, and if none matches."""
    net.mirror({"RuleAction": "reject"}, SessionNumber=1)
    net.mirror({"Protocol": 17}, SessionNumber=2)
    third = net.mirror({}, SessionNumber=3)

    passage = net.passage(net.in_(TCP()))

    assert passage.copy.session_id == third
    assert [each.accepted for each in passage.decisions] == [False, False, True]


def test_sender_and_receiver_are_sources_each_for_itself(net):
    """A packet between two sources is copied twice, with different VNIs."""
    other = net.lab.nic()
    net.mirror({"TrafficDirection": "egress"}, VirtualNetworkId=1)
    net.mirror({}, NetworkInterfaceId=other, VirtualNetworkId=2)

    sent, received = net.ec2.send(IP(src=net.web, dst=net.address(other)) / TCP())

    assert (sent.interface_id, sent.direction) == (net.source, "egress")
    assert (received.interface_id, received.direction) == (other, "ingress")
    assert len(net.ec2.received_by(net.target)) == 2


def test_a_modified_rule_holds_for_the_next_packet(net):
    """Changes of a filter in use take effect at once."""
    net.mirror({"RuleAction": "reject"})
    assert not net.mirrored(net.in_(TCP()))
    (rule,) = net.client.describe_traffic_mirror_filter_rules()[
        "TrafficMirrorFilterRules"
    ]

    net.client.modify_traffic_mirror_filter_rule(
        TrafficMirrorFilterRuleId=rule["TrafficMirrorFilterRuleId"], RuleAction="accept"
    )

    assert net.mirrored(net.in_(TCP()))


def test_a_deleted_session_mirrors_nothing_more(net):
    """Earlier copies are kept."""
    session = net.mirror({})
    assert net.mirrored(net.in_(TCP()))

    net.client.delete_traffic_mirror_session(TrafficMirrorSessionId=session)

    assert not net.mirrored(net.in_(TCP()))
    assert len(net.ec2.received_by(net.target)) == 1


def dns(net, protocol, resolver):
    """Return a query to a resolver, and its reply."""
    ends = {"sport": 5353, "dport": 53}, {"sport": 53, "dport": 5353}
    question, answer = (protocol(**each) for each in ends)
    return net.out(question, resolver), net.in_(answer, resolver)


@pytest.mark.parametrize("protocol", [UDP, TCP])
@pytest.mark.parametrize("place", ["vpc", "169.254.169.253"])
def test_no_rule_lets_the_resolvers_traffic_through(net, protocol, place):
    """Neither query nor reply is mirrored, whatever the rules are."""
    net.mirror({}, {"TrafficDirection": "egress"})

    for packet in dns(net, protocol, net.resolver if place == "vpc" else place):
        passage = net.passage(packet)
        assert (passage.copy, passage.reason) == (None, "the filter lacks amazon-dns")


def add_dns(net):
    """Add amazon-dns to the only filter."""
    (only,) = net.client.describe_traffic_mirror_filters()["TrafficMirrorFilters"]
    net.client.modify_traffic_mirror_filter_network_services(
        TrafficMirrorFilterId=only["TrafficMirrorFilterId"],
        AddNetworkServices=["amazon-dns"],
    )


def test_the_resolvers_traffic_is_mirrored_as_a_service(net):
    """Query and reply are mirrored, whatever the rules are, but no other packet."""
    session = net.mirror({"RuleAction": "reject"})
    add_dns(net)

    for packet in dns(net, UDP, net.resolver):
        passage = net.passage(packet)
        assert passage.copy.session_id == session
    assert not net.mirrored(net.in_(UDP(sport=53, dport=53), CLIENT))
    assert not net.mirrored(net.in_(TCP(), net.resolver))


def test_no_group_drops_the_resolvers_traffic(net):
    """Security groups don't apply to DNS, so it is mirrored in any case."""
    net.mirror()
    add_dns(net)
    net.group(net.source)
    _, answer = dns(net, UDP, net.resolver)

    assert net.mirrored(answer)


@pytest.mark.parametrize(
    ("service", "peer", "layer"),
    [
        ("DHCP", "172.31.0.1", UDP(sport=68, dport=67)),
        ("DHCP", "172.31.0.1", UDP(sport=67, dport=68)),
        ("NTP", "169.254.169.123", UDP(sport=40000, dport=123)),
        ("NTP", CLIENT, UDP(sport=123, dport=40000)),
        ("instance metadata", "169.254.169.254", TCP(dport=80)),
        ("Windows activation", "169.254.169.250", TCP(dport=1688)),
        ("Windows activation", "169.254.169.251", TCP(sport=1688)),
    ],
)
def test_some_traffic_is_never_mirrored(net, service, peer, layer):
    """Neither rules nor network services change this."""
    net.mirror({}, {"TrafficDirection": "egress"})

    for packet in (net.out(layer, peer), net.in_(layer, peer)):
        passage = net.passage(packet)
        assert (passage.copy, passage.reason) == (None, f"{service} is never mirrored")


def test_what_the_sources_groups_drop_is_not_mirrored(net):
    """Allowed packets are mirrored, and so are the replies to allowed packets."""
    net.mirror({}, {"TrafficDirection": "egress"})
    group = net.group(net.source)
    net.open(
        group,
        IpProtocol="tcp",
        FromPort=443,
        ToPort=444,
        IpRanges=[{"CidrIp": "198.51.100.0/24"}],
    )

    dropped = net.passage(net.in_(TCP(dport=445)))
    assert (dropped.passed, dropped.copy) == (False, None)
    assert dropped.reason == "its security groups drop the packet"
    assert not net.mirrored(net.in_(UDP(dport=443)))
    assert not net.mirrored(net.in_(TCP(dport=443), "198.51.101.1"))
    assert net.mirrored(net.in_(TCP(dport=444)))
    assert not net.mirrored(net.in_(TCP(sport=80, dport=5000)))
    assert net.mirrored(net.out(TCP(sport=5000, dport=80)))
    assert net.mirrored(net.in_(TCP(sport=80, dport=5000)))


@pytest.mark.parametrize("kind", [-1, 8])
def test_a_group_opens_icmp_as_a_whole(net, kind):
    """A rule for one ICMP type allows nothing, which is stricter than AWS."""
    net.mirror({})
    icmp = {"IpProtocol": "icmp", "FromPort": kind, "ToPort": -1}
    net.open(net.group(net.source), **icmp, IpRanges=[{"CidrIp": ANYWHERE}])

    assert net.mirrored(net.in_(ICMP())) is (kind == -1)


def test_what_the_senders_groups_drop_arrives_nowhere(net):
    """It is mirrored neither at the sender, which is a guess, nor at the receiver."""
    net.mirror({"TrafficDirection": "egress"})
    group = net.group(net.source)
    everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": ANYWHERE}]}
    net.client.revoke_security_group_egress(GroupId=group, IpPermissions=[everything])

    (passage,) = net.ec2.send(IP(src=net.web, dst=net.capture) / TCP())

    assert (passage.interface_id, passage.passed) == (net.source, False)
    assert net.ec2.received_by(net.target) == []


def test_a_stopped_instance_sees_no_packet(net):
    """Its sessions exist, but mirror nothing."""
    net.mirror({})
    instance = net.interface(net.source)["Attachment"]["InstanceId"]
    net.client.stop_instances(InstanceIds=[instance])

    passage = net.passage(net.in_(TCP()))

    assert (passage.passed, passage.copy) == (False, None)
    assert passage.reason == "it is not attached to a running instance"


def test_ipv6_has_rules_of_its_own(net):
    """0.0.0.0/0 does not match IPv6; copies of IPv6 packets use IPv4."""
    vpc = net.interface(net.source)["VpcId"]
    net.client.associate_vpc_cidr_block(VpcId=vpc, AmazonProvidedIpv6CidrBlock=True)
    net.client.assign_ipv6_addresses(
        NetworkInterfaceId=net.source, Ipv6Addresses=["2001:db8::5"]
    )
    group = net.interface(net.source)["Groups"][0]["GroupId"]
    net.open(group, IpProtocol="-1", Ipv6Ranges=[{"CidrIpv6": "::/0"}])
    everywhere = {"SourceCidrBlock": "::/0", "DestinationCidrBlock": "::/0"}
    packet = IPv6(src="2001:db8::9", dst="2001:db8::5") / UDP(dport=7)

    net.mirror({})
    assert net.passage(packet).reason == "no rule matches"
    net.mirror({"Protocol": 17, **everywhere}, SessionNumber=2)
    copy = net.passage(packet).copy

    assert IP(copy.data).src == net.web
    assert IP(copy.data)[IPv6].src == "2001:db8::9"


@pytest.mark.parametrize(
    ("packet", "words"),
    [
        (IP(src="192.0.2.1", dst=CLIENT) / TCP(), f"192.0.2.1 or {CLIENT}"),
        (ARP(), "IP and IPv6 packets"),
        (IP(src="192.0.2.1", dst=CLIENT) / Raw(b"x" * 9000), "9001 at most"),
    ],
)
def test_a_packet_that_cannot_be_is_an_error(net, packet, words):
    """The error has a reason, and no packet is sent."""
    with pytest.raises(ValueError, match=words):
        net.ec2.send(packet)


def test_an_address_in_two_vpcs_needs_the_vpc(net):
    """Sandboxes may have the same addresses; a packet belongs to one of them."""
    twins = []
    for _ in range(2):
        vpc = net.client.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = net.client.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]
        net.client.run_instances(
            ImageId="ami-12345678",
            MinCount=1,
            MaxCount=1,
            SubnetId=subnet["SubnetId"],
            PrivateIpAddress="10.0.0.9",
        )
        twins.append(vpc)
    packet = IP(src="10.0.0.9", dst=CLIENT) / TCP()

    with pytest.raises(ValueError, match="pass one of them"):
        net.ec2.send(packet)
    first, second = (net.ec2.send(packet, vpc)[0].interface_id for vpc in twins)

    assert net.interface(first)["VpcId"] == twins[0]
    assert net.interface(second)["VpcId"] == twins[1]


def test_a_reset_forgets_copies(net):
    """After a reset no copies exist."""
    net.mirror({})
    assert net.mirrored(net.in_(TCP()))

    net.ec2.reset()

    assert net.ec2.received_by(net.target) == []
