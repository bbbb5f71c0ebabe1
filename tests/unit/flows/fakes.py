"""In-memory fakes for the flows: EC2, CloudShell's pools, workers without threads."""

from __future__ import annotations

import json
import logging
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace

from tests.unit.aws.fake_ec2 import IDS, FakeEc2, refused
from traffic_mirroring.aws.dry_runs import DryRuns
from traffic_mirroring.aws.mirroring import Ec2Mirroring
from traffic_mirroring.aws.retries import RetryPolicy
from traffic_mirroring.flows.context import CommandContext
from traffic_mirroring.flows.target_locks import TargetLocks
from traffic_mirroring.models import (
    CreateAction,
    Mirror,
    Sandbox,
)
from traffic_mirroring.results import Traffic
from traffic_mirroring.sandbox.apps import App, SandboxApps
from traffic_mirroring.sandbox.progress import Progress
from traffic_mirroring.sandbox.session_numbers import SessionNumbers
from traffic_mirroring.topology import (
    Attachments,
    Instance,
    Nic,
    Topology,
    Unchecked,
)

SOURCE, TARGET = "eni-0000000a", "eni-0000000b"
RETRIES = RetryPolicy(max_attempts=4, first_wait=0, longest_wait=0)
MIRROR = Mirror(SOURCE, TARGET)


class Account(FakeEc2):
    """
    EC2 of one account: also refuses a session number in use, and shows filter rules.

    With `one_target_per_nic`, a second target on a NIC is refused.
    """

    def __init__(self, *, one_target_per_nic=False):
        super().__init__()
        self.one_target_per_nic = one_target_per_nic

    def create_traffic_mirror_target(self, **parameters):
        nic = parameters["NetworkInterfaceId"]
        taken = any(
            target["NetworkInterfaceId"] == nic
            for target in self.items["target"].values()
        )
        if taken and self.one_target_per_nic:
            self.calls["create_traffic_mirror_target"] += 1
            raise refused("InvalidParameterValue")
        return super().create_traffic_mirror_target(**parameters)

    def create_traffic_mirror_session(self, **parameters):
        for session in list(self.items["session"].values()):
            if all(
                session[key] == parameters[key]
                for key in ("NetworkInterfaceId", "SessionNumber")
            ):
                self.calls["create_traffic_mirror_session"] += 1
                raise refused("InvalidParameterValue")
        parameters.setdefault("VirtualNetworkId", 7)
        return super().create_traffic_mirror_session(**parameters)

    def create_traffic_mirror_filter_rule(self, **parameters):
        super().create_traffic_mirror_filter_rule(**parameters)
        item = self.items["filter"][parameters["TrafficMirrorFilterId"]]
        direction = parameters["TrafficDirection"].capitalize()
        item.setdefault(f"{direction}FilterRules", []).append(parameters)

    @property
    def counts(self):
        """How many sessions, filters and targets there are."""
        return tuple(len(self.items[kind]) for kind in ("session", "filter", "target"))


class LateAccount(Account):
    """EC2 that doesn't list a new resource before the other calls know its id."""

    def page(self, operation, filters):
        kind = operation.removeprefix("describe_traffic_mirror_").removesuffix("s")
        found = super().page(operation, filters)
        return [item for item in found if not self._unknown[item[IDS[kind]]]]


class Pool:
    """CloudShell's pools: which reservation holds which number of which NIC."""

    def __init__(self):
        self.held = {}
        self.errors = []
        self.messages = []

    def CheckoutFromPool(self, selectionCriteriaJson):  # noqa: N802, N803 - the API's
        self._fail()
        criteria = json.loads(selectionCriteriaJson)
        pool = criteria["poolId"]
        if "requestedItem" in criteria:
            wanted = [int(criteria["requestedItem"]["Value"])]
        else:
            limits = criteria["requestedRange"]
            wanted = range(limits["Start"], limits["End"] + 1)
        free = [number for number in wanted if (pool, number) not in self.held]
        if not free:
            raise RuntimeError("no such number is free")
        self.held[pool, free[0]] = criteria["reservationId"]
        return type("CheckoutFromPoolInfo", (), {"Items": [str(free[0])]})

    def ReleaseFromPool(self, values, poolId, reservationId, ownerId):  # noqa: ARG002, N802, N803 - the API's
        self._fail()
        for value in values:
            if self.held.get((poolId, int(value))) != reservationId:
                raise RuntimeError(f"{value} is not checked out by {reservationId}")
            del self.held[poolId, int(value)]

    def WriteMessageToReservationOutput(self, reservationId, message):  # noqa: ARG002, N802, N803 - the API's
        self.messages.append(message)

    def _fail(self):
        if self.errors:
            raise self.errors.pop(0)


class InlineWorkers:
    """Runs everything at once in the calling thread."""

    def map_actions(self, run, items):
        return [run(item) for item in items]

    def gather(self, *calls):
        return [call() for call in calls]

    @contextmanager
    def in_background(self, call):
        yield _done(call)

    action_in_background = in_background


class RunningInstances:
    """Look-ups that find every NIC on a running instance, and nothing in the way."""

    def __init__(self, states=()):
        self.states = dict(states)

    def find_attachments(self, mirrors):
        nics = {
            nic for each in mirrors for nic in (each.source_nic_id, each.destination)
        }
        return Attachments(
            {
                nic: Nic(
                    nic, True, "vpc-1", "subnet-1", "10.0.0.1", frozenset({"sg-1"})
                )
                for nic in nics
            },
            {nic: Instance(f"i-{nic}", "t3.micro", self._state(nic)) for nic in nics},
        )

    @contextmanager
    def topology(self, mirrors, attachments):
        # It is needed only of NICs that were looked up.
        sources = {each.source_nic_id for each in mirrors}
        nics = attachments.nics
        assert isinstance(nics, Unchecked) or sources <= nics.keys()
        yield _done(lambda: Topology())

    def _state(self, nic):
        states = self.states.get(nic, ["running"])
        return states.pop(0) if len(states) > 1 else states[0]


class Metrics:
    """CloudWatch: the traffic of instances, or an error; keeps what was asked for."""

    def __init__(self, traffic=None, error=None):
        self.asked = []
        self._traffic = traffic or {}
        self._error = error

    def find_traffic(self, instance_ids, _gather):
        self.asked.append(set(instance_ids))
        if self._error:
            raise self._error
        return {
            each: Traffic(*self._traffic[each])
            for each in instance_ids
            if each in self._traffic
        }


def command(account, pool, reservation_id="res-1", **changes):
    """Return the context of a command in a driver process of its own."""
    log = logging.getLogger("flows")
    sandbox = Sandbox(reservation_id, "blueprint", "owner", "Global")
    context = CommandContext(
        sandbox,
        Ec2Mirroring(account, RETRIES, lambda: None),
        DryRuns(account, lambda: None),
        RunningInstances(),
        apps_of({}),
        SessionNumbers(pool, reservation_id, lambda: None),
        lambda: None,
        InlineWorkers(),
        Progress(pool, reservation_id, log),
        RETRIES,
        RETRIES,
        TargetLocks(),
        log,
        Metrics(),
    )
    return replace(context, **changes)


def action(mirror=MIRROR, number=None, *, dry_run=False):
    """Return a Create action."""
    return CreateAction("1", mirror, number, dry_run=dry_run)


def apps_of(nics):
    """Return the look-up of a sandbox's Apps, given by name with their NIC."""
    apps = [App(name, None, "i-1", (nic,), nic) for name, nic in nics.items()]
    return lambda: SandboxApps(tuple(apps))


def _done(call):
    future = Future()
    try:
        future.set_result(call())
    except Exception as error:
        future.set_exception(error)
    return future
