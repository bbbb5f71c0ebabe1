"""
The way of a request through the emulator: callbacks, throttling, fault, latency, log.

Owns: what happens to each request, whatever its action is.
Must not know: how an action is carried out.

No lock is held while a request waits for its latency or for the test's callback.
"""

from __future__ import annotations

import time
import uuid

from emulator.ec2.actions import Action, Ec2Reply, error_reply, read_action
from emulator.ec2.calls import Call, CallLog
from emulator.ec2.errors import Ec2Error, Refusal, ec2_error
from emulator.ec2.moto.application import Moto
from emulator.ec2.regions import known_regions
from emulator.ec2.services import Services
from emulator.ec2.settings import Settings
from emulator.hooks import run_around_call, run_before_call
from emulator.http import HttpRequest

_GENERAL_CODE = "InternalError"
_GENERAL_MESSAGE = "An internal error has occurred"


class Dispatcher:
    """Answers requests; thread-safe."""

    def __init__(self, moto: Moto) -> None:
        self.calls = CallLog()
        self.settings = Settings()
        self.services = Services(moto, self.settings)

    def reset(self) -> None:
        """Forget all resources, identities, calls and faults; restore the settings."""
        self.settings = Settings()
        self.services.reset(self.settings)
        self.calls = CallLog()

    def answer(self, request: HttpRequest) -> Ec2Reply | None:
        """Answer a request after its latency; None closes the connection."""
        started = time.monotonic()
        # A reset while the request is carried out doesn't change these.
        calls, settings, latency = self.calls, self.settings, self.settings.latency
        action, request_id = read_action(request), str(uuid.uuid4())
        with run_around_call(settings.around_call, action.operation, action):
            run_before_call(settings.before_call, action.operation, action.writes)
            if calls is not self.calls:
                return None  # a reset dropped the request
            reply = self._reply(request, action, request_id)
        _wait_until(started + latency)
        calls.record(
            Call(
                operation=action.operation,
                parameters=action.parameters,
                writes=action.writes,
                started=started,
                ended=time.monotonic(),
                error_code=reply.error_code if reply else None,
                request_id=request_id,
                region=action.region,
                access_key=action.access_key,
                answered=reply is not None,
            )
        )
        return reply

    def _reply(
        self, request: HttpRequest, action: Action, request_id: str
    ) -> Ec2Reply | None:
        if action.service and action.region not in known_regions():
            return None  # on AWS, the endpoint of such a region doesn't exist
        if self._is_throttled(action):
            error = ec2_error(Refusal.THROTTLED)
            return error_reply(error, request_id, action)
        fault = self.calls.next_fault(
            action.operation, action.parameters, action.writes
        )
        if fault is None:
            return self.services.carry_out(request, action, request_id)
        if fault.after_effect:
            self.services.carry_out(request, action, request_id)
        if fault.drop_connection:
            return None
        if fault.reply is not None:
            return Ec2Reply(fault.status, fault.reply)
        error = Ec2Error(
            fault.code or _GENERAL_CODE,
            fault.message or _GENERAL_MESSAGE,
            fault.status,
        )
        return error_reply(error, request_id, action)

    def _is_throttled(self, action: Action) -> bool:
        buckets = self.settings.throttle
        if buckets is None or action.service != "ec2":
            return False
        account = self.services.account_of(action.access_key)
        return not buckets.take(account, action)


def _wait_until(end: float) -> None:
    seconds = end - time.monotonic()
    if seconds > 0:  # even sleep(0) takes half as long as a reply
        time.sleep(seconds)
