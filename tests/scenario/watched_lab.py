"""
A lab in which every text that the driver writes is searched for secrets.

To start a lab with its driver process takes longer than most tests. So one is kept for
the test files that want the same. Each of them finds EC2 and the pools empty, the one
resource AWS, and a driver process that has run commands before, as on a real execution
server. A process can have one emulator: another lab ends the one that is kept.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from cloudshell.api.cloudshell_api import CloudShellAPISession

from emulator.execution import ExecutionError
from emulator.lab import ACCESS_KEY, RESOURCE, Lab
from emulator.secret_values import SECRET_MARK

_SECRETS = re.compile(
    rf"{SECRET_MARK}|{ACCESS_KEY}|Signature=\w|Credential=\w|SecretAccessKey>\w"
)
_SHOWN = 200
"""Characters before a secret, in an error."""

_OVERLAP = 50
"""Characters that are read again, in case a secret was half written."""

_HOST_LOGS_AT_DEBUG = Path(__file__).parent / "root_log_at_debug"

RUNNING: list[WatchedLab] = []
"""The labs between their start and their end."""


XML_REFUSES = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""CloudShell's client can't read an answer with such a character."""


def find_secret(text: str) -> str | None:
    """Return the place in a text where a secret begins; None if there is none."""
    found = _SECRETS.search(text)
    return found and text[max(0, found.start() - _SHOWN) : found.end()]


def _logs(folder: Path, ended: set[str]) -> Iterator[str]:
    """Yield the paths of the logs in a folder, but not in the folders that `ended`."""
    for place, folders, names in os.walk(folder):
        folders[:] = [each for each in folders if each not in ended]
        yield from (os.path.join(place, each) for each in names if each[-4:] == ".log")


class WatchedLab(Lab):
    """
    A lab whose driver processes also log at DEBUG to their consoles.

    Its end raises AssertionError if there is a secret in a log or in an answer.
    """

    def __init__(self, *, environment: dict[str, str] | None = None, **given) -> None:
        host = {"PYTHONPATH": str(_HOST_LOGS_AT_DEBUG)}
        super().__init__(environment={**host, **(environment or {})}, **given)
        self._read: dict[str, int] = {}
        self._answered = 0
        self._searched: set[str] = set()
        self._ended: set[str] = set()

    def __enter__(self) -> WatchedLab:
        end_kept_lab()
        super().__enter__()
        RUNNING.append(self)
        return self

    def __exit__(self, kind, error, trace) -> None:
        RUNNING.remove(self)
        self._ended.clear()
        try:
            self.check()
        finally:
            super().__exit__(kind, error, trace)

    @cached_property
    def session(self) -> CloudShellAPISession:
        """CloudShell's client, logged on once."""
        return self.cloudshell.session()

    def reset(self) -> None:
        """Delete everything in EC2 and the pools, and restore CloudShell's settings."""
        self.ec2.reset()
        self.cloudshell.pools.reset()
        self.cloudshell.refuse_commands_after_end = True
        # No command of the old sandboxes will run any more. There can be a thousand.
        self._ended |= self._searched - {"inventory"}

    def check(self) -> None:
        """Fail if there is a secret in what was logged and answered since the last."""
        answers = self._new_answers()
        for source, text in [*self._new_logs(), *answers]:
            assert find_secret(text) is None, f"There is a secret in {source}"
        for source, text in answers:
            assert not XML_REFUSES.search(text), f"XML can't carry {source}"

    def _new_logs(self) -> list[tuple[str, str]]:
        new = []
        self._searched |= set(os.listdir(self.execution.log_path))
        for path in _logs(self.execution.log_path, self._ended):
            begin = self._read.get(path, 0)
            if os.path.getsize(path) > begin:
                with open(path, "rb") as file:
                    file.seek(max(0, begin - _OVERLAP))
                    text = file.read()
                    self._read[path] = file.tell()
                new.append((path, text.decode(errors="replace")))
        return new

    def _new_answers(self) -> list[tuple[str, str]]:
        """Return the outputs and errors of the commands that have ended, in order."""
        new = []
        for execution in self.execution.executions()[self._answered :]:
            if not execution.ended:
                break
            self._answered += 1
            try:
                new.append(("an answer", execution.wait()))
            except ExecutionError as error:
                new.append(("an error", str(error)))
        return new


_kept: list[tuple[dict[str, Any], WatchedLab]] = []


@contextmanager
def kept_lab(**options: Any) -> Iterator[WatchedLab]:
    """Lend the kept lab if it has these options, or start and keep one that has."""
    if [kind for kind, _ in _kept] != [options]:
        _kept.append((options, WatchedLab(**options).__enter__()))
    ((_, lab),) = _kept
    lab.reset()
    yield lab
    for name in lab.cloudshell.resource_names:
        if name != RESOURCE:
            lab.cloudshell.remove_resource(name)


def end_kept_lab() -> None:
    """End the kept lab, if there is one."""
    while _kept:
        _kept.pop()[1].__exit__(None, None, None)
