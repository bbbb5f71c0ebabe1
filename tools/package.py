"""
Build the shell's package, and check what shellfoundry doesn't: `make package`.

Owns: which files the package must contain, and that its versions and commands agree.
Must not know: how shellfoundry is run.

shellfoundry packs everything in src/, and reports missing parts only as a message. So
it gets a copy of the checkout, and the package is checked afterwards. A file beside the
package has its checksum.
"""

from __future__ import annotations

import ast
import hashlib
import io
import re
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from shutil import copy
from typing import Any
from xml.etree import ElementTree

import yaml

from tools.checkout import ROOT, copy_checkout
from tools.shellfoundry import Shellfoundry

META = "TOSCA-Metadata/TOSCA.meta"
DEFINITION = "shell-definition.yaml"
PACKAGE = "src/traffic_mirroring/__init__.py"
HIDDEN = "Hidden Commands"

_LIFECYCLE = {"initialize", "cleanup"}

Files = Mapping[str, bytes]


class BadPackage(Exception):
    """The package is not as CloudShell needs it."""


def build(shellfoundry: Path, checkout: Path, destination: Path) -> Path:
    """Pack a checkout into a folder; raises BadPackage with shellfoundry's output."""
    definition = yaml.safe_load((checkout / DEFINITION).read_text())
    done = Shellfoundry(shellfoundry, checkout, home=checkout.parent).run("pack")
    packed = checkout / "dist" / f"{definition['metadata']['template_name']}.zip"
    if done.returncode or not packed.is_file():
        raise BadPackage(f"shellfoundry pack failed:\n{done.stdout}")
    destination.mkdir(exist_ok=True)
    return Path(copy(packed, destination))


def package_version(checkout: Path) -> str:
    """Return the version of a checkout's Python package."""
    text = (checkout / PACKAGE).read_text()
    (version,) = re.findall(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    return str(version)


def write_checksum(package: Path) -> Path:
    """Write a package's checksum beside it, as `sha256sum --check` reads it."""
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    checksum = package.with_name(f"{package.name}.sha256")
    checksum.write_text(f"{digest}  {package.name}\n")
    return checksum


def check(package: bytes, checkout: Path) -> None:
    """Raise BadPackage with all problems of the package of a checkout."""
    problems = list(_problems(_files(package), checkout))
    if problems:
        raise BadPackage("\n".join(f"- {problem}" for problem in problems))


def _files(archive: bytes) -> dict[str, bytes]:
    """Return an archive's files by name, without folders."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        names = [each for each in opened.namelist() if not each.endswith("/")]
        return {str(Path(name)): opened.read(name) for name in names}


def _problems(package: Files, checkout: Path) -> Iterator[str]:
    if DEFINITION not in package:
        yield f"the package has no {DEFINITION}"
        return
    definition = yaml.safe_load(package[DEFINITION])
    (node,) = definition["node_types"].values()
    driver_zip = node["artifacts"]["driver"]["file"]
    icon = definition["metadata"]["template_icon"]
    yield from _differences(
        "the package", package, {META, DEFINITION, icon, driver_zip}
    )
    if driver_zip in package:
        yield from _driver_problems(_files(package[driver_zip]), definition, checkout)


def _driver_problems(driver: Files, definition: Any, checkout: Path) -> Iterator[str]:
    wanted = checkout / "src"
    sources = {
        str(path.relative_to(wanted)): path.read_bytes()
        for path in wanted.rglob("*")
        if path.is_file()
    }
    yield from _differences("the driver", driver, set(sources))
    for name in sorted(driver.keys() & sources.keys()):
        if driver[name] != sources[name]:
            yield f"the driver's {name} differs from src/{name}"
    if "drivermetadata.xml" in driver and "driver.py" in driver:
        metadata = ElementTree.fromstring(driver["drivermetadata.xml"])  # noqa: S314 - our own file
        yield from _version_problems(metadata, definition, checkout)
        yield from _command_problems(metadata, driver["driver.py"].decode())


def _differences(what: str, found: Files, wanted: set[str]) -> Iterator[str]:
    for name in sorted(wanted - found.keys()):
        yield f"{what} has no {name}"
    for name in sorted(found.keys() - wanted):
        yield f"{what} has {name}, which does not belong in it"


def _version_problems(
    metadata: ElementTree.Element, definition: Any, checkout: Path
) -> Iterator[str]:
    versions = {
        PACKAGE: package_version(checkout),
        "drivermetadata.xml": metadata.get("Version"),
        DEFINITION: str(definition["metadata"]["template_version"]),
    }
    if len(set(versions.values())) > 1:
        listed = ", ".join(f"{each} in {place}" for place, each in versions.items())
        yield f"the versions differ: {listed}"


def _command_problems(metadata: ElementTree.Element, source: str) -> Iterator[str]:
    name = (metadata.get("MainClass") or "").partition(".")[2]
    methods = {
        method.name
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef) and node.name == name
        for method in node.body
        if isinstance(method, ast.FunctionDef) and not method.name.startswith("_")
    }
    declared = {
        (command.get("Name", ""), category.get("Name", ""))
        for category in metadata.iter("Category")
        for command in category.iter("Command")
    }
    wanted = {(method, HIDDEN) for method in methods - _LIFECYCLE}
    for command, place in sorted(wanted - declared):
        yield f"drivermetadata.xml has no {command} in the category {place}"
    for command, place in sorted(declared - wanted):
        yield f"drivermetadata.xml has {command} in {place}, the driver does not"


def main(shellfoundry: str) -> None:
    """Build the package into dist/, and list its files."""
    with tempfile.TemporaryDirectory() as folder:
        checkout = copy_checkout(Path(folder) / "checkout")
        try:
            package = build(Path(shellfoundry).absolute(), checkout, ROOT / "dist")
            check(package.read_bytes(), checkout)
        except BadPackage as error:
            sys.exit(str(error))
    for name, content in _files(package.read_bytes()).items():
        print(f"{len(content):7} bytes  {name}")  # noqa: T201 - this is its output
    checksum = write_checksum(package)
    print(f"The package is {package.relative_to(ROOT)}")  # noqa: T201 - the same
    print(f"Its checksum is in {checksum.relative_to(ROOT)}")  # noqa: T201 - the same


if __name__ == "__main__":
    main(*sys.argv[1:])
