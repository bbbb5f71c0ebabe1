"""
Known vulnerabilities of the driver's packages: `make audit`.

Owns: what pip-audit's answer means. Must not know: where it looks them up.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.dependencies import Package, driver_packages


def audit(pip_audit: Path, packages: Sequence[Package]) -> str:
    """Return what pip-audit prints about these versions: JSON, unless it fails."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as requirements:
        pins = (f"{each.name}=={each.version}\n" for each in packages)
        requirements.write("".join(pins))
        requirements.flush()
        done = subprocess.run(  # noqa: S603  # the program that `make audit` installed
            [
                *(pip_audit, "--requirement", requirements.name, "--format", "json"),
                *("--no-deps", "--disable-pip", "--progress-spinner", "off"),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    return done.stdout


def summary(output: str) -> tuple[str, bool]:
    """Return the line about an answer of pip-audit, and whether all is well."""
    try:
        answers: list[Mapping[str, Any]] = json.loads(output)["dependencies"]
    except ValueError:
        answers = []
    audited = [each for each in answers if "vulns" in each]
    if not audited:
        return "audit: not done, because no vulnerabilities can be looked up here", True
    found = [
        f"{each['name']} {each['version']}: {vulnerability['id']}"
        for each in audited
        for vulnerability in each["vulns"]
    ]
    count = f"audit: {len(audited)} of {len(answers)} packages, {len(found)} known"
    return "\n".join([*found, f"{count} vulnerabilities"]), not found


if __name__ == "__main__":
    text, is_well = summary(audit(Path(sys.argv[1]), driver_packages()))
    sys.stdout.write(f"{text}\n")
    sys.exit(not is_well)
