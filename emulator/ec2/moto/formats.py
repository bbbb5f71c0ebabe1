"""
AWS's wire formats, read and written by moto from botocore's service models.

Owns: these formats, and the parameters, filters and page sizes of EC2's operations,
which the models contain. Must not know: EC2's state.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from botocore.loaders import create_loader
from botocore.model import OperationNotFoundError
from botocore.parsers import create_parser
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.serialize import QuerySerializer, SerializationContext
from moto.core.utils import get_service_model

from emulator.ec2.errors import Refusal, ec2_error
from emulator.ec2.mirroring.params import Params
from emulator.ec2.moto.serializer import ResultSerializer

_SCALARS = {
    "integer": re.compile(r"-?[0-9]+"),
    "boolean": re.compile(r"true|false", re.IGNORECASE),
}
_FILTER_NAME = re.compile(r"<li>\s*<p>\s*<code>([^<]+)</code>")
_FILTERS = ("Filters", "Filter")
_MAX_RESULTS = (5, 1000)


def read_params(operation: str, parameters: Mapping[str, str]) -> Params:
    """Parse flat parameters; raises Ec2Error for unknown names and wrong types."""
    known = _flat_names(operation)
    for name, value in parameters.items():
        kind = known.get(re.sub(r"\.[0-9]+(?=\.|$)", ".#", name))
        if kind is None:
            raise ec2_error(Refusal.PARAMETER_UNKNOWN, name=name, operation=operation)
        if kind in _SCALARS and not _SCALARS[kind].fullmatch(value):
            raise ec2_error(Refusal.PARAMETER_UNREADABLE, name=name, value=value)
    parser: Any = PROTOCOL_PARSERS["ec2"](_operation_model(operation))
    return Params(operation, parser.parse({"values": parameters}))


def required_params(operation: str) -> list[str]:
    """Return the names of the required parameters."""
    return list(_operation_model(operation).input_shape.required_members)


def filters_param(operation: str) -> str:
    """Return the name of the parameter with the filters."""
    members = _operation_model(operation).input_shape.members
    return next((name for name in _FILTERS if name in members), _FILTERS[0])


@cache
def documented_filters(operation: str) -> frozenset[str]:
    """Return the filter names in the model's documentation, empty if undocumented."""
    members = _operation_model(operation).input_shape.members
    shape = members.get(filters_param(operation))
    found = _FILTER_NAME.findall(shape.documentation) if shape else []
    return frozenset(html.unescape(name) for name in found)


@cache
def page_sizes(operation: str) -> tuple[int, int]:
    """Return the minimum and maximum of MaxResults."""
    shape = _operation_model(operation).input_shape.members.get("MaxResults")
    limits = shape.metadata if shape else {}
    low, high = _MAX_RESULTS
    return limits.get("min", low), limits.get("max", high)


@cache
def paged_result(operation: str) -> str | None:
    """Return the name of the paged list in the result; None: there are no pages."""
    paginator = _paginators().get(operation, {})
    result = paginator.get("result_key")
    return result if isinstance(result, str) else None


@cache
def _paginators() -> dict[str, dict[str, Any]]:
    loaded = create_loader().load_service_model("ec2", "paginators-1")
    return dict(loaded["pagination"])


def read_result(operation: str, body: bytes) -> dict[str, Any]:
    """Parse a successful reply as boto3 does."""
    reply = {"status_code": 200, "headers": {}, "body": body}
    parsed = create_parser("ec2").parse(reply, _operation_model(operation).output_shape)
    parsed.pop("ResponseMetadata", None)
    return dict(parsed)


def write_result(
    operation: str, result: dict[str, Any], request_id: str, service: str = "ec2"
) -> bytes:
    """Serialize a result as AWS does: without absent members, with empty lists."""
    model = _operation_model(operation, service)
    serializer = ResultSerializer if service == "ec2" else QuerySerializer
    body = serializer(model, SerializationContext(request_id)).serialize(result)["body"]
    return body.encode() if isinstance(body, str) else body


@cache
def _operation_model(operation: str, service: str = "ec2") -> Any:
    try:
        return get_service_model(service).operation_model(operation)
    except OperationNotFoundError as error:
        raise NotImplementedError(str(error)) from error


@cache
def _flat_names(operation: str) -> dict[str, str]:
    """Return the type of each flat parameter name, with '#' for indices."""
    names: dict[str, str] = {}

    def walk(shape: Any, prefix: str) -> None:
        if shape.type_name == "structure":
            for member, inner in shape.members.items():
                walk(inner, f"{prefix}.{_flat_name(inner, member)}".lstrip("."))
        elif shape.type_name == "list":
            walk(shape.member, f"{prefix}.#")
        else:
            names[prefix] = shape.type_name

    walk(_operation_model(operation).input_shape, "")
    return names


def _flat_name(shape: Any, member: str) -> str:
    hints = shape.serialization
    if "queryName" in hints:
        return str(hints["queryName"])
    name = str(hints.get("name", member))
    return name[0].upper() + name[1:]
