"""
Pools of numbers that are checked out exclusively.

Owns: which reservation and owner hold which number. Must not know: requests, answers.

A pool exists as soon as one of its numbers is requested.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from emulator.cloudshell.errors import GENERAL, AnswerLost, ApiError
from emulator.cloudshell.pool_criteria import PoolCriteria, parse_number
from emulator.faults import Fault, next_fault
from emulator.hooks import run_around_call, run_before_call

CHECKOUT = "CheckoutFromPool"
RELEASE = "ReleaseFromPool"
_GENERAL_MESSAGE = "The pool service failed"

Holder = tuple[str, str]
"""Reservation id and owner id."""


@dataclass
class PoolCall:
    """
    A call to a pool, with the numbers it got or released, or its error.

    `resource` is the one whose command made the call, empty if no command did.
    """

    method: str
    pool_id: str
    reservation_id: str
    owner_id: str
    requested: str
    resource: str = ""
    values: list[str] = field(default_factory=list)
    error: str | None = None


class Pools:
    """
    All pools; each number has one holder at most.

    `before_call` is called with the method's name before each call is carried out, in
    the server's thread, without locks. It may block. Its errors are logged.
    `around_call` surrounds each call in the same way, and gets the call.

    `has_ended` returns whether a reservation has ended, and raises ApiError for an
    unknown one.
    """

    def __init__(self, has_ended: Callable[[str], bool]) -> None:
        self.faults: list[Fault] = []
        self.calls: list[PoolCall] = []
        self.latency = 0.0
        self.before_call: Callable[[str], None] | None = None
        self.around_call: Callable[[PoolCall], AbstractContextManager[None]] | None = (
            None
        )
        # CloudShell does not document it, but no other call would release the numbers.
        self.release_at_end = True
        self._has_ended = has_ended
        self._lock = threading.Lock()
        self._held: dict[str, dict[int, Holder]] = {}

    def reset(self) -> None:
        """Release all numbers, forget calls and faults, restore the settings."""
        with self._lock:
            self._held.clear()
            self.calls.clear()
            self.faults.clear()
            self.latency = 0.0
            self.before_call = self.around_call = None
            self.release_at_end = True

    def held(self) -> dict[str, dict[int, Holder]]:
        """Return the holders: pool id -> number -> (reservation id, owner id)."""
        with self._lock:
            return {
                pool: dict(numbers) for pool, numbers in self._held.items() if numbers
            }

    def checkout(self, criteria: PoolCriteria, resource: str = "") -> str:
        """Check out the lowest free candidate; raises ApiError if there is none."""
        wanted = criteria.candidates
        call = PoolCall(
            CHECKOUT,
            criteria.pool_id,
            criteria.reservation_id,
            criteria.owner_id,
            requested=f"{criteria.type} {wanted.start}-{wanted.stop - 1}",
            resource=resource,
        )
        with self._recorded(call):
            self._check_not_ended(criteria.reservation_id)
            number = self._free_number(criteria)
            holder = (criteria.reservation_id, criteria.owner_id)
            self._held.setdefault(criteria.pool_id, {})[number] = holder
            call.values = [str(number)]
        return str(number)

    def release(
        self, values: Sequence[str], pool_id: str, holder: Holder, resource: str = ""
    ) -> None:
        """Release the numbers, all or none; raises ApiError if one isn't held."""
        call = PoolCall(RELEASE, pool_id, *holder, ",".join(values), resource)
        with self._recorded(call):
            if not values:
                raise ApiError(f"No values to release to pool {pool_id!r} were given")
            self._check_not_ended(holder[0])
            numbers = {parse_number(value, "A value to release") for value in values}
            for number in sorted(numbers):
                self._check_holder(pool_id, number, holder)
            for number in numbers:
                del self._held[pool_id][number]
            call.values = list(values)

    def end_reservation(self, reservation_id: str) -> None:
        """Release all numbers of the reservation, if `release_at_end`."""
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
        # Outside the lock, so that a slow call doesn't delay others.
        with run_around_call(self.around_call, call.method, call):
            run_before_call(self.before_call, call.method)
            time.sleep(self.latency)
            with self._carried_out(call):
                yield

    @contextmanager
    def _carried_out(self, call: PoolCall) -> Iterator[None]:
        request = (call.method, call.pool_id, call.owner_id, call.requested)
        with self._lock:
            self.calls.append(call)
            fault = next_fault(self.faults, call.method, request)
            try:
                if fault is None or fault.after_effect:
                    yield
            except ApiError as error:
                call.error = error.message
                if fault is None:
                    raise _framed(call, error.message) from error
            if fault is not None:
                call.error = fault.message or _GENERAL_MESSAGE
                raise _failure(call, fault)

    def _check_not_ended(self, reservation_id: str) -> None:
        if reservation_id and self._has_ended(reservation_id):
            # Callers search for these words.
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

    def _check_holder(self, pool_id: str, number: int, holder: Holder) -> None:
        actual = self._held.get(pool_id, {}).get(number)
        if actual is None:
            raise ApiError(f"{number} of pool {pool_id!r} is not checked out")
        if actual != holder:
            raise ApiError(
                f"{number} of pool {pool_id!r} belongs to reservation {actual[0]!r} "
                f"and owner {actual[1]!r}"
            )


def _failure(call: PoolCall, fault: Fault) -> ApiError | AnswerLost:
    message = fault.message or _GENERAL_MESSAGE
    if fault.drop_connection:
        return AnswerLost(message)
    return _framed(call, message, fault.code or GENERAL)


def _framed(call: PoolCall, message: str, code: str = GENERAL) -> ApiError:
    """Return the error as CloudShell words it: in a frame with the method's name."""
    return ApiError(f"Error occurred in {call.method}. Error: {message}", code)
