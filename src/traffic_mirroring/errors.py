"""
Every exception that the package raises.

Each is built from facts and makes its own sentence: what was being done, to what,
why it failed. A CloudShell user sees the class name and the sentence.
"""

from __future__ import annotations

from collections.abc import Sequence


class TrafficMirroringError(Exception):
    """Anything that keeps a command or one of its actions from succeeding."""


class InvalidRequest(TrafficMirroringError):
    """The request can't be read; `problems` holds one line each, with its path."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        lines = "".join(f"\n- {problem}" for problem in problems)
        super().__init__(f"The request has {count}; nothing was touched:{lines}")


class NotAllowed(ValueError):
    """A value of the request is refused; `allowed` says what would do."""

    def __init__(self, allowed: str, problem: str = "") -> None:
        self.allowed = allowed
        self.problem = problem
        super().__init__(allowed)


class InvalidConfiguration(TrafficMirroringError):
    """The cloud provider resource, or the way it was called, can't work."""


class Ec2Failed(TrafficMirroringError):
    """EC2 refused a call, or never answered it; `code` is then empty."""

    def __init__(self, doing: str, code: str, message: str, request_id: str) -> None:
        self.code = code
        self.request_id = request_id
        reference = f" (request id {request_id})" if request_id else ""
        reason = f"{code}: {message}" if code else message
        super().__init__(f"{doing}: {reason}{reference}")


class PoolFailed(TrafficMirroringError):
    """CloudShell's pool refused to hand out or take back a session number."""

    def __init__(self, doing: str, reason: object) -> None:
        super().__init__(f"{doing}: {reason}")


class ReservationEnded(PoolFailed):
    """The pool serves no reservation that has ended."""


class MirrorRefused(TrafficMirroringError):
    """The mirror can't be made as things stand; nothing was tried."""


class SessionNotOurs(TrafficMirroringError):
    """A session that this sandbox didn't make is not its to remove."""


class Cancelled(TrafficMirroringError):
    """The user has cancelled the command."""

    def __init__(self) -> None:
        super().__init__("The command was cancelled")


def told(error: Exception | None) -> str:
    """Return an error's text for the user; what nobody expected has a class to name."""
    if isinstance(error, TrafficMirroringError):
        return str(error)
    return f"Unexpected {type(error).__name__}: {error}; the log has the details"
