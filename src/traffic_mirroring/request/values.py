"""
The types of a request's single values: how each is read, and what an editor is told.

The readers of fields.py decide; the JSON Schema beside each is for editors and accepts
whatever the reader does.
"""

# Annotations are evaluated at run time here, so they are written as Python 3.9 reads.
from collections.abc import Mapping
from typing import Annotated, Any, Optional

from pydantic import BeforeValidator, Field, WithJsonSchema

from traffic_mirroring import models
from traffic_mirroring.request import fields
from traffic_mirroring.request.protocols import NUMBERS
from traffic_mirroring.tags import MAX_USER_TAGS, OWN_KEYS

Schema = dict[str, Any]


def _text(pattern: str) -> Schema:
    return {"type": "string", "pattern": f"^{pattern}$"}


def _trimmed(pattern: str) -> Schema:
    return _text(rf"[ \t\r\n]*{pattern}[ \t\r\n]*")


def _number(bounds: fields.Bounds) -> Schema:
    """Allow a JSON integer, and its digits as text."""
    lowest, highest = bounds
    number = {"type": "integer", "minimum": lowest, "maximum": highest}
    zero = "|0+" if lowest == 0 else ""
    digits = f"(0*[1-9][0-9]{{0,{len(str(highest)) - 1}}}{zero})"
    return {"anyOf": [number, _trimmed(digits)]}


def _words(*words: str) -> Schema:
    """Offer words, and allow them in any case."""
    pattern = "|".join(
        "".join(f"[{letter}{letter.upper()}]" for letter in word) for word in words
    )
    return {"anyOf": [{"enum": list(words)}, _text(f"({pattern})")]}


def _without_controls(longest: int) -> Schema:
    return _text(f"[^\\u0000-\\u001f]{{0,{longest}}}")


def _or_blank(schema: Schema) -> Schema:
    return {"anyOf": [*schema.get("anyOf", [schema]), _trimmed("")]}


def without_nulls(value: Any) -> Any:
    """Take null for absent."""
    if isinstance(value, Mapping):
        return {key: item for key, item in value.items() if item is not None}
    return value


_NIC_ID = _trimmed(fields.NIC_ID_PATTERN)
_PROTOCOL = {
    "anyOf": [
        {"enum": ["all", "any", "tcp", "udp", "icmp", "icmpv6"]},
        {"enum": sorted({*NUMBERS} - {"tcp", "udp", "icmp", "icmpv6"})},
        {
            "type": "string",
            "pattern": "[A-Z]",
            "description": "a name with capital letters",
        },
        *_number(fields.PROTOCOLS)["anyOf"],
        {"const": -1},
        _trimmed("-1"),
    ]
}

NicId = Annotated[
    models.NicId,
    BeforeValidator(fields.nic_id),
    WithJsonSchema(_NIC_ID),
    Field(description=fields.NIC_ID),
]
OptionalNicId = Annotated[
    Optional[models.NicId],
    BeforeValidator(fields.or_empty(fields.nic_id)),
    WithJsonSchema(_or_blank(_NIC_ID)),
    Field(description=fields.NIC_ID),
]
BalancerArn = Annotated[
    Optional[models.Destination],
    BeforeValidator(fields.or_empty(fields.balancer_arn)),
    WithJsonSchema(_or_blank(_trimmed(fields.BALANCER_ARN_PATTERN))),
    Field(description=fields.BALANCER_ARN),
]
EndpointId = Annotated[
    Optional[models.Destination],
    BeforeValidator(fields.or_empty(fields.endpoint_id)),
    WithJsonSchema(_or_blank(_trimmed(fields.ENDPOINT_ID_PATTERN))),
    Field(description=fields.ENDPOINT_ID),
]
SessionId = Annotated[
    Optional[models.SessionId],
    BeforeValidator(fields.or_empty(fields.session_id)),
    WithJsonSchema(_or_blank(_trimmed(fields.SESSION_ID_PATTERN))),
    Field(description=fields.SESSION_ID),
]
SessionNumber = Annotated[
    Optional[models.SessionNumber],
    BeforeValidator(fields.or_empty(fields.session_number)),
    WithJsonSchema(_or_blank(_number(fields.SESSION_NUMBERS))),
    Field(description=fields.SESSION_NUMBER),
]
PacketLength = Annotated[
    Optional[int],
    BeforeValidator(fields.packet_length),
    WithJsonSchema(_number(fields.PACKET_LENGTHS)),
    Field(description=fields.PACKET_LENGTH),
]
VirtualNetworkId = Annotated[
    Optional[int],
    BeforeValidator(fields.virtual_network_id),
    WithJsonSchema(_number(fields.VIRTUAL_NETWORK_IDS)),
    Field(description=fields.VIRTUAL_NETWORK_ID),
]
Port = Annotated[
    int,
    BeforeValidator(fields.port),
    WithJsonSchema(_number(fields.PORTS)),
    Field(description=fields.PORT),
]
Protocol = Annotated[
    Optional[int],
    BeforeValidator(fields.protocol),
    WithJsonSchema(_PROTOCOL),
    Field(description=fields.PROTOCOL),
]
Direction = Annotated[
    models.Direction,
    BeforeValidator(fields.direction),
    WithJsonSchema(_words("ingress", "egress")),
    Field(description=fields.DIRECTION),
]
RuleAction = Annotated[
    models.RuleAction,
    BeforeValidator(fields.rule_action),
    WithJsonSchema(_words("accept", "reject")),
    Field(description=fields.RULE_ACTION),
]
NetworkServices = Annotated[
    tuple[
        Annotated[models.NetworkService, BeforeValidator(fields.network_service)], ...
    ],
    Field(description=f"a list; {fields.NETWORK_SERVICE} is the only service"),
]
Cidr = Annotated[
    Optional[str],
    BeforeValidator(fields.cidr),
    WithJsonSchema(_text("[0-9A-Fa-f:.]+(/[0-9]{1,3})?")),
    Field(description=fields.CIDR),
]
Description = Annotated[
    str,
    BeforeValidator(fields.description),
    WithJsonSchema(_without_controls(255)),
    Field(description=fields.DESCRIPTION),
]
Tags = Annotated[
    dict[
        Annotated[str, BeforeValidator(fields.tag_key)],
        Annotated[str, BeforeValidator(fields.tag_value)],
    ],
    BeforeValidator(without_nulls),
    WithJsonSchema(
        {
            "type": "object",
            "maxProperties": MAX_USER_TAGS,
            "propertyNames": {
                "pattern": "^(?![aA][wW][sS]:)[^\\u0000-\\u001f]{1,127}$",
                "not": {"enum": list(OWN_KEYS)},
            },
            "additionalProperties": {
                "anyOf": [_without_controls(256), {"type": "null"}]
            },
        }
    ),
    Field(max_length=MAX_USER_TAGS, description=f"at most {MAX_USER_TAGS} tags"),
]
