"""
The type of every single field of a request.

Owns what each field allows: one annotation gives its reader, its words and its JSON
Schema. Must not know which object of a request has the field.
"""

from __future__ import annotations

import ipaddress
from typing import Annotated, Optional

from pydantic import Field, WithJsonSchema

from traffic_mirroring import models
from traffic_mirroring.errors import NotAllowed
from traffic_mirroring.request.protocols import PROTOCOL
from traffic_mirroring.request.values import (
    AtMost,
    Value,
    flag,
    form,
    number,
    or_blank,
    text,
    word,
)
from traffic_mirroring.tags import MAX_USER_TAGS, OWN_KEYS

HIGHEST_PORT = 65535

NIC_ID = form("eni-[0-9a-f]{8,17}", "eni- and 8 to 17 hexadecimal digits")

OptionalNicId = Annotated[Optional[models.NicId], or_blank(NIC_ID)]


def _app_name() -> Value:
    """Return the name of an App; unlike ids it is not trimmed."""
    name = text(1, 255, "the name of an App of up to 255 characters")

    def read(value: object) -> models.AppName:
        return models.AppName(str(name.read(value)))

    return Value(read, name.allowed, name.schema)


AppName = Annotated[Optional[models.AppName], or_blank(_app_name())]

BalancerArn = Annotated[
    Optional[models.Destination],
    or_blank(
        form(
            "arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:"
            "loadbalancer/net/[A-Za-z0-9-]{1,32}/[0-9a-f]{16}",
            "a network load balancer's ARN, "
            "arn:aws:elasticloadbalancing:...:loadbalancer/net/...",
        )
    ),
]

EndpointId = Annotated[
    Optional[models.Destination],
    or_blank(form("vpce-[0-9a-f]{8,17}", "vpce- and 8 to 17 hexadecimal digits")),
]

SessionId = Annotated[
    Optional[models.SessionId],
    or_blank(form("tms-[0-9a-f]{1,17}", "tms- and up to 17 hexadecimal digits")),
]

SessionNumber = Annotated[
    Optional[models.SessionNumber],
    or_blank(number(1, 32766, ", or empty to allocate one")),
]

PacketLength = Annotated[Optional[int], number(1, 8500)]

VirtualNetworkId = Annotated[Optional[int], number(1, 16777215)]

DryRun = Annotated[bool, flag()]

Port = Annotated[Optional[int], or_blank(number(0, HIGHEST_PORT))]

Direction = Annotated[models.Direction, word("ingress", "egress")]

RuleAction = Annotated[models.RuleAction, word("accept", "reject")]

DESCRIPTION = text(0, 255, "text of up to 255 characters without control characters")

Description = Annotated[str, DESCRIPTION]

Protocol = Annotated[Optional[int], PROTOCOL]


def _cidr() -> Value:
    """Return an address or a network as canonical text, host bits cleared."""
    allowed = "an IPv4 or IPv6 address, alone or with /prefix"
    text_of = form(r"[0-9A-Fa-f:.]+(/[0-9]{1,3})?", allowed)

    def read(value: object) -> str:
        try:
            return str(ipaddress.ip_network(str(text_of.read(value)), strict=False))
        except ValueError as error:
            raise NotAllowed(allowed) from error

    return Value(read, allowed, text_of.schema)


Cidr = Annotated[Optional[str], or_blank(_cidr())]


RULE_LIMIT = AtMost(10, "at most 10 rules, or none for everything")


def _network_service() -> Value:
    """Return the name of an AWS service whose traffic is mirrored on demand."""
    allowed = "amazon-dns"

    def read(value: object) -> str:
        if value == allowed:
            return allowed
        raise NotAllowed(allowed)

    return Value(read, allowed, {"const": allowed})


NetworkServices = Annotated[
    tuple[Annotated[models.NetworkService, _network_service()], ...],
    Field(max_length=10),
    AtMost(10, "at most 10 services, and amazon-dns is the only one"),
]

TAG_VALUE = text(0, 256, "text of up to 256 characters without control characters")


def _tag_key() -> Value:
    """Return a tag key that is neither reserved by AWS nor the sandbox's own."""
    key = text(
        1,
        127,
        "1 to 127 characters without control characters, not beginning with aws:",
    )

    def read(value: object) -> object:
        read_key = str(key.read(value))
        if read_key.lower().startswith("aws:"):
            raise NotAllowed(key.allowed)
        if read_key in OWN_KEYS:
            raise NotAllowed(f"any key but the sandbox's own: {', '.join(OWN_KEYS)}")
        return read_key

    pattern = "^(?![aA][wW][sS]:)[^\\u0000-\\u001f]{1,127}$"
    schema = {"pattern": pattern, "not": {"enum": list(OWN_KEYS)}}
    return Value(read, key.allowed, schema)


TAG_KEY = _tag_key()

Tags = Annotated[
    dict[Annotated[str, TAG_KEY], Annotated[str, TAG_VALUE]],
    AtMost(MAX_USER_TAGS, f"at most {MAX_USER_TAGS} tags"),
    WithJsonSchema(
        {
            "type": "object",
            "maxProperties": MAX_USER_TAGS,
            "propertyNames": TAG_KEY.schema,
            "additionalProperties": {"anyOf": [TAG_VALUE.schema, {"type": "null"}]},
        }
    ),
    Field(max_length=MAX_USER_TAGS),
]
