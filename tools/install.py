"""
pip with a sign of life, for the Makefile: `python -m tools.install ARGUMENTS`.

Owns: what is printed while pip works. Must not know: what it installs.

The names of the packages are printed as pip finds them, and a dot whenever it has been
silent for some seconds. If pip fails, everything that it said is printed.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from queue import Empty, Queue
from threading import Thread
from time import monotonic
from typing import IO

SECONDS_OF_SILENCE = 3.0

# Modules are compiled when they are first imported; most of moto's never are.
_PIP = ("-m", "pip", "install", "--disable-pip-version-check", "--no-compile")
_FOUND = "Collecting "
_INSTALLING = "Installing collected packages: "


def install(
    command: Sequence[str], out: IO[str], silence: float = SECONDS_OF_SILENCE
) -> int:
    """Run pip's command, printing its progress; return its exit code."""
    started = monotonic()
    said: list[str] = []
    with subprocess.Popen(  # noqa: S603 - the caller's own command
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as pip:
        for line in _lines(pip.stdout, silence):
            said.append(line or "")
            out.write(_progress(line))
            out.flush()
    out.write("\n")
    if pip.returncode == 0:
        out.write(f"{monotonic() - started:.0f} s\n")
    else:
        out.writelines(said)
    return pip.returncode


def _lines(stream: IO[str] | None, silence: float) -> Iterator[str | None]:
    """Yield the lines of a stream, and None after every `silence` seconds without."""
    lines: Queue[str] = Queue()
    reader = Thread(target=_read, args=(stream, lines), daemon=True)
    reader.start()
    while True:
        try:
            line = lines.get(timeout=silence)
        except Empty:
            yield None
            continue
        if not line:
            return
        yield line


def _read(stream: IO[str] | None, lines: Queue[str]) -> None:
    for line in stream or ():
        lines.put(line)
    lines.put("")


def _progress(line: str | None) -> str:
    """Return what is printed for a line of pip's, or for None: silence."""
    if line is None:
        return ". "
    if line.startswith(_FOUND):
        requirement = line[len(_FOUND) :]
        return f"{re.split(r'[^A-Za-z0-9_.-]', requirement, maxsplit=1)[0]} "
    if line.startswith(_INSTALLING):
        return f"\nInstalling {line.count(',') + 1} packages "
    return ""


if __name__ == "__main__":
    try:
        sys.exit(install([sys.executable, *_PIP, *sys.argv[1:]], sys.stdout))
    except KeyboardInterrupt:
        sys.exit(130)
