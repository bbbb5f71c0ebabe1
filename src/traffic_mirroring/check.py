"""
Check a request without AWS and CloudShell: `python -m traffic_mirroring.check FILE`.

Owns the command line: the file, its encoding, the exit status. Must not know what is
valid.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from traffic_mirroring.errors import InvalidRequest
from traffic_mirroring.request.any_command import parse_any
from traffic_mirroring.request.summary import summarize

_DESCRIPTION = """
Check a request as the commands of the shell do; print what it asks for, or its
problems. The exit status is 0 if it is valid, 1 if not, and 2 if it can't be read.
Whether the Apps and NICs exist is not checked.
"""


class _Unreadable(Exception):
    """The file can't be read, or is not UTF-8 text."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m traffic_mirroring.check", description=_DESCRIPTION
    )
    parser.add_argument("file", help="the request, or - for standard input")
    name = parser.parse_args(arguments).file
    try:
        text = _read(name)
    except _Unreadable as error:
        print(error, file=sys.stderr)
        return 2
    try:
        actions = parse_any(text)
    except InvalidRequest as error:
        print("\n".join(error.lines))
        return 1
    summaries = ["\n    ".join(summarize(action)) for action in actions]
    print("\n".join(f"actions[{index}] {it}" for index, it in enumerate(summaries)))
    return 0


def _read(name: str) -> str:
    """Return the text of a file, or of standard input. Raises _Unreadable."""
    try:
        if name == "-":
            name, data = "standard input", sys.stdin.buffer.read()
        else:
            data = Path(name).read_bytes()
    except OSError as error:
        raise _Unreadable(f"{name} can't be read: {error.strerror}") from error
    encoding = json.detect_encoding(data)
    if not encoding.startswith("utf-8"):
        found = encoding[:6].upper()
        raise _Unreadable(f"{name} is {found} text, not UTF-8: save it as UTF-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        byte = f"byte {error.start + 1} is 0x{data[error.start]:02x}"
        raise _Unreadable(f"{name} is not UTF-8 ({byte}): save it as UTF-8") from error


if __name__ == "__main__":
    sys.exit(main())
