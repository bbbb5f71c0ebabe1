"""
The packages that the project needs, as this environment has them.

Owns: which packages the driver and the extras need, their licences, and the page about
them: `make licences`. Must not know: what they are needed for, vulnerabilities.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = "cloudshell-aws-traffic-mirroring"
_CLASSIFIER = "License :: "
_TEXTS = {
    "Apache-2.0": "Apache License",
    "MIT": "Permission is hereby granted, free of charge",
}
_UNSTATED = "not stated"
_LONGEST_NAME = 40
_PAGE = """# Dependencies

`make licences` writes this page from the metadata of the installed packages. For the
versions see `src/requirements.txt` and `pyproject.toml`.

## The driver

CloudShell installs these packages on its execution servers. `make audit` looks up their
known vulnerabilities. Some versions of Python need a few more, or fewer.

{driver}

## Development

Only `make` needs these packages, and those that they need in turn.

{development}
"""


@dataclass(frozen=True)
class Package:
    """An installed package; `needed_by` are the names of packages, or of extras."""

    name: str
    version: str
    licence: str
    needed_by: tuple[str, ...]


def driver_packages() -> list[Package]:
    """Return the driver's packages with all that they need, by name."""
    needed: dict[str, set[str]] = {}
    new = list(_required(PROJECT))
    for name in new:
        needed[name] = {"driver"}
    while new:
        name = new.pop()
        for each in _required(name):
            if each not in needed:
                new.append(each)
            needed.setdefault(each, set()).add(name)
    return _packages(needed)


def development_packages() -> list[Package]:
    """Return the packages of the project's extras that are installed, by name."""
    needed: dict[str, set[str]] = {}
    own = distribution(PROJECT)
    for extra in own.metadata.get_all("Provides-Extra") or []:
        for name in {*_required(PROJECT, extra)} - {PROJECT, *_required(PROJECT)}:
            needed.setdefault(name, set()).add(extra)
    return _packages(needed)


def page() -> str:
    """Return the page about the dependencies."""
    return _PAGE.format(
        driver=_table(driver_packages(), "needed by"),
        development=_table(development_packages(), "extra"),
    )


def _required(name: str, extra: str = "") -> Iterator[str]:
    """Yield the names of the packages that a package needs on this Python."""
    for text in distribution(name).requires or []:
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is None or marker.evaluate({"extra": extra}):
            yield canonicalize_name(requirement.name)


def _packages(needed: dict[str, set[str]]) -> list[Package]:
    packages = []
    for name, by in sorted(needed.items()):
        with suppress(PackageNotFoundError):
            found = distribution(name)
            licence = _licence(found)
            packages.append(Package(name, found.version, licence, tuple(sorted(by))))
    return packages


def _licence(package: Distribution) -> str:
    """Return the licence that the metadata name, or that the licence's text is."""
    metadata = package.metadata
    if "License-Expression" in metadata:
        return metadata["License-Expression"]
    classifiers = [
        each.removeprefix(_CLASSIFIER).removeprefix("OSI Approved :: ")
        for each in metadata.get_all("Classifier") or []
        if each.startswith(_CLASSIFIER)
    ]
    if classifiers:
        return ", ".join(each for each in classifiers if each != "OSI Approved")
    given = (metadata.get_all("License") or [""])[0]
    # Some packages have all of the licence's text here.
    return given if 0 < len(given) < _LONGEST_NAME else _licence_of_text(package)


def _licence_of_text(package: Distribution) -> str:
    for path in package.files or []:
        if "LICENSE" in path.name:
            text = Path(str(path.locate())).read_text(errors="replace")
            found = [name for name, words in _TEXTS.items() if words in text]
            return found[0] if found else _UNSTATED
    return _UNSTATED


def _table(packages: Iterable[Package], needed_by: str) -> str:
    rows = [
        f"| {each.name} | {each.licence} | {', '.join(each.needed_by)} |"
        for each in packages
    ]
    head = [f"| package | licence | {needed_by} |", "| --- | --- | --- |"]
    return "\n".join([*head, *rows])


if __name__ == "__main__":
    sys.stdout.write(page())
