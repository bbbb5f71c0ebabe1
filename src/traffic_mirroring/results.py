"""
Owns: the results of actions, as frozen data.

Must not know: JSON, how a result came about.
"""

from __future__ import annotations

from dataclasses import dataclass

from traffic_mirroring.models import Filter, Session, Target


@dataclass(frozen=True)
class Traffic:
    """
    What AWS counted for the mirrors of an instance, in and out added up.

    `packets_skipped` met a filter and were not mirrored, because production traffic had
    priority. A number is None if AWS has no data for it.
    """

    packets_mirrored: int | None
    bytes_mirrored: int | None
    packets_skipped: int | None


@dataclass(frozen=True)
class ListedMirror:
    """
    A mirror as EC2 has it now.

    `target` and `filter` are None if EC2 doesn't list them, `traffic` if it is unknown.
    `warnings` say what keeps the mirror from working, and from being requested again.
    """

    session: Session
    target: Target | None
    filter: Filter | None
    warnings: tuple[str, ...] = ()
    traffic: Traffic | None = None


@dataclass(frozen=True)
class ActionResult:
    """The result of one action; `type` is CloudShell's, as in the answer."""

    type: str
    action_id: str
    info: str = ""
    error: str | None = None

    @property
    def success(self) -> bool:
        """An action succeeded if it has no error."""
        return self.error is None


@dataclass(frozen=True)
class CreateResult(ActionResult):
    """The result of a Create action; `session` is None unless the mirror exists."""

    session: Session | None = None


@dataclass(frozen=True)
class GetResult(ActionResult):
    """The result of a Get action: the sandbox's mirrors by source and number."""

    mirrors: tuple[ListedMirror, ...] = ()
