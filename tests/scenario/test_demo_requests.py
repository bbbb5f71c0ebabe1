"""The demo with a request of the reader's own: every rule is tried, whatever it is."""

from __future__ import annotations

import json
import re
from io import StringIO
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from demo.choices import choose_flows
from demo.packets import make_packet
from demo.request import UnreadableRequestError, read_request
from demo.rules import EVERY_PORT, Filter, Rule, is_mirrored
from demo.walkthrough import Demo
from emulator.ec2.packets.frames import read_flow, read_packet
from tests.request_texts import BALANCER, DOCUMENTED_CREATE, ENDPOINT, SOURCE, TARGET
from tests.scenario.conftest import new_testbed

NIC = ip_address("10.0.0.4")
ANY = {4: ip_network("0.0.0.0/0"), 6: ip_network("::/0")}
IPV6_HEADERS = {43, 44, 60}
"""Protocols that no IPv6 packet has, because they are headers before the protocol."""


def rule(version=4, protocol=None, direction="ingress", **more):
    """Return a rule that accepts everything of a family and protocol."""
    ends = {"source": ANY[version], "destination": ANY[version]}
    return Rule(1, True, direction, protocol, **{**ends, **more})


@pytest.mark.parametrize("version", [4, 6])
def test_a_rule_of_any_protocol_has_a_packet_that_it_accepts_and_another(version):
    """The bytes of each packet are of the protocol that was chosen."""
    for protocol in range(1, 256):
        direction = ("ingress", "egress")[protocol % 2]
        chosen = Filter((rule(version, protocol, direction),))

        flows = choose_flows([chosen], NIC)

        accepted = [flow for flow in flows if is_mirrored(flow, [chosen])]
        possible = version == 4 or protocol not in IPV6_HEADERS
        assert [flow.protocol for flow in accepted] == [protocol] * possible
        assert len(flows) > len(accepted)
        for flow in flows:
            sent = read_flow(read_packet(make_packet(flow)))
            assert (sent.protocol, sent.source) == (flow.protocol, flow.source)
            assert sent.source_port == (flow.source_port if flow.has_ports else None)


def networks(version):
    """Return a strategy for networks, few enough to overlap often."""
    bits, texts = {
        4: (32, ["10.0.0.4", "10.0.0.5", "192.168.0.7", "172.16.0.0"]),
        6: (128, ["2001:db8::7", "2001:db8:1::4", "fd00::"]),
    }[version]
    lengths = st.sampled_from([0, 8, bits - 8, bits - 1, bits])
    return st.builds(
        lambda text, length: ip_network(f"{text}/{length}", strict=False),
        st.sampled_from(texts),
        lengths,
    )


PORTS = st.just(EVERY_PORT) | st.builds(
    lambda first, size: range(first, min(first + size, 2**16)),
    st.sampled_from([0, 53, 123, 443, 50123, 65535]),
    st.sampled_from([1, 2, 1000]),
)


@st.composite
def rules(draw):
    """Return the rules of a filter, by number."""
    drawn = []
    for number in range(1, draw(st.integers(1, 10)) + 1):
        version = draw(st.sampled_from([4, 6]))
        protocol = draw(st.sampled_from([None, 6, 17, 1, 58, 50, 253]))
        with_ports = protocol in (6, 17)
        drawn.append(
            Rule(
                number,
                draw(st.booleans()),
                draw(st.sampled_from(["ingress", "egress"])),
                protocol,
                draw(networks(version)),
                draw(networks(version)),
                draw(PORTS) if with_ports else EVERY_PORT,
                draw(PORTS) if with_ports else EVERY_PORT,
            )
        )
    return tuple(drawn)


@given(rules())
@settings(max_examples=40, deadline=None)
def test_each_of_many_rules_has_a_packet_that_it_matches_and_another(chosen):
    """Unless no packet can match it, because both ends are the same address."""
    flows = choose_flows([Filter(chosen)], NIC)

    assert not all(is_mirrored(flow, [Filter(chosen)]) for flow in flows)
    for each in chosen:
        ends = each.source, each.destination
        possible = ends[0] != ends[1] or ends[0].num_addresses > 1
        assert any(each.matches(flow) for flow in flows) == possible
        assert not all(each.matches(flow) for flow in flows)


def test_a_packet_gets_past_the_rules_before():
    """A rule that is hidden at the usual addresses and ports has its packet, too."""
    hiding = [
        rule(source=ip_network("0.0.0.0/1"), protocol=17),
        rule(protocol=17, destination_ports=range(2**16 - 2)),
        rule(protocol=17, source_ports=range(1, 2**16)),
    ]
    numbered = [
        Rule(number, number == 4, *_after_action(each))
        for number, each in enumerate([*hiding, rule(protocol=17)], 1)
    ]

    flows = choose_flows([Filter(tuple(numbered))], NIC)

    (accepted,) = [f for f in flows if is_mirrored(f, [Filter(tuple(numbered))])]
    assert accepted.source_port == 0
    assert accepted.destination_port in (65534, 65535)
    assert accepted.source in ip_network("128.0.0.0/1")


def _after_action(each):
    return (
        each.direction,
        each.protocol,
        each.source,
        each.destination,
        each.source_ports,
        each.destination_ports,
    )


@pytest.fixture
def demo(short_wait_lab, tmp_path):
    """Return a function that runs the demo with a request; it returns its output."""
    new_testbed(short_wait_lab)

    def run(text, width=80):
        file, output = tmp_path / "own.json", StringIO()
        file.write_text(text, encoding="utf-8")
        console = Console(file=output, width=width)
        succeeded = Demo(short_wait_lab, console).run(read_request(file))
        return succeeded, output.getvalue()

    return run


def create(*params):
    """Return a request with an action for each of these parameters."""
    actions = [
        {"type": "CreateTrafficMirroring", "actionId": "1", "actionParams": each}
        for each in params
    ]
    return json.dumps({"driverRequest": {"actions": actions}})


def test_the_demo_deploys_what_a_request_names_and_tries_its_rules(demo):
    """Apps, NICs, load balancers and endpoints; nothing is cut."""
    filter_rules = [
        {"direction": "egress", "protocol": "gre", "destinationCidr": "2001:db8::/32"},
        {"direction": "ingress", "protocol": "tcp", "destinationCidr": "172.16.0.0/12"},
        {
            "direction": "ingress",
            "protocol": "udp",
            "destinationPortRange": {"fromPort": 53, "toPort": 53},
            "ruleAction": "reject",
        },
    ]
    balanced = {"sourceAppName": "mäil", "networkLoadBalancerArn": BALANCER}
    ended = {"sourceNicId": SOURCE, "gatewayLoadBalancerEndpointId": ENDPOINT}

    succeeded, output = demo(
        create(
            {**balanced, "filterRules": filter_rules, "packetLength": 9},
            {**ended, "networkServices": ["amazon-dns"]},
        )
    )

    words = " ".join(output.split())
    assert succeeded
    assert "NOT" not in output
    assert "…" not in output
    assert f"Also deployed: {ENDPOINT}" in words
    assert "protocol 47 2001:db8:1::4 > egress rule 1 accepts 45 bytes" in words
    assert "rule 3 rejects none" in words
    assert "the filter has amazon-dns" in words
    assert re.search(r"arrived at its target \([1-9]\d?\), .* other one \([1-9]", words)


def test_a_rejected_request_ends_with_its_problems(demo):
    """Nothing was created, and no packet was sent."""
    succeeded, output = demo(
        DOCUMENTED_CREATE.replace("ingress", "both").replace('"5"', '"five"')
    )

    assert not succeeded
    assert "Proved: nothing was created." in output
    assert "Send packets" not in output
    _, _, problems = output.partition("What is wrong with the request:\n")
    assert "filterRules[0].direction" in problems
    assert "sessionNumber" in problems
    assert "Proved" not in problems


def test_a_failed_action_is_printed_last(demo):
    """Also if it is valid in itself."""
    there = {"sourceNicId": SOURCE, "targetNicId": TARGET}
    back = {"sourceNicId": TARGET, "targetNicId": SOURCE}

    succeeded, output = demo(create(there, back))

    assert not succeeded
    assert "Proved: nothing was created." in output
    _, _, problems = output.partition("What is wrong with the request:\n")
    assert TARGET in problems
    assert "leave one of the two actions out" in problems.splitlines()[-1]


def test_a_dry_run_succeeds_without_a_mirror(demo):
    """The demo shows the answer, and that nothing was created."""
    succeeded, output = demo(
        DOCUMENTED_CREATE.replace('"5"', '"5", "dryRun": true'), width=200
    )

    assert succeeded
    assert "Would create a session" in output
    assert output.endswith("Proved: nothing was created.\n")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_request_file_may_start_with_a_byte_order_mark(tmp_path, encoding):
    """Some editors write one."""
    file = tmp_path / "own.json"
    file.write_text(DOCUMENTED_CREATE, encoding=encoding)

    assert read_request(file).nics == (SOURCE, TARGET)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "latin-1"])
def test_a_request_file_in_another_encoding_is_refused(tmp_path, encoding):
    """In one sentence that names the file and the solution."""
    file = tmp_path / "own.json"
    file.write_text(DOCUMENTED_CREATE.replace("41f2", "ü"), encoding=encoding)

    with pytest.raises(UnreadableRequestError) as raised:
        read_request(file)

    message = (
        f"The request file {file} is not in UTF-8: save it in UTF-8 and try again."
    )
    assert str(raised.value) == message


def test_a_missing_request_file_is_refused(tmp_path):
    """So is a folder."""
    with pytest.raises(
        UnreadableRequestError, match=r"^There is no request file .*x\.$"
    ):
        read_request(tmp_path / "x")
    with pytest.raises(
        UnreadableRequestError, match=r"can't be read: Is a directory\.$"
    ):
        read_request(tmp_path)


def test_a_request_that_is_no_json_names_nothing(tmp_path):
    """The shell will say what is wrong with it."""
    file = tmp_path / "own.json"
    file.write_text("{'driverRequest': {}}")

    assert read_request(file).nics == ()
