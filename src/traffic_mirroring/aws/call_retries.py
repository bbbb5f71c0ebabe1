"""
Whether and when a call to AWS is sent again, decided in two of botocore's event hooks.

Owns the retries of throttled, failed and unanswered calls; botocore's own are off. A
repeated create call has the same ClientToken, so it can't create a second resource:
botocore only signs it again.
Must not know what the calls do.
https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ConnectionError as NotConnected
from botocore.exceptions import ConnectTimeoutError, HTTPClientError, ReadTimeoutError
from botocore.session import Session

from traffic_mirroring.aws.current_command import current_command
from traffic_mirroring.aws.errors import UNCONFIRMED, NotSent, is_throttling_code
from traffic_mirroring.aws.silence import Silence
from traffic_mirroring.aws.throttling import Throttling

_FIRST_DELAY = 0.25
_MAX_TIMEOUTS = 2
_TRANSIENT_STATUS = (500, 502, 503, 504)

# What the hooks keep in botocore's context of a call.
_HAD_TURN, _SENT = "had_turn", "sent"

_Context = dict[str, Any]


class CallRetries:
    """
    Retry the calls of all clients of one account and region; thread-safe.

    A throttled call is repeated as long as EC2 serves calls of its action: it fails
    once EC2 has throttled all of them for `patience` seconds. A call that fails for a
    transient reason is made up to `max_attempts` times, one that times out twice. If a
    service has been silent for a minute, calls to it fail at once for some seconds.
    Tests may pass their own clock.
    """

    def __init__(
        self,
        max_attempts: int,
        patience: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._max_attempts = max_attempts
        self._clock = clock
        self._sleep = sleep
        self._throttling = Throttling(patience, clock, sleep)
        self._silences: dict[str, Silence] = {}
        self._lock = threading.Lock()

    def register(self, session: Session) -> None:
        """Retry the calls of the clients that the session will create."""
        # The stubs want every handler to take any arguments and to return nothing.
        session.register("before-call", self.before_call)  # type: ignore[arg-type]
        session.register("needs-retry", self.needs_retry)  # type: ignore[arg-type]

    def before_call(self, model: Any, context: _Context, **_: object) -> None:
        """Wait for the call's turn; raises Cancelled, or NotSent if AWS is silent."""
        service = _service(model)
        with self._lock:
            silence = self._silences.get(service)
            if silence and silence.is_hopeless(self._clock()):
                raise NotSent
        context[_HAD_TURN] = self._throttling.wait_before_call(model.name)
        context[_SENT] = self._clock()

    def needs_retry(
        self,
        operation: Any,
        attempts: int,
        response: tuple[Any, _Context] | None,
        caught_exception: Exception | None,
        request_dict: dict[str, Any],
        **_: object,
    ) -> float | None:
        """Wait before the call is sent again and return 0; None: it is not."""
        context = request_dict["context"]
        if response is None:
            again = self._after_error(operation, attempts, caught_exception, context)
        elif is_throttling_code(_code(response)):
            again = self._after_throttled(operation, response, context)
        else:
            again = self._after_answer(operation, attempts, response, context)
        context[_SENT] = self._clock()
        return 0.0 if again else None

    def _after_answer(
        self,
        operation: Any,
        attempts: int,
        response: tuple[Any, _Context],
        context: _Context,
    ) -> bool:
        self._end_silence(operation)
        self._throttling.record_served(operation.name)
        if response[0].status_code not in _TRANSIENT_STATUS:
            return False
        context[UNCONFIRMED] = True
        return self._wait(attempts)

    def _after_throttled(
        self, operation: Any, response: tuple[Any, _Context], context: _Context
    ) -> bool:
        self._end_silence(operation)
        had_turn = context[_HAD_TURN]
        if self._throttling.wait_after_throttled(operation.name, had_turn=had_turn):
            context[_HAD_TURN] = True
            return True
        if context.get(UNCONFIRMED):
            response[1]["ResponseMetadata"][UNCONFIRMED] = True
        return False

    def _after_error(
        self,
        operation: Any,
        attempts: int,
        error: Exception | None,
        context: _Context,
    ) -> bool:
        if not isinstance(error, (NotConnected, HTTPClientError)):
            return False
        context[UNCONFIRMED] = True
        if not isinstance(error, (ReadTimeoutError, ConnectTimeoutError)):
            return self._wait(attempts)
        with self._lock:
            silence = self._silences.setdefault(_service(operation), Silence())
            silence.record_timeout(context[_SENT], self._clock())
        is_last = attempts >= min(_MAX_TIMEOUTS, self._max_attempts)
        return not (is_last or silence.is_long or current_command().is_cancelled)

    def _end_silence(self, operation: Any) -> None:
        with self._lock:
            self._silences.pop(_service(operation), None)

    def _wait(self, attempts: int) -> bool:
        """Wait after a transient failure; return False after the last attempt."""
        if attempts >= self._max_attempts:
            return False
        self._sleep(_FIRST_DELAY * 2 ** (attempts - 1))
        return True


def _service(operation: Any) -> str:
    name: str = operation.service_model.service_id
    return name


def _code(response: tuple[Any, _Context]) -> str:
    code: str = response[1].get("Error", {}).get("Code", "")
    return code
