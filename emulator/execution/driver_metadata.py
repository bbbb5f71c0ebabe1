"""
The driver's drivermetadata.xml.

Owns: parsing and checking it. Must not know: the driver's code, processes.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from emulator.execution.errors import ShellError

METADATA = "drivermetadata.xml"
INJECTED = ("context", "cancellation_context")


@dataclass(frozen=True)
class DeclaredParameter:
    """A Parameter element."""

    name: str
    mandatory: bool
    default: str


@dataclass(frozen=True)
class DeclaredCommand:
    """A Command element, with the name of its category."""

    name: str
    category: str
    tags: str
    cancellable: bool
    parameters: tuple[DeclaredParameter, ...]


@dataclass(frozen=True)
class DriverMetadata:
    """The content of drivermetadata.xml."""

    module: str
    class_name: str
    commands: Mapping[str, DeclaredCommand]
    name: str = ""
    version: str = ""


def load_driver_metadata(folder: Path) -> DriverMetadata:
    """Read the drivermetadata.xml of a folder; raises ShellError."""
    path = folder / METADATA
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ShellError(f"Driver metadata {path} can't be read: {error}") from error
    return parse_driver_metadata(text)


def parse_driver_metadata(text: str) -> DriverMetadata:
    """Parse the text of a drivermetadata.xml; raises ShellError."""
    try:
        # A trusted file: it is the developer's own.
        driver = ET.fromstring(text.encode())  # noqa: S314
    except ET.ParseError as error:
        raise ShellError(f"Driver metadata is not XML: {error}") from error
    if driver.tag != "Driver":
        raise ShellError(f"Driver metadata: root is {driver.tag!r}, expected 'Driver'")
    module, class_name = _main_class(driver)
    # Without this attribute, CloudShell runs the driver with Python 2.
    if driver.get("PythonVersion") != "3":
        raise ShellError('Driver metadata: Driver needs PythonVersion="3"')
    return DriverMetadata(
        module,
        class_name,
        _commands(driver),
        name=driver.get("Name", ""),
        version=driver.get("Version", ""),
    )


def _main_class(driver: ET.Element) -> tuple[str, str]:
    module, _, class_name = driver.get("MainClass", "").rpartition(".")
    if not module or not class_name:
        raise ShellError('Driver metadata: MainClass must be "module.Class"')
    return module, class_name


def _commands(driver: ET.Element) -> dict[str, DeclaredCommand]:
    found: dict[str, DeclaredCommand] = {}
    for category in driver.iterfind("Layout/Category"):
        for element in category.iterfind("Command"):
            command = _command(element, category.get("Name", ""))
            if command.name in found:
                raise ShellError(f"Driver metadata: two commands {command.name!r}")
            found[command.name] = command
    return found


def _command(element: ET.Element, category: str) -> DeclaredCommand:
    name = element.get("Name", "")
    if not name.isidentifier() or name.startswith("_"):
        raise ShellError(f"Driver metadata: {name!r} can't be a command's Name")
    return DeclaredCommand(
        name=name,
        category=category,
        tags=element.get("Tags", ""),
        cancellable=_flag(element, "EnableCancellation"),
        parameters=tuple(_parameters(element, name)),
    )


def _parameters(command: ET.Element, owner: str) -> Iterator[DeclaredParameter]:
    seen: set[str] = set(INJECTED)
    for element in command.iterfind("Parameters/Parameter"):
        name = element.get("Name", "")
        if not name.isidentifier() or name in seen:
            raise ShellError(
                f"Driver metadata: {name!r} can't be a Parameter of {owner}: "
                "it is not a name, a duplicate, or filled in by CloudShell"
            )
        seen.add(name)
        default = element.get("DefaultValue", "")
        yield DeclaredParameter(name, _flag(element, "Mandatory"), default)


def _flag(element: ET.Element, attribute: str) -> bool:
    value = element.get(attribute, "false").lower()
    if value not in ("true", "false"):
        raise ShellError(
            f"Driver metadata: {attribute} of {element.get('Name')} is {value!r}, "
            "expected true or false"
        )
    return value == "true"
