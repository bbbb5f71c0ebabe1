"""
Random rules and random packets: a packet is mirrored if the request says so.

The expected result is computed here from the request alone, independently of the
driver and the emulator.
"""

from __future__ import annotations

import os
from ipaddress import ip_address, ip_network

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from scapy.layers.inet import ICMP, TCP, UDP

from tests.scenario.conftest import EMPTY, clean_up
from tests.scenario.mirrored_traffic import Traffic

NUMBERS = {"tcp": 6, "udp": 17, "icmp": 1}
PORTS = [0, 22, 79, 80, 81, 443, 1023, 1024, 49999, 50000, 65535]
PEERS = ["192.168.0.1", "192.168.0.255", "192.168.1.0", "10.0.0.77", "203.0.113.9"]
PEERS_6 = ["2001:db8:9::1", "2001:db8:a::1"]
CIDRS = ["192.168.0.124/24", "192.168.0.1", "10.0.0.0/8", "0.0.0.0/0"]
CIDRS_6 = ["2001:db8:9::/48", "2001:db8::/32", "::/0"]

ports = st.tuples(st.sampled_from(PORTS), st.sampled_from(PORTS)).map(
    lambda ends: {"fromPort": min(ends), "toPort": str(max(ends))}
)


@st.composite
def rules(draw):
    """Generate a rule of a request; all fields but two are optional."""
    protocol = draw(st.sampled_from(["tcp", "UDP", "icmp", "all", 6, "17"]))
    rule = {
        "direction": draw(st.sampled_from(["ingress", "egress", "Ingress"])),
        "protocol": protocol,
    }
    cidrs = st.sampled_from(draw(st.sampled_from([CIDRS, CIDRS, CIDRS_6])))
    optional = {
        "sourceCidr": cidrs,
        "destinationCidr": cidrs,
        "ruleAction": st.sampled_from(["accept", "reject"]),
    }
    if protocol not in ("icmp", "all"):
        optional |= {"sourcePortRange": ports, "destinationPortRange": ports}
    return rule | draw(st.fixed_dictionaries({}, optional=optional))


packets = st.fixed_dictionaries(
    {
        "direction": st.sampled_from(["ingress", "egress"]),
        "protocol": st.sampled_from(list(NUMBERS)),
        "peer": st.sampled_from(PEERS + PEERS_6),
        "sport": st.sampled_from(PORTS),
        "dport": st.sampled_from(PORTS),
    }
)


def should_be_mirrored(filter_rules, packet, own):
    """Return whether a packet should be mirrored; no rules mean everything."""
    ends = packet["peer"], own
    source, destination = ends if packet["direction"] == "ingress" else ends[::-1]
    for rule in filter_rules:
        if (
            rule["direction"].lower() == packet["direction"]
            and is_protocol(rule["protocol"], packet["protocol"])
            and is_in(rule, "sourceCidr", source)
            and is_in(rule, "destinationCidr", destination)
            and has_port(rule.get("sourcePortRange"), packet["sport"])
            and has_port(rule.get("destinationPortRange"), packet["dport"])
        ):
            return rule.get("ruleAction", "accept") == "accept"
    return not filter_rules


def is_protocol(protocol, name):
    """Return whether a rule's protocol, a name or number, is the packet's."""
    return str(protocol).lower() in ("all", name, str(NUMBERS[name]))


def is_in(rule, field, address):
    """Return whether a rule's CIDR has an address; if absent, all of its family."""
    other = "sourceCidr" if field == "destinationCidr" else "destinationCidr"
    cidr = rule.get(field) or ("::/0" if ":" in rule.get(other, "") else "0.0.0.0/0")
    return ip_address(address) in ip_network(cidr, strict=False)


def has_port(port_range, port):
    """Return whether a rule's port range, if it has one, includes a port."""
    if port_range is None:
        return True
    return int(port_range["fromPort"]) <= port <= int(port_range["toPort"])


def build(traffic, packet):
    """Build the packet; ICMP has no ports."""
    layer = {"tcp": TCP, "udp": UDP, "icmp": ICMP}[packet["protocol"]]
    ends = {} if layer is ICMP else {name: packet[name] for name in ("sport", "dport")}
    send = traffic.inbound if packet["direction"] == "ingress" else traffic.outbound
    return send(layer(**ends), packet["peer"])


def test_random_rules_mirror_the_packets_that_they_accept(quick_world, tally):
    """For random rules, exactly the accepted ones of random packets are mirrored."""
    traffic = Traffic(quick_world)
    soak = os.environ.get("SOAK")

    @settings(
        max_examples=int(soak or 25),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=not soak,
        database=None,
        print_blob=True,
        phases=[Phase.generate],  # shrinking an example takes too long
    )
    @given(st.lists(rules(), max_size=5), st.lists(packets, min_size=15, max_size=15))
    def check(filter_rules, sent):
        (result,) = quick_world.create(quick_world.mirror(filterRules=filter_rules))
        assert result["success"], result
        for packet in sent:
            probe = build(traffic, packet)
            own = probe.dst if packet["direction"] == "ingress" else probe.src
            expected = should_be_mirrored(filter_rules, packet, own)
            assert traffic.is_mirrored(probe) is expected, packet
            tally[f"Random packet, {'' if expected else 'not '}mirrored"] += 1
        assert clean_up(quick_world)["success"]

    check()
    assert quick_world.state == EMPTY
