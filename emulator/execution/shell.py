"""
A shell: its definition and its driver folder.

Owns: reading the TOSCA definition. Must not know: processes, the API.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from emulator.execution.driver_metadata import DriverMetadata, load_driver_metadata
from emulator.execution.errors import ShellError

CONCURRENCY = "cloudshell.capabilities.SupportConcurrentCommands"
PASSWORD = "cloudshell.datatypes.Password"  # noqa: S105  the name of a type
_TYPES = {
    "string": "String",
    "integer": "Numeric",
    "float": "Numeric",
    "boolean": "Boolean",
    PASSWORD: "Password",
}
DRIVER_ARTIFACT = "artifact driver"
_NODE_PREFIX = "vendor.resource."
_FAMILIES = {"cloudshell.nodes.CustomCloudProvider": "CS_CloudProvider"}


@dataclass(frozen=True)
class ShellAttribute:
    """An attribute of the shell's model; its name doesn't include the model."""

    name: str
    type: str = "String"
    default: str = ""


# The attributes of all cloud providers, which shell definitions don't repeat.
_STANDARD_ATTRIBUTES = (
    ShellAttribute("Region"),
    ShellAttribute("Networking type"),
    ShellAttribute("Networks in use"),
    ShellAttribute("VLAN Type"),
    ShellAttribute("Execution Server Selector"),
)


@dataclass(frozen=True)
class Shell:
    """A shell: its model, its attributes and its driver."""

    name: str
    version: str
    author: str
    model: str
    family: str
    attributes: Mapping[str, ShellAttribute]
    concurrent: bool
    driver_folder: Path
    driver: DriverMetadata


def load_shell(definition: Path, *, driver_folder: Path) -> Shell:
    """Read a TOSCA shell definition and the driver's metadata; raises ShellError."""
    content = _mapping(_load(definition), definition.name)
    metadata = _mapping(content.get("metadata"), "metadata")
    model, node = _node(_mapping(content.get("node_types"), "node_types"))
    capabilities = _mapping(node.get("capabilities") or {}, "capabilities")
    return Shell(
        name=str(metadata.get("template_name", model)),
        version=str(metadata.get("template_version", "")),
        author=str(metadata.get("template_author", "")),
        model=model,
        family=_family(node),
        attributes={each.name: each for each in _attributes(node)},
        concurrent=CONCURRENCY in _types(capabilities),
        driver_folder=driver_folder.resolve(),
        driver=load_driver_metadata(driver_folder),
    )


def named_files(definition: Path) -> dict[str, str]:
    """Return the files that a definition names, by their purpose; raises ShellError."""
    content = _mapping(_load(definition), definition.name)
    metadata = _mapping(content.get("metadata"), "metadata")
    _, node = _node(_mapping(content.get("node_types"), "node_types"))
    artifacts = _mapping(node.get("artifacts") or {}, "artifacts")
    files = {
        f"artifact {name}": str(_mapping(entry, f"artifact {name}").get("file"))
        for name, entry in artifacts.items()
    }
    if DRIVER_ARTIFACT not in files:
        raise ShellError("Shell definition: artifacts have no driver")
    return {"template_icon": str(metadata.get("template_icon")), **files}


def _load(definition: Path) -> object:
    try:
        return yaml.safe_load(definition.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        message = f"Shell definition {definition} can't be read: {error}"
        raise ShellError(message) from error


def _mapping(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ShellError(f"Shell definition: {what} must be a mapping")
    return value


def _node(types: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    own = [name for name in types if name.startswith(_NODE_PREFIX)]
    if len(own) != 1:
        raise ShellError(
            f"Shell definition: one node type {_NODE_PREFIX}<Model> expected, "
            f"found {len(own)}"
        )
    return own[0].removeprefix(_NODE_PREFIX), _mapping(types[own[0]], own[0])


def _family(node: Mapping[str, Any]) -> str:
    base = node.get("derived_from")
    if base not in _FAMILIES:
        raise ShellError(
            f"Shell definition: derived_from is {base!r}, "
            f"the emulator has only {', '.join(_FAMILIES)}"
        )
    return _FAMILIES[base]


def _attributes(node: Mapping[str, Any]) -> Iterator[ShellAttribute]:
    yield from _STANDARD_ATTRIBUTES
    for name, entry in _mapping(node.get("properties") or {}, "properties").items():
        details = _mapping(entry, f"property {name}")
        if details.get("type") not in _TYPES:
            raise ShellError(
                f"Shell definition: property {name} has type {details.get('type')!r}, "
                f"expected one of {', '.join(_TYPES)}"
            )
        default = details.get("default")
        text = "" if default is None else str(default)
        yield ShellAttribute(str(name), _TYPES[details["type"]], text)


def _types(capabilities: Mapping[str, Any]) -> set[object]:
    # TOSCA also allows the name of the type in place of a mapping.
    return {
        entry.get("type") if isinstance(entry, dict) else entry
        for entry in capabilities.values()
    }
