"""
A driver process and the pipe to it.

Owns: sending requests, matching answers, the end of the process.
Must not know: commands, contexts, CloudShell.
"""

import contextlib
import json
import subprocess
import threading
import uuid
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulator.execution.errors import DriverError, DriverProcessEndedError

_HOST = Path(__file__).with_name("driver_host.py")
_STOP_SECONDS = 10


@dataclass(frozen=True)
class Launch:
    """How to start a driver process."""

    python: Path
    folder: Path
    environment: Mapping[str, str]
    console_log: Path


class DriverProcess:
    """A running driver host; each request gets an answer, or an error if it ends."""

    def __init__(self, launch: Launch) -> None:
        launch.console_log.parent.mkdir(parents=True, exist_ok=True)
        with launch.console_log.open("ab") as console:
            # In a session of its own, so that the terminal's Ctrl-C doesn't stop it.
            self._process = subprocess.Popen(  # noqa: S603 the caller's own interpreter
                [launch.python, _HOST],
                cwd=launch.folder,
                env=dict(launch.environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=console,
                start_new_session=True,
            )
        self._waiting: dict[str, Future[Any]] = {}
        self._lock = threading.Lock()
        self._ended = False
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process still accepts requests."""
        return not self._ended and self._process.poll() is None

    def request(self, action: str, request_id: str = "", **details: Any) -> Future[Any]:
        """Send a request; the future has the answer or an ExecutionError."""
        request_id = request_id or uuid.uuid4().hex
        answer: Future[Any] = Future()
        with self._lock:
            if self._ended:
                answer.set_exception(self._death())
                return answer
            self._waiting[request_id] = answer
            self._write({"action": action, "id": request_id, **details})
        return answer

    def stop(self) -> None:
        """End the process by closing its pipe; kill it if it doesn't end in time."""
        with self._lock, contextlib.suppress(OSError):
            assert self._process.stdin is not None  # noqa: S101 it was asked for at the start
            self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """Kill the process, and wait until all its requests have failed."""
        self._process.kill()
        self._process.wait()
        self._listener.join()

    def _write(self, request: dict[str, Any]) -> None:
        # If the process has ended, the listener answers all waiting requests.
        with contextlib.suppress(OSError):
            pipe = self._process.stdin
            assert pipe is not None  # noqa: S101 it was asked for at the start
            pipe.write(json.dumps(request).encode() + b"\n")
            pipe.flush()

    def _listen(self) -> None:
        pipe = self._process.stdout
        assert pipe is not None  # noqa: S101 it was asked for at the start
        try:
            for line in pipe:
                self._settle(json.loads(line))
        except (ValueError, KeyError):
            # After an unreadable answer, the next ones can't be trusted.
            self._process.kill()
        self._process.wait()
        with self._lock:
            self._ended = True
            waiting = list(self._waiting.values())
            self._waiting.clear()
        self._close_pipes()
        for answer in waiting:
            answer.set_exception(self._death())

    def _settle(self, message: dict[str, Any]) -> None:
        with self._lock:
            answer = self._waiting.pop(message["id"])
        if "error" in message:
            failure = message["error"]
            answer.set_exception(DriverError(failure["class"], failure["message"]))
        else:
            answer.set_result(message["result"])

    def _close_pipes(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _death(self) -> DriverProcessEndedError:
        return DriverProcessEndedError(
            "The driver process ended during the command "
            f"(exit code {self._process.returncode}); the next command starts a new one"
        )
