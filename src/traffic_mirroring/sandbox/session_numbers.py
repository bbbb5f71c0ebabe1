"""
Session numbers from CloudShell's pools: the only pool calls.

Every source NIC has a pool of its own. Pool id, owner id and criteria are those of
the stock AWS shell, so that both can work on one NIC.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Protocol

from urllib3.exceptions import HTTPError

from traffic_mirroring.errors import PoolFailed, PoolUnanswered, ReservationEnded
from traffic_mirroring.models import NicId, SessionNumber

OWNER_ID = "trafficmirrorsessionnumber"

# CloudShell gives no code of its own for it, only this wording.
_ENDED = "reservation has ended"

_IN_DOUBT = "the number may stay checked out until the sandbox ends"


class PoolItems(Protocol):
    """CloudShell's answer to a checkout."""

    Items: list[str]


class PoolApi(Protocol):
    """The part of CloudShellAPISession that is used here."""

    def CheckoutFromPool(  # noqa: N802 - the API's own name
        self,
        selectionCriteriaJson: str,  # noqa: N803 - the API's own name
    ) -> PoolItems:
        """Take values out of a pool."""

    def ReleaseFromPool(  # noqa: N802 - the API's own name
        self,
        values: list[str],
        poolId: str,  # noqa: N803 - the API's own name
        reservationId: str,  # noqa: N803 - the API's own name
        ownerId: str,  # noqa: N803 - the API's own name
    ) -> object:
        """Give values back to a pool."""


class SessionNumbers:
    """
    Takes and gives back the session numbers of one sandbox.

    `checkpoint` is called before a number is taken and may raise to stop the command.
    """

    def __init__(
        self, api: PoolApi, reservation_id: str, check_cancelled: Callable[[], None]
    ) -> None:
        self._api = api
        self._reservation_id = reservation_id
        self._check_cancelled = check_cancelled

    def take(self, nic: NicId, number: SessionNumber) -> None:
        """Take a given number; raises PoolFailed where it isn't free."""
        action = f"Taking session number {number} of {nic}"
        criteria = {"type": "SpecificNumeric", "requestedItem": {"Value": str(number)}}
        self._checkout(nic, criteria, action, "; give another, or leave it out")

    def take_lowest(self, nic: NicId) -> SessionNumber:
        """Take the lowest free number; raises PoolFailed where none is left."""
        criteria = {
            "type": "NextAvailableNumericFromRange",
            "requestedRange": {"Start": 1, "End": 32766},
        }
        action = f"Allocating a session number for {nic}"
        return SessionNumber(int(self._checkout(nic, criteria, action)))

    def release(self, nic: NicId, number: SessionNumber) -> None:
        """
        Give a number back to the NIC's pool.

        A reservation that has ended has given its numbers back already.
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
def _pool_errors(what: str, advice: str = "") -> Iterator[None]:
    """Turn what the API raises into PoolFailed, saying what was being done."""
    try:
        yield
    except HTTPError as error:
        reason = f"no answer from CloudShell ({error}); {_IN_DOUBT}"
        raise PoolUnanswered(what, reason) from error
    except Exception as error:
        if _ENDED in str(error):
            raise ReservationEnded(what, error) from error
        raise PoolFailed(what, f"{error}{advice}") from error
