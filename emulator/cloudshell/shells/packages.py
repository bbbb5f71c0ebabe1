"""
A shell's package, as shellfoundry packs it.

Owns: unpacking and checking it. Must not know: other shells.
"""

from collections.abc import Set
from pathlib import Path

from emulator.execution import (
    DRIVER_ARTIFACT,
    Shell,
    ShellError,
    load_shell,
    named_files,
    unpack,
    unpack_driver,
)

_META = "TOSCA-Metadata/TOSCA.meta"
_ENTRY = "Entry-Definitions"


def open_package(content: bytes, folder: Path) -> Shell:
    """
    Unpack a package into the folder; raises ShellError.

    Problems that CloudShell finds with the first command are found here already.
    """
    target = folder / "package"
    names = unpack(content, target, "The package")
    if _META not in names:
        raise ShellError(f"The package has no {_META}")
    definition = _entry((target / _META).read_text(encoding="utf-8"))
    _check(definition, names, f"{_ENTRY} of TOSCA.meta")
    files = named_files(target / definition)
    for what, name in files.items():
        _check(name, names, f"{what} of {definition}")
    driver = folder / "driver"
    unpack_driver(target / files[DRIVER_ARTIFACT], driver)
    return load_shell(target / definition, driver_folder=driver)


def parse_version(shell: Shell) -> tuple[int, ...]:
    """Return a shell's version as numbers; raises ShellError."""
    parts = shell.version.split(".")
    if not all(part.isdecimal() for part in parts):
        raise ShellError(
            f"template_version is {shell.version!r}, expected numbers and dots"
        )
    return tuple(map(int, parts))


def _check(name: str, names: Set[str], needed_by: str) -> None:
    if name not in names:
        raise ShellError(f"The package has no {name}, which {needed_by} needs")


def _entry(meta: str) -> str:
    lines = [line.partition(":") for line in meta.splitlines()]
    if not all(colon for _, colon, _ in lines):
        raise ShellError("TOSCA.meta: every line must be `key: value`")
    found = {key.strip(): value.strip() for key, _, value in lines}
    if not found.get(_ENTRY):
        raise ShellError(f"TOSCA.meta has no {_ENTRY}")
    return found[_ENTRY]
