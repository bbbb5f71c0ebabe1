"""
The JSON Schema of requests, for editors: `python -m traffic_mirroring.request.schema`.

Owns what the schema says beyond the single fields. Must not reject a request that the
commands accept, unless it has needless keys with null; it may accept some that they
reject.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo
from pydantic.json_schema import models_json_schema

from traffic_mirroring.request.base import field_names
from traffic_mirroring.request.problems import allowed_in
from traffic_mirroring.request.rules import PortRange, TrafficFilterRule
from traffic_mirroring.request.shapes import (
    ACTIONS,
    DESTINATIONS,
    SOURCES,
    CreateTrafficMirroring,
    CreateTrafficMirroringParams,
)
from traffic_mirroring.request.values import BLANK, case_insensitive, matching

_SHAPES: Mapping[str, type[BaseModel]] = {
    model.__name__: model
    for model in (
        *ACTIONS,
        CreateTrafficMirroringParams,
        TrafficFilterRule,
        PortRange,
    )
}

_COMMANDS = {
    "CreateTrafficMirroring": "Ensure that a mirror exists",
    "RemoveTrafficMirroring": "Remove a session, or all to a target NIC",
    "GetTrafficMirroring": "List the mirrors of the sandbox",
    "cleanupNetwork": "Remove everything that the sandbox created",
}
"""The actions' types as the documentation spells them, and what they do."""


def _one_of(*names: str) -> dict[str, Any]:
    """Require that exactly one of the fields of an object has a value."""
    some = {"not": {"type": "null"}, "pattern": r"\S"}
    one = [{"required": [name], "properties": {name: some}} for name in names]
    return {"if": {"type": "object"}, "then": {"oneOf": one}}


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
    models = [(model, "validation") for model in ACTIONS]
    _, schema = models_json_schema(models)  # type: ignore[arg-type]  # a list of pairs
    definitions = schema["$defs"]
    for name, definition in definitions.items():
        _complete(name, definition)
    actions = {
        "description": "What the command does, one action after another",
        "type": "array",
        "minItems": 1,
        "items": {"$ref": "#/$defs/Action"},
        "anyOf": [{"items": _has_no_other_type(model)} for model in ACTIONS],
    }
    frame = _object(actions=actions) | {"description": "The actions of one command"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A request to the AWS traffic mirroring shell",
        **_object(driverRequest=frame),
        "$defs": {"Action": _action(), **definitions},
    }


def _action() -> dict[str, Any]:
    """
    Return the schema of an action of any command.

    Its type decides which other fields it has, so that an editor completes the type and
    marks only mistakes of that command.
    """
    described, others = _names(*_COMMANDS)
    described["enumDescriptions"] = list(_COMMANDS.values())
    type_ = ACTIONS[0].model_fields["type"]
    return {
        "type": "object",
        "required": ["type"],
        "properties": {
            "type": {
                "description": _description(type_, list(_COMMANDS)),
                "anyOf": [described, others],
            }
        },
        "allOf": [
            {
                "if": {
                    "type": "object",
                    "required": ["type"],
                    "properties": {"type": _name_of(model)},
                },
                "then": {"$ref": f"#/$defs/{model.__name__}"},
            }
            for model in ACTIONS
        ],
    }


def _has_no_other_type(model: type[BaseModel]) -> dict[str, Any]:
    others = [_name_of(other) for other in ACTIONS if other is not model]
    return {"properties": {"type": {"not": {"anyOf": others}}}}


def _name_of(model: type[BaseModel]) -> dict[str, Any]:
    return matching(_either_case(model.__name__))


def _either_case(name: str) -> str:
    """Return a pattern for a type, the first letter of which may be lower case."""
    return f"[{name[0].upper()}{name[0].lower()}]{name[1:]}"


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
    for key in ("title", "description"):
        del definition[key]
    properties = definition["properties"]
    if _SHAPES[name] in ACTIONS:
        # Other unknown keys are ignored on an action.
        del definition["additionalProperties"]
        definition.update(_no_other_case(properties))
    if name == CreateTrafficMirroring.__name__:
        misplaced = set(field_names(CreateTrafficMirroringParams)) - set(properties)
        any_case = "|".join(map(case_insensitive, sorted(misplaced)))
        definition["patternProperties"][f"^({any_case})$"] = False
    properties["type"] = {"anyOf": _names(name)}
    for field in _SHAPES[name].model_fields.values():
        property_ = properties[str(field.alias)]
        property_["description"] = _description(field, [name])
        property_.pop("title", None)
        if field.alias not in definition.get("required", ()):
            properties[str(field.alias)] = _or_null(property_)
    if _SHAPES[name] in ACTIONS:
        del properties["type"]  # see _action()


def _description(field: FieldInfo, types: Sequence[str]) -> str:
    """Return what a field means, and then what it allows."""
    words = " or ".join(types) if field.alias == "type" else allowed_in(field)
    return f"{field.description}{f'. Allowed: {words}' if words else ''}"


def _names(*names: str) -> list[dict[str, Any]]:
    """Accept names whose first letter may be lower case; editors see the usual ones."""
    either_case = "|".join(map(_either_case, names))
    return [{"enum": list(names)}, matching(f"({either_case})")]


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    null = {"type": "null"}
    rest = dict(schema)
    shown = {"description": rest.pop("description")}
    default = rest.pop("default", None)
    if default is not None:
        shown["default"] = default
    choices = [*rest.pop("anyOf", []), *([rest] if rest else [])]
    return {**shown, "anyOf": choices if null in choices else [*choices, null]}


if __name__ == "__main__":
    print(json.dumps(request_schema(), indent=2))  # noqa: T201 - this is its output
