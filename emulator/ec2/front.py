"""
One request after the other: who answers it, the log, faults, latency.

The one lock of the emulator is here. It is held while state is read or
changed, moto's included, and never while a call waits out its latency or for
the test's `before_call`.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING

from emulator.ec2.calls import READING, Call, CallLog, Fault, is_writing
from emulator.ec2.errors import Ec2Error, Refusal, refuse
from emulator.ec2.identities import Identities, TemporaryKey
from emulator.ec2.knobs import BeforeCall, Knobs
from emulator.ec2.lookups import Wire, look_up
from emulator.ec2.moto_bridge import Moto, account_of, caller_of, name_balancer
from emulator.ec2.moto_wire import read_params, required_params, write_result
from emulator.ec2.operations import OPERATIONS, perform
from emulator.ec2.permissions import refuse_forbidden
from emulator.ec2.regions import known_regions
from emulator.ec2.sts import DEFAULT_SECONDS, answer_sts, hand_out
from emulator.ec2.surroundings import MotoSurroundings
from emulator.ec2.wire import (
    Action,
    HttpAnswer,
    HttpRequest,
    error_answer,
    read_action,
    rewrite,
)
from emulator.ec2.world import World

if TYPE_CHECKING:
    from emulator.ec2.network import Network

log = logging.getLogger(__name__)


class Front:
    """Answers requests; safe between threads."""

    def __init__(self, moto: Moto) -> None:
        self.calls = CallLog()
        self.knobs = Knobs()
        self.identities = Identities()
        self._moto = moto
        self._worlds: dict[tuple[str, str], World] = {}
        self._networks: dict[str, Network] = {}
        self._lock = Lock()

    def reset(self) -> None:
        """Forget all resources, identities, calls, faults and knobs."""
        with self._lock:
            self._moto.reset()
            self._worlds.clear()
            self._networks.clear()
            self.calls = CallLog()
            self.knobs = Knobs()
            self.identities = Identities()

    def temporary_key(self, role: str) -> TemporaryKey:
        """Hand out a key for a role without a request; ValueError: no such role."""
        if not self.identities.has_role(role):
            raise ValueError(f"there is no role {role}: add_role() it first")
        seconds = self.identities.token_seconds
        with self._lock:
            return hand_out(
                self.identities,
                role,
                "emulator",
                DEFAULT_SECONDS if seconds is None else seconds,
            )

    @contextmanager
    def network(self, region: str) -> Iterator[Network]:
        """Lend the network of the account of invented keys; nobody else acts then."""
        # scapy takes a second to load, and few need it.
        from emulator.ec2.network import Network

        with self._lock:
            if region not in self._networks:
                world = self._world_at(account_of(""), region)
                self._networks[region] = Network(world)
            yield self._networks[region]

    def answer(self, request: HttpRequest) -> HttpAnswer | None:
        """Answer one request, after its latency; None drops the connection."""
        started = time.monotonic()
        # A reset during the call leaves this call with what it began with.
        calls, knobs, latency = self.calls, self.knobs, self.knobs.latency
        action, request_id = read_action(request), str(uuid.uuid4())
        writes = action.service == "ec2" and is_writing(
            action.operation, action.parameters
        )
        if knobs.before_call is not None:
            _tell(knobs.before_call, action.operation, writes)
            if calls is not self.calls:
                return None  # what was asked of a world before is not done in this one
        if action.service and action.region not in known_regions():
            answer = None  # no such host: nothing of it ever arrives
        else:
            answer = self._throttled(action, writes, request_id)
            if answer is None:
                fault = calls.next_fault(action.operation, action.parameters, writes)
                answer = self._answer(request, action, request_id, fault)
        wait = started + latency - time.monotonic()
        if wait > 0:  # sleeping for no time costs as much as half an answer
            time.sleep(wait)
        calls.record(
            Call(
                operation=action.operation,
                parameters=action.parameters,
                writes=writes,
                started=started,
                ended=time.monotonic(),
                error_code=answer.error_code if answer else None,
                request_id=request_id,
                region=action.region,
                access_key=action.access_key,
                answered=answer is not None,
            )
        )
        return answer

    def _throttled(
        self, action: Action, writes: bool, request_id: str
    ) -> HttpAnswer | None:
        bucket = self.knobs.bucket
        if not writes or bucket is None or bucket.take():
            return None
        return error_answer(refuse(Refusal.THROTTLED), request_id, action.service)

    def _answer(
        self, request: HttpRequest, action: Action, request_id: str, fault: Fault | None
    ) -> HttpAnswer | None:
        if fault is None:
            return self._carry_out(request, action, request_id)
        if fault.after_effect:
            self._carry_out(request, action, request_id)
        if fault.drop_connection:
            return None
        error = Ec2Error(fault.code, fault.message, fault.status)
        return error_answer(error, request_id, action.service)

    def _carry_out(
        self, request: HttpRequest, action: Action, request_id: str
    ) -> HttpAnswer:
        try:
            self._admit(action)
            if action.service == "sts":
                return self._sts(action, request_id)
            if action.service == "ec2":
                return self._ec2(request, action, request_id)
            return self._other(request, action, request_id)
        except Ec2Error as error:
            return error_answer(error, request_id, action.service)
        except NotImplementedError:
            missing = refuse(Refusal.NOT_EMULATED, operation=action.operation)
            return error_answer(missing, request_id, action.service)
        except Exception as crash:
            log.exception("the emulator failed in %s", action.operation)
            reason = f"{type(crash).__name__}: {crash}"
            failed = refuse(Refusal.CRASHED, reason=reason)
            return error_answer(failed, request_id, action.service)

    def _admit(self, action: Action) -> None:
        """Raise for a call whose caller is unknown, or may not do that."""
        self.identities.authenticate(action)
        policies = self.identities.policies_of(action.access_key)
        if policies:
            with self._lock:
                world = self._world(action)
                caller = caller_of(action.access_key, action.region)
                refuse_forbidden(action, world, policies, caller.arn)

    def _sts(self, action: Action, request_id: str) -> HttpAnswer:
        with self._lock:
            result = answer_sts(self.identities, action)
        body = write_result(action.operation, result, request_id, "sts")
        return HttpAnswer(200, body)

    def _ec2(self, request: HttpRequest, action: Action, request_id: str) -> HttpAnswer:
        if action.operation in OPERATIONS:
            return self._mirror(action, request_id)
        if action.parameters.get("DryRun", "").lower() == "true":
            raise refuse(Refusal.DRY_RUN)
        if not action.operation.startswith(READING):
            return self._change(request, request_id)

        def ask(parameters: Wire) -> HttpAnswer:
            asked = rewrite(request, replace(action, parameters=parameters))
            return self._moto.forward(asked, "ec2", request_id)

        with self._lock:
            return look_up(self._world(action), action, request_id, ask)

    def _mirror(self, action: Action, request_id: str) -> HttpAnswer:
        params = read_params(action.operation, action.parameters)
        required = required_params(action.operation)
        with self._lock:
            result = perform(self._world(action), params, required)
        return HttpAnswer(200, write_result(action.operation, result, request_id))

    def _change(self, request: HttpRequest, request_id: str) -> HttpAnswer:
        with self._lock:
            answer = self._moto.forward(request, "ec2", request_id)
            for world in self._worlds.values():
                world.drop_orphaned_sessions()
        return answer

    def _other(
        self, request: HttpRequest, action: Action, request_id: str
    ) -> HttpAnswer:
        if not action.service:
            # moto's own administration is among these: it would reset half of us.
            raise refuse(Refusal.NOT_EMULATED, operation="unsigned requests")
        with self._lock:
            answer = self._moto.forward(request, action.service, request_id)
            if action.operation == "CreateLoadBalancer":
                answer = name_balancer(action, answer)
        return answer

    def _world(self, action: Action) -> World:
        return self._world_at(account_of(action.access_key), action.region)

    def _world_at(self, account: str, region: str) -> World:
        place = account, region
        if place not in self._worlds:
            surroundings = MotoSurroundings(*place)
            self._worlds[place] = World(*place, self.knobs, surroundings)
        return self._worlds[place]


def _tell(before_call: BeforeCall, operation: str, writes: bool) -> None:
    """Tell the test of a request; the test's own errors don't end it."""
    try:
        before_call(operation, writes)
    except Exception:
        log.exception("before_call failed for %s", operation)
