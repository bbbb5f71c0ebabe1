"""
Session numbers from CloudShell's pools.

Owns the pool calls and the meaning of their errors. Every source NIC has its own pool;
pool id, owner id and criteria are the stock AWS shell's, so that both shells can work
on one NIC.
https://help.quali.com, "CheckoutFromPool" in the API reference.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from urllib3.exceptions import HTTPError

from traffic_mirroring.errors import PoolFailed, PoolUnanswered, ReservationEnded
from traffic_mirroring.models import NicId, SessionNumber
from traffic_mirroring.sandbox.api import CloudShellApi

OWNER_ID = "trafficmirrorsessionnumber"

# CloudShell has no error code for it, only this wording.
_ENDED = "reservation has ended"

_MAY_STAY_OUT = "may stay checked out until the sandbox ends"
_HIGHEST = 32766


@dataclass(frozen=True)
class TakenNumber:
    """A number that was checked out; `note` says what a lost answer may have left."""

    number: SessionNumber
    note: str | None = None


class SessionNumbers:
    """
    Check out and release the session numbers of one sandbox.

    `check_cancelled` is called before each checkout and may raise to stop the command.
    """

    def __init__(
        self,
        api: CloudShellApi,
        reservation_id: str,
        check_cancelled: Callable[[], None],
    ) -> None:
        self._api = api
        self._reservation_id = reservation_id
        self._check_cancelled = check_cancelled
        self._unanswered: dict[NicId, set[str]] = defaultdict(set)

    def unanswered(self, nic: NicId) -> tuple[str, ...]:
        """Return the numbers that a checkout without an answer may have taken."""
        return tuple(sorted(self._unanswered.get(nic, ())))

    def take(self, nic: NicId, number: SessionNumber) -> None:
        """
        Check out one number; raises PoolFailed if it isn't free.

        A checkout whose answer was lost is retried once. If it had taken effect, the
        second is refused, as it is if somebody else has the number.
        """
        action = f"Taking session number {number} of {nic}"
        criteria = {"type": "SpecificNumeric", "requestedItem": {"Value": str(number)}}
        with suppress(PoolUnanswered):
            self._checkout(nic, criteria, action)
            return
        name = f"session number {number} of {nic}, which {_MAY_STAY_OUT}"
        self._unanswered[nic].add(name)
        self._checkout(nic, criteria, action)
        self._unanswered[nic].discard(name)

    def take_above(
        self, nic: NicId, number: SessionNumber, refused: SessionNumber | None = None
    ) -> TakenNumber:
        """
        Check out the lowest free number above `number`.

        If that is the highest possible number, the range starts at 1 again, or above
        the one that EC2 has `refused`. Raises PoolFailed if no number is free. A
        checkout whose answer was lost is retried once.
        """
        first = number + 1 if number < _HIGHEST else (refused or 0) % _HIGHEST + 1
        criteria = {
            "type": "NextAvailableNumericFromRange",
            "requestedRange": {"Start": first, "End": _HIGHEST},
        }
        action = f"Allocating a session number for {nic}"
        with suppress(PoolUnanswered):
            return TakenNumber(
                SessionNumber(int(self._checkout(nic, criteria, action)))
            )
        note = f"another session number of {nic} {_MAY_STAY_OUT}"
        self._unanswered[nic].add(note)
        taken = SessionNumber(int(self._checkout(nic, criteria, action)))
        return TakenNumber(taken, note)

    def release(self, nic: NicId, number: SessionNumber) -> None:
        """
        Release a number to the NIC's pool.

        Does nothing if the reservation has ended: CloudShell released its numbers then.
        """
        with (
            suppress(ReservationEnded),
            _pool_errors(f"Giving back session number {number} of {nic}"),
        ):
            self._api.ReleaseFromPool(
                [str(number)], nic, self._reservation_id, OWNER_ID
            )

    def release_if_held(self, nic: NicId, number: SessionNumber) -> None:
        """
        Release a number that this sandbox may hold.

        The pool can't be asked who holds a number, and refuses to release a free one or
        another sandbox's. So failures are ignored; a failed release is retried once,
        because the call may not have reached CloudShell.
        """
        for _ in range(2):
            with suppress(PoolFailed):
                self.release(nic, number)
                return

    def _checkout(self, nic: NicId, criteria: Mapping[str, object], action: str) -> str:
        request = {
            **criteria,
            "isolation": "Exclusive",
            "reservationId": self._reservation_id,
            "poolId": nic,
            "ownerId": OWNER_ID,
        }
        self._check_cancelled()
        with _pool_errors(action):
            return self._api.CheckoutFromPool(json.dumps(request)).Items[0]


@contextmanager
def _pool_errors(action: str) -> Iterator[None]:
    """Translate the API's errors to PoolFailed, whose message starts with `action`."""
    try:
        yield
    except HTTPError as error:
        reason = f"no answer from CloudShell ({error}); the number {_MAY_STAY_OUT}"
        raise PoolUnanswered(action, reason) from error
    except Exception as error:
        if _ENDED in str(error):
            raise ReservationEnded(action, error) from error
        raise PoolFailed(action, error) from error
