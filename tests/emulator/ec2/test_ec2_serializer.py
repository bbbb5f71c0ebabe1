"""The quicker serializer writes what moto's own does."""

from __future__ import annotations

from typing import Any

import pytest
from moto.core import responses
from moto.core.serialize import SERIALIZERS, EC2Serializer, XFormedAttributePicker

SPECIAL = "<a> & 'b' \"c\" é €"
TAGS = [{"Key": "text", "Value": SPECIAL}, {"Key": "empty", "Value": ""}]


@pytest.mark.parametrize(
    "operation",
    [
        *("describe_instances", "describe_network_interfaces", "describe_subnets"),
        *("describe_security_groups", "describe_network_acls", "describe_vpcs"),
        *("describe_route_tables", "describe_tags"),
        *("describe_traffic_mirror_sessions", "describe_traffic_mirror_filters"),
    ],
)
def test_a_reply_is_the_one_of_moto(
    lab: Any, client: Any, operation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lists, empty values, numbers and special characters included."""
    mirror_filter = lab.filter(Description=SPECIAL)
    lab.rule(
        mirror_filter, DestinationPortRange={"FromPort": 1, "ToPort": 2}, Protocol=6
    )
    session = lab.session(TrafficMirrorFilterId=mirror_filter)
    ids = [session["TrafficMirrorSessionId"], session["NetworkInterfaceId"]]
    client.create_tags(Resources=ids, Tags=TAGS)

    def ask() -> dict[str, Any]:
        reply = getattr(client, operation)()
        return {**reply, "ResponseMetadata": None}

    reply = ask()
    monkeypatch.setitem(SERIALIZERS, "ec2", EC2Serializer)
    monkeypatch.setattr(responses, "XFormedAttributePicker", XFormedAttributePicker)

    assert reply == ask()
    assert any(isinstance(value, list) and value for value in reply.values())
