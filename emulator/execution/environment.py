"""
Owns: the environment of a driver process. Must not know: drivers.

A driver must see neither this machine's AWS settings nor its proxies, so nothing is
inherited but what a process needs to run at all.
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
)


def driver_environment(
    given: Mapping[str, str], *, log_path: Path, log_level: str
) -> dict[str, str]:
    """Return the variables of a driver process; `given` wins over the inherited few."""
    base = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    # An own empty home hides ~/.aws and its like.
    home = log_path / "home"
    home.mkdir(parents=True, exist_ok=True)
    base.update(HOME=str(home), USERPROFILE=str(home))
    return {**base, **given, "LOG_PATH": str(log_path), "LOG_LEVEL": log_level}
