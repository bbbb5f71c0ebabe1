"""
Check that the checkout is ready for a release, or say how to go on: `make release`.

Owns: what must agree before a release. Must not know: how the package is built.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime, timezone
from pathlib import Path
from xml.etree import ElementTree

import yaml

from tools.checkout import ROOT
from tools.package import DEFINITION, PACKAGE, package_version

CHANGELOG = "CHANGELOG.md"
METADATA = "src/drivermetadata.xml"
UNRELEASED = "Unreleased"

_VERSION = re.compile(r"\d+\.\d+\.\d+")


def problems(checkout: Path, today: date) -> list[str]:
    """Return all reasons why a checkout can't be released, in plain sentences."""
    versions = _versions(checkout)
    version = versions[PACKAGE]
    changelog = (checkout / CHANGELOG).read_text()
    return [
        *_version_problems(versions),
        *_changelog_problems(changelog, version, today),
        *_git_problems(checkout, version),
    ]


def _versions(checkout: Path) -> dict[str, str]:
    """Return the version that each file states."""
    metadata = ElementTree.parse(checkout / METADATA).getroot()  # noqa: S314 - our own file
    definition = yaml.safe_load((checkout / DEFINITION).read_text())
    return {
        PACKAGE: package_version(checkout),
        METADATA: metadata.get("Version", ""),
        DEFINITION: str(definition["metadata"]["template_version"]),
    }


def _version_problems(versions: dict[str, str]) -> Iterator[str]:
    if len(set(versions.values())) > 1:
        listed = ", ".join(f"{each} in {place}" for place, each in versions.items())
        yield f"The versions differ: {listed}."
    if not _VERSION.fullmatch(versions[PACKAGE]):
        yield f"The version {versions[PACKAGE]} does not consist of three numbers."


def _changelog_problems(changelog: str, version: str, today: date) -> Iterator[str]:
    parts = re.split(r"^## (.+)$", changelog, flags=re.MULTILINE)
    sections = dict(zip(parts[1::2], parts[2::2]))
    headings = list(sections)
    if headings[:1] != [UNRELEASED]:
        yield f"{CHANGELOG} does not begin with a section {UNRELEASED}."
    elif sections[UNRELEASED].strip():
        yield f"{CHANGELOG} has changes in {UNRELEASED}; move them to {version}."
    releases = [each for each in headings if each != UNRELEASED]
    newest, _, day = releases[0].partition(" - ") if releases else ("", "", "")
    if newest != version:
        yield f"{CHANGELOG}'s newest release is {newest or 'none'}, not {version}."
    elif not sections[releases[0]].strip():
        yield f"{CHANGELOG} says nothing about {version}."
    elif not _is_past(day, today):
        yield f"{CHANGELOG} has no past date, such as {today}, after {version}."
    older = [each.partition(" - ")[0] for each in releases[1:]]
    if any(_numbers(each) >= _numbers(version) for each in older):
        yield f"{CHANGELOG} has a release before {version} that is not older."


def _is_past(day: str, today: date) -> bool:
    try:
        return date.fromisoformat(day) <= today
    except ValueError:
        return False


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]


def _git_problems(checkout: Path, version: str) -> Iterator[str]:
    changed = _git(checkout, "status", "--porcelain")
    if changed:
        names = ", ".join(line[3:] for line in changed.splitlines())
        yield f"Files are not committed: {names}."
    if _git(checkout, "tag", "--list", f"v{version}"):
        yield f"The tag v{version} exists already."


def _git(checkout: Path, *arguments: str) -> str:
    done = subprocess.run(  # noqa: S603 - git, with our own arguments
        ["git", *arguments],  # noqa: S607 - the one on the path
        cwd=checkout,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def main(arguments: list[str]) -> None:
    """Exit with all problems; with `built`, print what to do after the build."""
    found = problems(ROOT, datetime.now(timezone.utc).date())
    if found:
        sys.exit("\n".join(["This can't be released:", *(f"- {p}" for p in found)]))
    version = package_version(ROOT)
    if arguments == ["built"]:
        print(_NEXT.format(version=version))  # noqa: T201 - this is its output
    else:
        print(f"Releasing {version}: all checks and tests first.")  # noqa: T201 - the same


_NEXT = """\
Release {version} is built and tested. Now:
1. git tag --annotate v{version} --message "Release {version}"
2. git push origin v{version}
3. Publish the zip and its checksum from dist/, with the section of CHANGELOG.md."""


if __name__ == "__main__":
    main(sys.argv[1:])
