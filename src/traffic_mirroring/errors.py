"""
Owns: every exception that the package raises, and the sentence that a user reads.

Must not know: boto3, CloudShell's API, requests.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from traffic_mirroring.models import Session


class TrafficMirroringError(Exception):
    """Base of all errors that a command or one of its actions can end with."""


class InvalidRequest(TrafficMirroringError):
    """
    The request is invalid; `problems` has one line each, with its path.

    A request with very many problems has `unlisted` ones that are only counted. `lines`
    are the problems and that count.
    """

    def __init__(self, problems: Sequence[str], unlisted: int = 0) -> None:
        self.problems = tuple(problems)
        self.unlisted = unlisted
        total = len(problems) + unlisted
        count = "1 problem" if total == 1 else f"{total} problems"
        more = [f"and {unlisted} more problems"] if unlisted else []
        self.lines = (*problems, *more)
        lines = "".join(f"\n- {line}" for line in self.lines)
        super().__init__(f"The request has {count}; nothing was touched:{lines}")


class NotAllowed(ValueError):
    """
    A request value is invalid; `allowed` describes valid values.

    `any_of` are the fields of which one needs a value, if that is the problem.
    """

    def __init__(
        self, allowed: str, problem: str = "", *, any_of: Sequence[str] = ()
    ) -> None:
        self.allowed = allowed
        self.problem = problem
        self.any_of = tuple(any_of)
        super().__init__(allowed)


class InvalidConfiguration(TrafficMirroringError):
    """The cloud provider resource, or the way the command was called, is wrong."""


class CallFailed(TrafficMirroringError):
    """
    A call to AWS or CloudShell failed.

    `action` is what was attempted, `reason` why it failed; `advice` says what the
    reader can do, None if nothing is known to help.
    """

    def __init__(
        self, action: str, reason: object, *, advice: str | None = None
    ) -> None:
        self.action = action
        self.reason = str(reason)
        self.advice = advice
        super().__init__(f"{action}: {reason}{f'; {advice}' if advice else ''}")


class CallUnanswered(CallFailed):
    """There was no answer, so the call may have taken effect."""


class Ec2Failed(CallFailed):
    """
    AWS refused a call.

    `code`, `message` and `request_id` are AWS's; without an answer, code and request
    id are None.
    """

    def __init__(
        self,
        action: str,
        message: object,
        *,
        code: str | None = None,
        request_id: str | None = None,
        advice: str | None = None,
    ) -> None:
        self.code = code
        self.message = str(message)
        self.request_id = request_id
        reason = f"{code}: {message} (request id {request_id})" if code else message
        super().__init__(action, reason, advice=advice)


class CallForbidden(Ec2Failed):
    """The credentials lack `permission`, an IAM action such as `ec2:CreateTags`."""

    permission: str


class CredentialsRejected(Ec2Failed):
    """AWS rejects the credentials, at least in this region."""


class Ec2NotFound(Ec2Failed):
    """EC2 has no traffic mirror target, filter or session with that id."""

    @property
    def is_target(self) -> bool:
        """Whether the missing resource is a target."""
        return "TrafficMirrorTarget" in (self.code or "")


class Ec2InUse(Ec2Failed):
    """
    EC2 reports the target or filter that was to be deleted as in use.

    `users` are the sessions that use it; there are none if EC2 lists none.
    """

    users: tuple[Session, ...] = ()


class Ec2Conflict(Ec2Failed):
    """
    EC2 refused a value, perhaps because another resource has it already.

    AWS documents no code for a session number in use or a second target on a NIC.
    """


class Ec2Unanswered(Ec2Failed, CallUnanswered):
    """EC2 gave no answer or failed itself; the call may have taken effect."""


class PoolFailed(CallFailed):
    """CloudShell's pool refused to check out or to release a session number."""


class PoolUnanswered(PoolFailed, CallUnanswered):
    """CloudShell gave no answer; the number may have been checked out or released."""


class ReservationEnded(PoolFailed):
    """The reservation has ended, so CloudShell's pools refuse its calls."""


class MirrorRejected(TrafficMirroringError):
    """The mirror can't be created in the present state of EC2; nothing was tried."""


class AppRejected(MirrorRejected):
    """A name means no App with a primary NIC; `apps` are those of the sandbox."""

    def __init__(self, name: str, reason: str, apps: Sequence[str]) -> None:
        self.name = name
        self.reason = reason
        self.apps = tuple(apps)
        super().__init__(
            f"App {name!r} can't be used, because {reason}. The sandbox's deployed "
            f"Apps are {', '.join(apps) or 'none'}"
        )


class NumberTaken(MirrorRejected):
    """The given session number is in use on the source; `holder` describes by what."""

    def __init__(self, nic_id: str, number: int, holder: str) -> None:
        self.holder = holder
        super().__init__(
            f"Session number {number} of {nic_id} is taken by {holder}: give another, "
            "or leave it out"
        )


class MirrorDrifted(MirrorRejected):
    """The mirror's session exists, but was changed outside CloudShell."""

    def __init__(self, session_id: str, differences: Sequence[str]) -> None:
        self.session_id = session_id
        self.differences = tuple(differences)
        super().__init__(
            f"Session {session_id} was created for this mirror and has been changed "
            f"since: {'; '.join(differences)}. Nothing was touched: remove the "
            "session, or undo the change"
        )


class SessionNotOurs(TrafficMirroringError):
    """The session was not created by this sandbox, so it can't remove it."""

    def __init__(self, session: str) -> None:
        super().__init__(
            f"Removing {session}: it is not this sandbox's; have its owner remove it"
        )


class Cancelled(TrafficMirroringError):
    """The user cancelled the command."""

    def __init__(self) -> None:
        super().__init__("The command was cancelled; what it created was rolled back")


def assert_never(value: NoReturn) -> NoReturn:
    """Let mypy check that an isinstance chain leaves no case."""
    raise AssertionError(value)


def user_message(error: Exception) -> str:
    """Return the message shown to the user; unexpected errors include their class."""
    if isinstance(error, TrafficMirroringError):
        return str(error)
    kind = type(error).__name__
    return f"Unexpected {kind}: {error}; the execution server's log has the details"
