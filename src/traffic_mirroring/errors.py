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
    """
    The request is invalid; `problems` holds one line each, with its path.

    A request with very many problems has `unlisted` ones that are only counted.
    """

    def __init__(self, problems: Sequence[str], unlisted: int = 0) -> None:
        self.problems = tuple(problems)
        self.unlisted = unlisted
        total = len(problems) + unlisted
        count = "1 problem" if total == 1 else f"{total} problems"
        more = [f"and {unlisted} more problems"] if unlisted else []
        lines = "".join(f"\n- {problem}" for problem in [*problems, *more])
        super().__init__(f"The request has {count}; nothing was touched:{lines}")


class NotAllowed(ValueError):
    """A request value is invalid; `allowed` describes valid values."""

    def __init__(self, allowed: str, problem: str = "") -> None:
        self.allowed = allowed
        self.problem = problem
        super().__init__(allowed)


class InvalidConfiguration(TrafficMirroringError):
    """The cloud provider resource, or the way it was called, can't work."""


class CallFailed(TrafficMirroringError):
    """A call to EC2 or CloudShell failed; says what was being done, and why."""

    def __init__(self, action: str, reason: object) -> None:
        super().__init__(f"{action}: {reason}")


class Ec2Failed(CallFailed):
    """EC2 refused a call."""


class CallForbidden(Ec2Failed):
    """The credentials aren't allowed to make the call; `permission` is IAM's word."""

    def __init__(self, action: str, reason: object, permission: str) -> None:
        self.permission = permission
        super().__init__(action, reason)


class CredentialsRejected(Ec2Failed):
    """AWS doesn't take the credentials, at least not in this region."""


class Ec2Unknown(Ec2Failed):
    """EC2 knows no traffic mirror target, filter or session of that id."""


class Ec2Unanswered(Ec2Failed):
    """EC2 gave no answer or failed itself; the call may have taken effect."""


class PoolFailed(CallFailed):
    """CloudShell's pool refused to hand out or take back a session number."""


class PoolUnanswered(PoolFailed):
    """CloudShell gave no answer; the number may have changed hands."""


class ReservationEnded(PoolFailed):
    """The pool serves no reservation that has ended."""


class MirrorRejected(TrafficMirroringError):
    """The mirror can't be made as things stand; nothing was tried."""


class SessionNotOurs(TrafficMirroringError):
    """A session that this sandbox didn't make is not its to remove."""


class Cancelled(TrafficMirroringError):
    """The user has cancelled the command."""

    def __init__(self) -> None:
        super().__init__("The command was cancelled; what it made was undone")


def user_message(error: Exception | None) -> str:
    """Return an error's text for the user; what nobody expected has a class to name."""
    if isinstance(error, TrafficMirroringError):
        return str(error)
    kind = type(error).__name__
    return f"Unexpected {kind}: {error}; the execution server's log has the details"
