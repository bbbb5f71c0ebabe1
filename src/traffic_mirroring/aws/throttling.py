"""
Waiting while EC2 throttles an action.

Owns a queue per action, and when to give up. Must not know botocore.
https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from traffic_mirroring.aws.current_command import current_command
from traffic_mirroring.aws.throttle_queue import ThrottleQueue

_READS = ("Describe", "Get")
_READ_RATE, _WRITE_RATE = 20.0, 5.0
"""AWS's documented calls per second and action, once its bucket of tokens is empty."""

_CREATES = ("Create", "Modify")
_CANCELLED_PATIENCE = 3.0
"""The patience of a cancelled command, whose rollback deletes up to thrice in a row."""

_LONGEST_SLEEP = 0.5
"""How often a waiting call asks whether its command is cancelled."""


class Throttling:
    """
    Queue the calls of throttled actions; thread-safe.

    A call may wait as long as EC2 serves calls of its action: it is given up once EC2
    has throttled all of them for `patience` seconds. If the user cancels the command,
    create calls are given up at once, and the others, which its rollback needs, sooner.
    """

    def __init__(
        self,
        patience: float,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self._patience = patience
        self._clock = clock
        self._sleep = sleep
        self._queues: dict[str, ThrottleQueue] = {}
        self._lock = threading.Lock()

    def wait_before_call(self, action: str) -> bool:
        """
        Queue if calls of the action are throttled; return whether the call had a turn.

        Raises Cancelled for a create call of a command that was cancelled meanwhile.
        """
        queue = self._queues.get(action)
        if queue is None:
            return False
        with self._lock:
            if not queue.is_active(self._clock()):
                return False
        had_turn = self._wait(action, queue)
        if action.startswith(_CREATES):
            current_command().check_cancelled()
        return had_turn

    def wait_after_throttled(self, action: str, *, had_turn: bool) -> bool:
        """Queue a call that EC2 has throttled; return whether to send it again."""
        with self._lock:
            queue = self._queues.setdefault(action, ThrottleQueue(_rate(action)))
            queue.record_throttled(self._clock(), had_turn=had_turn)
        return self._wait(action, queue)

    def record_served(self, action: str) -> None:
        """Note that EC2 has not throttled a call."""
        if action in self._queues:
            with self._lock:
                self._queues[action].record_served()

    def _wait(self, action: str, queue: ThrottleQueue) -> bool:
        """Wait for a turn; return False if the call is given up."""
        with self._lock:
            call = queue.join(current_command())
        try:
            while True:
                patience = self._patience_for(action)
                with self._lock:
                    now = self._clock()
                    if queue.seconds_in_vain(now) > patience:
                        return False
                    seconds = queue.seconds_to_wait(call, now)
                if not seconds:
                    return True
                self._sleep(min(seconds, _LONGEST_SLEEP))
        finally:
            with self._lock:
                queue.leave(call)

    def _patience_for(self, action: str) -> float:
        if not current_command().is_cancelled:
            return self._patience
        if action.startswith(_CREATES):
            return -1
        return min(self._patience, _CANCELLED_PATIENCE)


def _rate(action: str) -> float:
    return _READ_RATE if action.startswith(_READS) else _WRITE_RATE
