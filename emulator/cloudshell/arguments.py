"""
The arguments in the body of a request, XML or JSON.

Owns: parsing and checking them. Must not know: what methods do with them.

The real client always sends all arguments of a method, in the method's order. Anything
else is rejected, so that a caller's mistake is found here, not on a real server.
"""

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from emulator.cloudshell.errors import ApiError

Value = str | bool | list[str] | dict[str, str]


class Kind(Enum):
    """The type of an argument."""

    TEXT = "text"
    FLAG = "true or false"
    TEXTS = "list of texts"
    INPUTS = "list of InputNameValue"
    APP_INPUTS = "list of DeployAppInput"


@dataclass(frozen=True)
class Parameter:
    """A parameter of an API method."""

    name: str
    kind: Kind = Kind.TEXT


class Arguments:
    """The checked arguments of a call; reading one as another kind is a bug."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = values

    def text(self, name: str) -> str:
        """Return a text argument."""
        value = self._values[name]
        assert isinstance(value, str)  # noqa: S101 see the class
        return value

    def flag(self, name: str) -> bool:
        """Return a true-or-false argument."""
        value = self._values[name]
        assert isinstance(value, bool)  # noqa: S101 see the class
        return value

    def texts(self, name: str) -> list[str]:
        """Return a list of text arguments."""
        value = self._values[name]
        assert isinstance(value, list)  # noqa: S101 see the class
        return value

    def inputs(self, name: str) -> dict[str, str]:
        """Return command inputs by name, those of Apps by `<App>.<name>`."""
        value = self._values[name]
        assert isinstance(value, dict)  # noqa: S101 see the class
        return value


def parse_xml(method: str, parameters: Sequence[Parameter], body: bytes) -> Arguments:
    """Parse a body of the XML API; raises ApiError if the client never sends such."""
    try:
        # Only clients on this machine can reach the server.
        root = ET.fromstring(body)  # noqa: S314
    except ET.ParseError as error:
        raise ApiError(f"The request's body is not XML: {error}") from error
    if root.tag != method or root.attrib:
        raise ApiError(f"The request's root is {root.tag!r}, expected {method!r}")
    _check_names(method, parameters, [child.tag for child in root])
    return Arguments(
        {
            parameter.name: _XML_READERS[parameter.kind](child)
            for parameter, child in zip(parameters, root, strict=True)
        }
    )


def parse_json(method: str, parameters: Sequence[Parameter], body: bytes) -> Arguments:
    """Parse a body of the REST API; raises ApiError if the client never sends such."""
    try:
        fields = json.loads(body)
    except ValueError as error:
        raise ApiError(f"The request's body is not JSON: {error}") from error
    if not isinstance(fields, dict):
        raise ApiError("The request's body is not a JSON object")
    _check_names(method, parameters, list(fields))
    return Arguments(
        {
            parameter.name: _JSON_READERS[parameter.kind](parameter.name, value)
            for parameter, value in zip(parameters, fields.values(), strict=True)
        }
    )


def _check_names(
    method: str, parameters: Sequence[Parameter], found: list[str]
) -> None:
    expected = [parameter.name for parameter in parameters]
    if found != expected:
        raise ApiError(
            f"{method} takes the arguments {', '.join(expected)} in this order, "
            f"the request has {', '.join(found) or 'none'}"
        )


def _xml_text(element: ET.Element) -> str:
    if len(element) or element.attrib:
        raise ApiError(f"Argument {element.tag} must be plain text")
    return element.text or ""


def _xml_flag(element: ET.Element) -> bool:
    text = _xml_text(element)
    if text not in ("true", "false"):
        raise ApiError(f"Argument {element.tag} is {text!r}, expected true or false")
    return text == "true"


def _xml_texts(element: ET.Element) -> list[str]:
    _check_items(element, "string")
    return [_xml_text(item) for item in element]


def _xml_inputs(element: ET.Element) -> dict[str, str]:
    _check_items(element, "InputNameValue")
    inputs: dict[str, str] = {}
    for item in element:
        if [child.tag for child in item] != ["Name", "Value"] or item.attrib:
            raise ApiError("An InputNameValue must have a Name and a Value, both text")
        _add_input(inputs, _xml_text(item[0]), _xml_text(item[1]))
    return inputs


def _xml_app_inputs(element: ET.Element) -> dict[str, str]:
    _check_items(element, "DeployAppInput")
    inputs: dict[str, str] = {}
    for item in element:
        if [child.tag for child in item] != ["AppName", "Name", "Value"]:
            raise ApiError("A DeployAppInput must have AppName, Name and Value")
        app, name, value = map(_xml_text, item)
        _add_input(inputs, f"{app}.{name}", value)
    return inputs


def _check_items(element: ET.Element, tag: str) -> None:
    if element.text or element.attrib or any(item.tag != tag for item in element):
        raise ApiError(f"Argument {element.tag} must be a list of {tag}")


def _add_input(inputs: dict[str, str], name: str, value: str) -> None:
    if name in inputs:
        raise ApiError(f"The command input {name!r} is given twice")
    inputs[name] = value


def _json_text(name: str, value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ApiError(f"Argument {name} must be text")
    return value


def _json_flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise ApiError(f"Argument {name} must be true or false")
    return value


def _json_texts(name: str, value: object) -> list[str]:
    if not isinstance(value, list):
        raise ApiError(f"Argument {name} must be a list")
    return [_json_text(name, item) for item in value]


def _json_inputs(name: str, value: object) -> dict[str, str]:
    if not isinstance(value, list):
        raise ApiError(f"Argument {name} must be a list")
    inputs: dict[str, str] = {}
    for item in value:
        if not isinstance(item, dict) or list(item) != ["__name__", "Name", "Value"]:
            raise ApiError(f"Argument {name} must be a list of InputNameValue")
        if not isinstance(item["Name"], str) or not isinstance(item["Value"], str):
            raise ApiError("An InputNameValue must have a Name and a Value, both text")
        _add_input(inputs, item["Name"], item["Value"])
    return inputs


_XML_READERS: dict[Kind, Callable[[ET.Element], Value]] = {
    Kind.TEXT: _xml_text,
    Kind.FLAG: _xml_flag,
    Kind.TEXTS: _xml_texts,
    Kind.INPUTS: _xml_inputs,
    Kind.APP_INPUTS: _xml_app_inputs,
}
_JSON_READERS: dict[Kind, Callable[[str, object], Value]] = {
    Kind.TEXT: _json_text,
    Kind.FLAG: _json_flag,
    Kind.TEXTS: _json_texts,
    Kind.INPUTS: _json_inputs,
}
