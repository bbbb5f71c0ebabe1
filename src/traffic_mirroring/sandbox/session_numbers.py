"""
Session numbers from CloudShell's pools.

Owns the pool calls and the meaning of their errors. Every source NIC has its own pool;
pool id, owner id and criteria are the stock AWS shell's, so that both shells can work
on one NIC.
https://help.quali.com, "CheckoutFromPool" in the API reference.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress

from urllib3.exceptions import HTTPError

from traffic_mirroring.errors import PoolFailed, PoolUnanswered, ReservationEnded
from traffic_mirroring.models import NicId, SessionNumber
from traffic_mirroring.sandbox.api import CloudShellApi

OWNER_ID = "trafficmirrorsessionnumber"

# CloudShell has no error code for it, only this wording.
_ENDED = "reservation has ended"

_MAY_STAY_OUT = "the number may stay checked out until the sandbox ends"


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

    def take(self, nic: NicId, number: SessionNumber) -> None:
        """Check out a given number; raises PoolFailed if it isn't free."""
        action = f"Taking session number {number} of {nic}"
        criteria = {"type": "SpecificNumeric", "requestedItem": {"Value": str(number)}}
        self._checkout(nic, criteria, action, "; give another, or leave it out")

    def take_lowest(self, nic: NicId) -> SessionNumber:
        """Check out the lowest free number; raises PoolFailed if there is none."""
        criteria = {
            "type": "NextAvailableNumericFromRange",
            "requestedRange": {"Start": 1, "End": 32766},
        }
        action = f"Allocating a session number for {nic}"
        return SessionNumber(int(self._checkout(nic, criteria, action)))

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

    def _checkout(
        self, nic: NicId, criteria: Mapping[str, object], action: str, advice: str = ""
    ) -> str:
        request = {
            **criteria,
            "isolation": "Exclusive",
            "reservationId": self._reservation_id,
            "poolId": nic,
            "ownerId": OWNER_ID,
        }
        self._check_cancelled()
        with _pool_errors(action, advice):
            return self._api.CheckoutFromPool(json.dumps(request)).Items[0]


@contextmanager
def _pool_errors(action: str, advice: str = "") -> Iterator[None]:
    """Translate the API's errors to PoolFailed, whose message starts with `action`."""
    try:
        yield
    except HTTPError as error:
        reason = f"no answer from CloudShell ({error}); {_MAY_STAY_OUT}"
        raise PoolUnanswered(action, reason) from error
    except Exception as error:
        if _ENDED in str(error):
            raise ReservationEnded(action, error) from error
        raise PoolFailed(action, f"{error}{advice}") from error
