"""
The JSON Schema of requests, for editors: `python -m traffic_mirroring.request.schema`.

Owns what the schema says beyond the single fields. Must not reject a request that the
commands accept, unless it has needless keys with null; it may accept some that they
reject.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from pydantic.alias_generators import to_camel
from pydantic.json_schema import models_json_schema

from traffic_mirroring.request.base import field_names
from traffic_mirroring.request.shapes import (
    DESTINATIONS,
    SOURCES,
    CleanupNetwork,
    CreateTrafficMirroring,
    CreateTrafficMirroringParams,
    GetTrafficMirroring,
    RemoveTrafficMirroring,
)
from traffic_mirroring.request.values import BLANK, case_insensitive

_ACTIONS = (
    CreateTrafficMirroring,
    RemoveTrafficMirroring,
    GetTrafficMirroring,
    CleanupNetwork,
)


def _one_of(*names: str) -> dict[str, Any]:
    """Require that exactly one of the fields has a value."""
    some = {"type": "string", "pattern": r"\S"}
    return {
        "oneOf": [{"required": [name], "properties": {name: some}} for name in names]
    }


_RANGES = ("sourcePortRange", "destinationPortRange")
_ENDS = ("fromPort", "toPort")
_EMPTY_RANGE = {
    "required": list(_ENDS),
    "properties": dict.fromkeys(_ENDS, BLANK),
}
_MORE: dict[str, dict[str, Any]] = {
    "CreateTrafficMirroringParams": {
        "allOf": [
            _one_of(*map(to_camel, SOURCES)),
            _one_of(*map(to_camel, DESTINATIONS)),
        ]
    },
    "RemoveTrafficMirroring": _one_of("sessionId", "targetNicId"),
    "PortRange": {
        "anyOf": [
            _EMPTY_RANGE,
            {"properties": {end: {"not": BLANK} for end in _ENDS}},
        ]
    },
    "TrafficFilterRule": {
        "if": {
            "anyOf": [
                {
                    "required": [name],
                    "properties": {name: {"type": "object", "not": _EMPTY_RANGE}},
                }
                for name in _RANGES
            ]
        },
        "then": {
            "properties": {
                "protocol": {
                    "anyOf": [
                        {"enum": [6, 17]},
                        {"pattern": r"^\s*(0*6|0*17|[tT][cC][pP]|[uU][dD][pP])\s*$"},
                    ],
                    "description": "tcp or udp, because there are ports",
                }
            }
        },
    },
}
"""Checks that involve more than one field, by the object's type."""


def request_schema() -> dict[str, Any]:
    """
    Return the schema of the `request` input of every command, in draft 2020-12.

    https://json-schema.org/draft/2020-12
    """
    models = [(model, "validation") for model in _ACTIONS]
    _, schema = models_json_schema(models, ref_template="#/$defs/{model}")  # type: ignore[arg-type]  # a list of pairs
    definitions = schema["$defs"]
    for name, definition in definitions.items():
        _complete(name, definition)
    one_kind = [{"items": {"$ref": f"#/$defs/{model.__name__}"}} for model in _ACTIONS]
    actions = {"type": "array", "minItems": 1, "anyOf": one_kind}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A request to the AWS traffic mirroring shell",
        **_object(driverRequest=_object(actions=actions)),
        "$defs": definitions,
    }


def _object(**members: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(members),
        "properties": members,
        **_no_other_case(members),
    }


def _no_other_case(names: Iterable[str]) -> dict[str, Any]:
    """Reject keys that differ from the names only in case."""
    exactly = "|".join(names)
    any_case = "|".join(map(case_insensitive, names))
    return {"patternProperties": {f"^(?!({exactly})$)({any_case})$": False}}


def _complete(name: str, definition: dict[str, Any]) -> None:
    """Add what pydantic leaves out: the object's type, and that null means absent."""
    definition.update(_MORE.get(name, {}))
    del definition["title"]
    properties = definition["properties"]
    if name in {action.__name__ for action in _ACTIONS}:
        # Other unknown keys are ignored on an action.
        del definition["additionalProperties"]
        definition.update(_no_other_case(properties))
    if name == CreateTrafficMirroring.__name__:
        misplaced = set(field_names(CreateTrafficMirroringParams)) - set(properties)
        any_case = "|".join(map(case_insensitive, sorted(misplaced)))
        definition["patternProperties"][f"^({any_case})$"] = False
    properties["type"] = {"enum": [name, name[0].lower() + name[1:]]}
    for key, property_ in properties.items():
        property_.pop("title", None)
        if key not in definition.get("required", ()):
            properties[key] = _or_null(property_)
            if property_.get("default", "") is None:
                del properties[key]["default"]


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    null = {"type": "null"}
    if null in schema.get("anyOf", ()):
        return schema
    kept: dict[str, Any] = {
        key: schema[key] for key in ("description", "default") if key in schema
    }
    rest = {key: value for key, value in schema.items() if key not in kept}
    return {**kept, "anyOf": [*rest.pop("anyOf", []), *([rest] if rest else []), null]}


if __name__ == "__main__":
    print(json.dumps(request_schema(), indent=2))  # noqa: T201 - this is its output
