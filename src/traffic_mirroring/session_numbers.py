"""
Session numbers from CloudShell's pools: the only pool calls.

Every source NIC has a pool of its own. Pool id, owner id and criteria are those of
the stock AWS shell, so that both can work on one NIC.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Protocol

from .errors import PoolFailed, ReservationEnded
from .models import NicId, SessionNumber

OWNER_ID = "trafficmirrorsessionnumber"

# CloudShell gives no code of its own for it, only this wording.
_ENDED = "reservation has ended"


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
        self, api: PoolApi, reservation_id: str, checkpoint: Callable[[], None]
    ) -> None:
        self._api = api
        self._reservation_id = reservation_id
        self._checkpoint = checkpoint

    def take(self, nic: NicId, number: SessionNumber) -> None:
        """Take a given number; raises PoolFailed where it isn't free."""
        doing = f"Taking session number {number} of {nic}"
        criteria = {"type": "SpecificNumeric", "requestedItem": {"Value": str(number)}}
        self._checkout(nic, criteria, doing)

    def take_lowest(self, nic: NicId) -> SessionNumber:
        """Take the lowest free number; raises PoolFailed where none is left."""
        criteria = {
            "type": "NextAvailableNumericFromRange",
            "requestedRange": {"Start": 1, "End": 32766},
        }
        doing = f"Allocating a session number for {nic}"
        return SessionNumber(int(self._checkout(nic, criteria, doing)))

    def release(self, nic: NicId, number: SessionNumber) -> None:
        """
        Give a number back to the NIC's pool.

        A reservation that has ended has given its numbers back already.
        """
        try:
            self._api.ReleaseFromPool(
                [str(number)], nic, self._reservation_id, OWNER_ID
            )
        except Exception as error:
            if _ENDED not in str(error):
                doing = f"Giving back session number {number} of {nic}"
                raise PoolFailed(doing, error) from error

    def _checkout(self, nic: NicId, criteria: Mapping[str, object], doing: str) -> str:
        request = {
            **criteria,
            "isolation": "Exclusive",
            "reservationId": self._reservation_id,
            "poolId": nic,
            "ownerId": OWNER_ID,
        }
        self._checkpoint()
        try:
            return self._api.CheckoutFromPool(json.dumps(request)).Items[0]
        except Exception as error:
            ended = _ENDED in str(error)
            raise (ReservationEnded if ended else PoolFailed)(doing, error) from error
