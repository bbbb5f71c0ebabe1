"""
The path of this checkout, and copies of it.

Owns: which files belong to the project. Must not know: what they contain.
"""

from __future__ import annotations

from pathlib import Path
from shutil import copytree, ignore_patterns

ROOT = Path(__file__).resolve().parent.parent

_NOT_COPIED = (".*", "build", "dist", "*.egg-info", "__pycache__")


def copy_checkout(to: Path) -> Path:
    """Copy the project's files, without hidden and generated ones."""
    unwanted = ignore_patterns(*_NOT_COPIED)
    return Path(copytree(ROOT, to, symlinks=True, ignore=unwanted))
