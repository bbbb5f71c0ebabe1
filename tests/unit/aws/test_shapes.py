"""Parameters and items of the traffic mirroring API."""

import pytest

from traffic_mirroring.aws import shapes
from traffic_mirroring.models import (
    FilterRule,
    Mirror,
    PortRange,
    Session,
    SessionSpec,
)

ARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/a/0"
NAMED_X = [{"Key": "Name", "Value": "x"}]


@pytest.mark.parametrize(
    ("destination", "parameter", "filter_name"),
    [
        ("eni-0000000a", "NetworkInterfaceId", "network-interface-id"),
        (ARN, "NetworkLoadBalancerArn", "network-load-balancer-arn"),
        ("vpce-0000000a", "GatewayLoadBalancerEndpointId", None),
    ],
)
def test_a_destination_has_its_own_parameter_and_filter(
    destination, parameter, filter_name
):
    """A target that is read back has the same destination."""
    item = {"TrafficMirrorTargetId": "tmt-1", parameter: destination}

    parameters = shapes.target_parameters(destination, {"Name": "x"})
    assert parameters.pop("TagSpecifications")[0]["Tags"] == NAMED_X
    assert parameters == {parameter: destination, "Description": "x"}
    assert shapes.destination_filter(destination) == filter_name
    assert shapes.read_target(item).destination == destination


def test_a_rule_without_options_has_only_what_ec2_requires():
    """A protocol that is absent means every protocol."""
    rule = FilterRule("egress", None, "::/0", "::/0", action="reject")

    parameters = shapes.rule_parameters("tmf-1", 3, rule, {"Name": "x"})

    assert parameters.pop("TagSpecifications")[0]["Tags"] == NAMED_X
    assert parameters == {
        "TrafficMirrorFilterId": "tmf-1",
        "RuleNumber": 3,
        "TrafficDirection": "egress",
        "RuleAction": "reject",
        "SourceCidrBlock": "::/0",
        "DestinationCidrBlock": "::/0",
    }


def test_a_rule_has_all_its_options():
    """Ports of both sides, protocol and description."""
    cidrs = ("10.0.0.0/8", "0.0.0.0/0")
    ports = (PortRange(1, 2), PortRange(3, 4))
    rule = FilterRule("ingress", 6, *cidrs, *ports, description="for Ann")

    parameters = shapes.rule_parameters("tmf-1", 1, rule, {"Name": "x"})

    assert parameters["Protocol"] == 6
    assert parameters["SourcePortRange"] == {"FromPort": 1, "ToPort": 2}
    assert parameters["DestinationPortRange"] == {"FromPort": 3, "ToPort": 4}
    assert parameters["Description"] == "for Ann"


def test_a_filter_has_its_name_as_description_and_as_tag():
    """The console shows both."""
    parameters = shapes.filter_parameters({"Name": "x"})

    assert parameters.pop("TagSpecifications")[0]["Tags"] == NAMED_X
    assert parameters == {"Description": "x"}


def test_a_session_has_the_options_of_its_mirror():
    """Packet length and VXLAN network are sent if the request gives them."""
    mirror = Mirror("eni-0000000a", ARN, packet_length=64, virtual_network_id=9)

    spec = SessionSpec(mirror, "tmt-1", "tmf-1", 7, "x")
    parameters = shapes.session_parameters(spec, {"Name": "x"})

    assert parameters.pop("TagSpecifications")[0]["Tags"] == NAMED_X
    assert parameters == {
        "NetworkInterfaceId": "eni-0000000a",
        "TrafficMirrorTargetId": "tmt-1",
        "TrafficMirrorFilterId": "tmf-1",
        "SessionNumber": 7,
        "PacketLength": 64,
        "VirtualNetworkId": 9,
        "Description": "x",
    }


def test_tags_are_written_and_read():
    """They are pairs of Key and Value; a resource may have none."""
    (written,) = shapes.tag_specifications("traffic-mirror-filter", {"a": "b"})

    assert written["ResourceType"] == "traffic-mirror-filter"
    assert shapes.read_tags(written) == {"a": "b"}
    assert shapes.read_tags({}) == {}


def test_a_session_is_read():
    """All ids, the number and the tags."""
    session = shapes.read_session(
        {
            "TrafficMirrorSessionId": "tms-1",
            "NetworkInterfaceId": "eni-1",
            "TrafficMirrorTargetId": "tmt-1",
            "TrafficMirrorFilterId": "tmf-1",
            "SessionNumber": 7,
            "Tags": [{"Key": "Name", "Value": "x"}],
        }
    )

    ids = (session.id, session.source_nic_id, session.target_id, session.filter_id)
    assert ids == ("tms-1", "eni-1", "tmt-1", "tmf-1")
    assert (session.number, session.tags) == (7, {"Name": "x"})


def test_a_target_has_its_owners_account():
    """A target that another account shares is not checked; an absent owner is None."""
    item = {"TrafficMirrorTargetId": "tmt-1", "NetworkInterfaceId": "eni-1"}

    assert shapes.read_target({**item, "OwnerId": "123456789012"}).owner_id == (
        "123456789012"
    )
    assert shapes.read_target(item).owner_id is None
    assert shapes.read_target({"TrafficMirrorTargetId": "tmt-1"}).destination == ""


def test_a_session_is_read_with_all_its_fields():
    """An absent one is None; an absent description is empty."""
    item = {
        "TrafficMirrorSessionId": "tms-1",
        "NetworkInterfaceId": "eni-1",
        "TrafficMirrorTargetId": "tmt-1",
        "TrafficMirrorFilterId": "tmf-1",
        "SessionNumber": 5,
        "Tags": [{"Key": "a", "Value": "b"}],
    }
    more = {
        "PacketLength": 96,
        "VirtualNetworkId": 7,
        "OwnerId": "123456789012",
        "Description": "for Ann",
    }
    needed = ("tms-1", "eni-1", "tmt-1", "tmf-1", 5, {"a": "b"})

    assert shapes.read_session({**item, **more}) == Session(*needed, *more.values())
    assert shapes.read_session(item) == Session(*needed, None, None, None, "")


def test_the_rules_of_a_filter_are_read_in_the_order_of_their_numbers():
    """With ports and description, if they have any."""
    short = {
        "RuleNumber": 2,
        "TrafficDirection": "ingress",
        "SourceCidrBlock": "10.0.0.0/8",
        "DestinationCidrBlock": "0.0.0.0/0",
        "RuleAction": "reject",
    }
    whole = {
        **short,
        "RuleNumber": 1,
        "Protocol": 6,
        "SourcePortRange": {"FromPort": 1, "ToPort": 2},
        "DestinationPortRange": {"FromPort": 3, "ToPort": 4},
        "RuleAction": "accept",
        "Description": "x",
    }
    item = {"TrafficMirrorFilterId": "tmf-1", "IngressFilterRules": [short, whole]}
    cidrs = ("10.0.0.0/8", "0.0.0.0/0")

    rules = shapes.read_filter(item).rules

    assert rules == (
        FilterRule(
            "ingress", 6, *cidrs, PortRange(1, 2), PortRange(3, 4), "accept", "x"
        ),
        FilterRule("ingress", None, *cidrs, None, None, "reject", ""),
    )
    # Rules that differ only in description are equal.
    assert [rule.description for rule in rules] == ["x", ""]
