"""
Owns: which number of which pool is held by whom. Must not know: requests, answers.

A pool exists as soon as somebody asks for one of its numbers.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from emulator.cloudshell.errors import GENERAL, AnswerLost, ApiError
from emulator.cloudshell.pool_criteria import PoolCriteria, parse_number

_LOGGER = logging.getLogger(__name__)
CHECKOUT = "CheckoutFromPool"
RELEASE = "ReleaseFromPool"

Holder = tuple[str, str]
"""Reservation id and owner id."""


@dataclass
class PoolFault:
    """
    Fails pool calls of one method: after the first `skip`, the next `times`.

    With `times=None` it lasts until it is taken away. With `after_effect` the call does
    its work first, as if only the answer got lost, be it a refusal. `drop_connection`
    closes the connection without an answer; the client sends such a call again.
    """

    method: str
    skip: int = 0
    times: int | None = 1
    code: str = GENERAL
    message: str = "The pool service failed"
    after_effect: bool = False
    drop_connection: bool = False

    def is_due(self) -> bool:
        """Count a call; tell whether it fails."""
        if self.times is not None and self.times < 1:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True

    def failure(self) -> ApiError | AnswerLost:
        """Make what the call fails with."""
        if self.drop_connection:
            return AnswerLost(self.message)
        return ApiError(self.message, self.code)


@dataclass
class PoolCall:
    """One call to a pool: what it asked for, what it got, or why it was refused."""

    method: str
    pool_id: str
    reservation_id: str
    owner_id: str
    asked: str
    values: list[str] = field(default_factory=list)
    error: str | None = None


class Pools:
    """
    Numbers that are handed out to one holder at a time.

    `before_call` is told the method's name before each call is carried out, in the
    server's thread and outside the lock: it may block, and what it raises is logged.

    `get_ended` tells whether a reservation has ended, and raises ApiError for one that
    does not exist.
    """

    def __init__(self, get_ended: Callable[[str], bool]) -> None:
        self.faults: list[PoolFault] = []
        self.calls: list[PoolCall] = []
        self.latency = 0.0
        self.before_call: Callable[[str], None] | None = None
        # Not documented by the platform, but nobody else ever gives them back.
        self.release_at_end = True
        self._get_ended = get_ended
        self._lock = threading.Lock()
        self._held: dict[str, dict[int, Holder]] = {}

    def reset(self) -> None:
        """Take every number back, forget calls and faults, set all knobs back."""
        with self._lock:
            self._held.clear()
            self.calls.clear()
            self.faults.clear()
            self.latency = 0.0
            self.before_call = None
            self.release_at_end = True

    def held(self) -> dict[str, dict[int, Holder]]:
        """Return who holds what: pool id -> number -> (reservation id, owner id)."""
        with self._lock:
            return {
                pool: dict(numbers) for pool, numbers in self._held.items() if numbers
            }

    def checkout(self, criteria: PoolCriteria) -> str:
        """Hand out the lowest free candidate; raises ApiError when there is none."""
        wanted = criteria.candidates
        call = PoolCall(
            CHECKOUT,
            criteria.pool_id,
            criteria.reservation_id,
            criteria.owner_id,
            asked=f"{criteria.type} {wanted.start}-{wanted.stop - 1}",
        )
        with self._recorded(call):
            self._refuse_ended(criteria.reservation_id)
            number = self._free_number(criteria)
            holder = (criteria.reservation_id, criteria.owner_id)
            self._held.setdefault(criteria.pool_id, {})[number] = holder
            call.values = [str(number)]
        return str(number)

    def release(self, values: Sequence[str], pool_id: str, holder: Holder) -> None:
        """Take back the numbers, all or none; raises ApiError when one isn't held."""
        call = PoolCall(RELEASE, pool_id, *holder, asked=",".join(values))
        with self._recorded(call):
            if not values:
                raise ApiError(f"No values to release to pool {pool_id!r} were given")
            self._refuse_ended(holder[0])
            numbers = {parse_number(value, "A value to release") for value in values}
            for number in sorted(numbers):
                self._refuse_foreign(pool_id, number, holder)
            for number in numbers:
                del self._held[pool_id][number]
            call.values = list(values)

    def end_reservation(self, reservation_id: str) -> None:
        """Take back all that the reservation holds, if `release_at_end`."""
        if not self.release_at_end:
            return
        with self._lock:
            for pool_id, numbers in self._held.items():
                self._held[pool_id] = {
                    number: holder
                    for number, holder in numbers.items()
                    if holder[0] != reservation_id
                }

    @contextmanager
    def _recorded(self, call: PoolCall) -> Iterator[None]:
        # Outside the lock: a slow answer does not make others wait.
        self._tell(call.method)
        time.sleep(self.latency)
        with self._lock:
            self.calls.append(call)
            fault = self._due_fault(call.method)
            try:
                if fault is None or fault.after_effect:
                    yield
            except ApiError as error:
                call.error = error.message
                if fault is None:
                    raise
            if fault is not None:
                call.error = fault.message
                raise fault.failure()

    def _due_fault(self, method: str) -> PoolFault | None:
        concerned = (fault for fault in self.faults if fault.method == method)
        return next((fault for fault in concerned if fault.is_due()), None)

    def _tell(self, method: str) -> None:
        """Tell the test of a call; the test's own errors don't end it."""
        before_call = self.before_call
        if before_call is None:
            return
        try:
            before_call(method)
        except Exception:
            _LOGGER.exception("before_call failed for %s", method)

    def _refuse_ended(self, reservation_id: str) -> None:
        if reservation_id and self._get_ended(reservation_id):
            # Callers look for these words.
            raise ApiError(f"The reservation has ended: {reservation_id}")

    def _free_number(self, criteria: PoolCriteria) -> int:
        held = self._held.get(criteria.pool_id, {})
        for number in criteria.candidates:
            if number not in held:
                return number
        wanted = criteria.candidates
        raise ApiError(
            f"No number from {wanted.start} to {wanted.stop - 1} is available "
            f"in pool {criteria.pool_id!r}"
        )

    def _refuse_foreign(self, pool_id: str, number: int, holder: Holder) -> None:
        actual = self._held.get(pool_id, {}).get(number)
        if actual is None:
            raise ApiError(f"{number} of pool {pool_id!r} is not checked out")
        if actual != holder:
            raise ApiError(
                f"{number} of pool {pool_id!r} belongs to reservation {actual[0]!r} "
                f"and owner {actual[1]!r}"
            )
