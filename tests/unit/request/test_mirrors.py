"""Mirrors as EC2 has them are written so that they are read as the same mirrors."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.request_texts import BALANCER, ENDPOINT, SOURCE, TARGET, request
from traffic_mirroring.models import (
    EVERYTHING,
    Filter,
    FilterRule,
    Mirror,
    PortRange,
    Session,
    Target,
)
from traffic_mirroring.request.mirrors import action_params, find_inexpressible
from traffic_mirroring.request.parsing import parse_create

RULE = FilterRule("ingress", 6, "10.0.0.0/8", "0.0.0.0/0")
SESSION = Session(
    "tms-1", SOURCE, "tmt-1", "tmf-1", 5, {}, virtual_network_id=77, packet_length=96
)
PORTS = st.builds(
    lambda ends: PortRange(*sorted(ends)), st.tuples(*[st.integers(0, 65535)] * 2)
)
CIDRS = st.one_of(
    st.tuples(*[st.sampled_from(["0.0.0.0/0", "10.0.0.0/8", "192.168.0.7/32"])] * 2),
    st.tuples(*[st.sampled_from(["::/0", "2001:db8::/32", "2001:db8::7/128"])] * 2),
)


@st.composite
def rules(draw):
    """Return any rule that a request can express."""
    protocol = draw(st.one_of(st.none(), st.integers(1, 255)))
    ports = st.one_of(st.none(), PORTS) if protocol in (6, 17) else st.none()
    return FilterRule(
        draw(st.sampled_from(["ingress", "egress"])),
        protocol,
        *draw(CIDRS),
        draw(ports),
        draw(ports),
        draw(st.sampled_from(["accept", "reject"])),
        draw(st.sampled_from(["", "all but ssh", "a\x7fb"])),
    )


def listed(mirror, **changes):
    """Return a session, target and filter of a mirror."""
    session = replace(
        SESSION,
        packet_length=mirror.packet_length,
        virtual_network_id=mirror.virtual_network_id,
        **changes,
    )
    filter_ = Filter("tmf-1", {}, mirror.rules, mirror.network_services)
    return session, Target("tmt-1", mirror.destination, {}), filter_


@given(
    st.builds(
        Mirror,
        st.just(SOURCE),
        st.sampled_from([TARGET, BALANCER, ENDPOINT]),
        st.one_of(
            st.just(EVERYTHING), st.lists(rules(), min_size=1, max_size=10).map(tuple)
        ),
        st.one_of(st.none(), st.integers(1, 8500)),
        st.integers(1, 16777215),
        st.sampled_from([(), ("amazon-dns",)]),
    )
)
def test_a_mirror_is_read_as_it_was_written(mirror):
    """Every mirror that a request can express, with its number."""
    found = listed(mirror)

    params = action_params(*found)
    (action,) = parse_create(
        request({"type": "CreateTrafficMirroring", "actionParams": params})
    )

    assert (action.mirror, action.session_number) == (mirror, 5)
    assert find_inexpressible(*found) is None


def test_everything_is_written_without_rules():
    """The four default rules are what a request without rules means."""
    params = action_params(*listed(Mirror(SOURCE, TARGET, virtual_network_id=77)))

    assert params == {
        "sourceNicId": SOURCE,
        "targetNicId": TARGET,
        "sessionNumber": 5,
        "virtualNetworkId": 77,
    }


@pytest.mark.parametrize(
    ("protocol", "name"),
    [(None, "all"), (6, "tcp"), (58, "ipv6-icmp"), (4, "ipv4"), (253, 253)],
)
def test_protocols_are_written_by_their_iana_names(protocol, name):
    """Numbers without a name are written as numbers, and no alias is used."""
    mirror = Mirror(SOURCE, TARGET, (replace(RULE, protocol=protocol),))

    (rule,) = action_params(*listed(mirror))["filterRules"]

    assert rule["protocol"] == name


@pytest.mark.parametrize(
    ("description", "written"),
    [("of web", "of web"), (f"5_{SOURCE}_{TARGET}", None), ("a\x7f", None), ("", None)],
)
def test_only_descriptions_of_users_are_written(description, written):
    """Without one, the description is the mirror's name; some can't be requested."""
    tags = {"Name": f"session-5_{SOURCE}_{TARGET}"}
    session, *rest = listed(Mirror(SOURCE, TARGET), description=description, tags=tags)

    assert action_params(session, *rest).get("description") == written


def test_only_tags_of_users_are_written():
    """The sandbox's own and AWS's can't be requested, nor can more than 40."""
    users = {f"key {n:02}": "value" for n in range(41)}
    tags = {"ReservationId": "r", "aws:cloudformation": "x", "bad\x7f": "", **users}
    session, *rest = listed(Mirror(SOURCE, TARGET), tags=tags)

    params = action_params(session, *rest)

    assert params["tags"] == {key: users[key] for key in sorted(users)[:40]}
    assert find_inexpressible(session, *rest) is None


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ({"protocol": 0}, "filterRules[0].protocol: 0 may mean every protocol"),
        ({"protocol": 1, "source_ports": PortRange(1, 2)}, "has no ports"),
        ({"destination_cidr": "::/0"}, "filterRules[0].destinationCidr"),
        ({"source_cidr": "10.0.0.7/8"}, "without host bits"),
    ],
)
def test_a_rule_that_no_request_can_express_is_named(rule, why):
    """Only AWS's other clients can create it."""
    found = listed(Mirror(SOURCE, TARGET, (replace(RULE, **rule),)))

    assert why in find_inexpressible(*found)


def test_more_rules_than_a_request_can_have_are_named():
    """AWS can raise the quota of rules per filter."""
    assert find_inexpressible(*listed(Mirror(SOURCE, TARGET, (RULE,) * 11))) == (
        "filterRules: 11 given; allowed: at most 10 rules, or none for everything"
    )


def test_a_filter_without_rules_is_named():
    """A request without rules means the opposite: everything."""
    found = listed(Mirror(SOURCE, TARGET, ()))

    assert "has no rules" in find_inexpressible(*found)
    assert action_params(*found)["filterRules"] == []


def test_a_target_or_filter_that_ec2_does_not_list_is_named():
    """The rest of the mirror is written."""
    session, target, filter_ = listed(Mirror(SOURCE, TARGET, (RULE,)))

    no_target = find_inexpressible(session, None, filter_)
    no_filter = find_inexpressible(session, target, None)

    assert no_target == "its target tmt-1 can't be found"
    assert no_filter == "its filter tmf-1 can't be found"
    assert action_params(session, None, None) == {
        "sourceNicId": SOURCE,
        "sessionNumber": 5,
        "filterRules": None,
        "virtualNetworkId": None,
    }


def test_every_field_of_a_request_is_written_by_its_name():
    """A mirror with all of them."""
    session = replace(SESSION, description="for Ann", tags={"cost": "42"})
    filter_ = Filter("tmf-1", {}, rules=(RULE,), network_services=("amazon-dns",))

    params = action_params(session, Target("tmt-1", TARGET, {}), filter_)

    rules = params.pop("filterRules")
    assert params == {
        "sourceNicId": SOURCE,
        "targetNicId": TARGET,
        "sessionNumber": 5,
        "networkServices": ["amazon-dns"],
        "packetLength": 96,
        "virtualNetworkId": 77,
        "description": "for Ann",
        "tags": {"cost": "42"},
    }
    assert [each["direction"] for each in rules] == ["ingress"]


def test_what_a_mirror_does_not_have_is_not_written():
    """A filter that lets everything through is the default of a request."""
    session = replace(SESSION, packet_length=None)
    filter_ = Filter("tmf-1", {}, rules=EVERYTHING)

    assert action_params(session, Target("tmt-1", TARGET, {}), filter_) == {
        "sourceNicId": SOURCE,
        "targetNicId": TARGET,
        "sessionNumber": 5,
        "virtualNetworkId": 77,
    }
    assert action_params(session, None, None) == {
        "sourceNicId": SOURCE,
        "sessionNumber": 5,
        "filterRules": None,
        "virtualNetworkId": 77,
    }


def test_a_rule_is_written_by_the_names_of_a_request():
    """Ports and description only if it has any."""
    whole = FilterRule(
        "egress",
        17,
        "10.0.0.0/8",
        "0.0.0.0/0",
        PortRange(1, 2),
        PortRange(3, 4),
        "reject",
        "x",
    )
    filter_ = Filter("tmf-1", {}, rules=(whole, RULE))

    first, second = action_params(SESSION, None, filter_)["filterRules"]

    assert first == {
        "direction": "egress",
        "protocol": "udp",
        "sourceCidr": "10.0.0.0/8",
        "destinationCidr": "0.0.0.0/0",
        "sourcePortRange": {"fromPort": 1, "toPort": 2},
        "destinationPortRange": {"fromPort": 3, "toPort": 4},
        "ruleAction": "reject",
        "description": "x",
    }
    assert second == {
        "direction": "ingress",
        "protocol": "tcp",
        "sourceCidr": "10.0.0.0/8",
        "destinationCidr": "0.0.0.0/0",
        "ruleAction": "accept",
    }
