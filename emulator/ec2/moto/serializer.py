"""
moto's serializer with less effort for each reply.

Owns: what of moto's work on a reply is kept or replaced. Must not know: operations.

moto works out again for each value under which names its attributes may be stored, and
for each request which operations a service has. That takes most of a request's time,
though it depends only on classes and on AWS's model.
"""

from __future__ import annotations

from functools import cache
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from moto.core import responses
from moto.core.constants import MISSING
from moto.core.serialize import (
    SERIALIZERS,
    AttributePickerContext,
    EC2Serializer,
    XFormedAttributePicker,
)
from moto.core.utils import get_value, method_names_from_class

_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
_names: dict[tuple[type, Any], tuple[str, ...]] = {}
_method_names = cache(method_names_from_class)


def speed_up_moto() -> None:
    """Make moto use what is below, in the whole process."""
    SERIALIZERS["ec2"] = _Ec2Serializer
    module: Any = responses
    module.XFormedAttributePicker = _AttributePicker
    module.method_names_from_class = _method_names


class _AttributePicker(XFormedAttributePicker):
    """Finds the possible names of an attribute once for each class and member."""

    def get_possible_keys(self, context: AttributePickerContext) -> Any:
        key = type(context.obj), context.shape
        if key not in _names:
            _names[key] = tuple(dict.fromkeys(super().get_possible_keys(context)))
        return _names[key]


class _Ec2Serializer(EC2Serializer):
    """Finds attributes by known names, and writes XML without moto's slow xmltodict."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        paths = getattr(self._value_picker, "response_transformers", {})
        self._transformed = {path.rpartition(".")[2] for path in paths}

    def get_value(self, value: Any, key: str, shape: Any) -> Any:
        """Return an attribute, None if it is absent."""
        names = _names.get((type(value), shape))
        if names is None or key in self._transformed:
            return super().get_value(value, key, shape)
        for name in names:
            found = get_value(value, name)
            if found is not MISSING:
                return found
        return None

    def _serialize_body(self, body: Any) -> str:
        ((name, content),) = body.items()
        return _DECLARATION + _xml(name, content)


class ResultSerializer(_Ec2Serializer):
    """Serializes results that are dictionaries with the names of AWS's model."""

    def get_value(self, value: Any, key: str, shape: Any) -> Any:  # noqa: ARG002  # moto's signature
        """Return a member of a structure, None if it is absent."""
        return value.get(key)


def _xml(name: str, content: Any) -> str:
    """Return elements with a name; `@` begins the name of an attribute."""
    if isinstance(content, list):
        return "".join([_xml(name, each) for each in content])
    if not isinstance(content, dict):
        return f"<{name}>{escape(str(content))}</{name}>"
    attributes = inner = ""
    for key, value in content.items():
        if key.startswith("@"):
            attributes += f" {key[1:]}={quoteattr(value)}"
        else:
            inner += _xml(key, value)
    return f"<{name}{attributes}>{inner}</{name}>"
