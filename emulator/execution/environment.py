"""
The environment variables of a driver process.

Owns: which variables it inherits. Must not know: drivers.

A driver must not see this machine's AWS settings and proxies, so it inherits only what
every process needs.
"""

import os
from collections.abc import Mapping
from pathlib import Path

_INHERITED = (
    "PATH",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TMPDIR",
    "TEMP",
    "TMP",
    "SYSTEMROOT",
    "COVERAGE_PROCESS_CONFIG",  # set by `make coverage`, which measures the driver
)


def driver_environment(
    given: Mapping[str, str], *, log_path: Path, log_level: str
) -> dict[str, str]:
    """Return the variables of a driver process; `given` overrides inherited ones."""
    base = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    # An empty home of its own hides ~/.aws.
    home = log_path / "home"
    home.mkdir(parents=True, exist_ok=True)
    base.update(HOME=str(home), USERPROFILE=str(home))
    return {**base, **given, "LOG_PATH": str(log_path), "LOG_LEVEL": log_level}
