"""
The life of instances, as AWS has it and moto doesn't.

Owns: instances that stay pending for a while, and the interfaces that an instance takes
with it. Must not know: mirroring.

    RunInstances, StartInstances  with the setting start_lag, instances stay pending
    RunInstances                  new interfaces are deleted on termination by default
    TerminateInstances            the interfaces that remain are detached
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from moto.ec2.models import ec2_backends

from emulator.ec2.mirroring.lag_timers import LagTimers
from emulator.ec2.settings import Lag, Settings

_PENDING, _RUNNING = ("pending", 0), ("running", 16)


class MotoInstances:
    """The instances of all accounts and regions. Callers hold the emulator's lock."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._timers = LagTimers(lambda: settings.clock())
        self._pending: dict[str, Any] = {}

    def keep_pending(self, instance_id: str, lag: Lag) -> None:
        """Make an instance pending as long as the lag says; raises KeyError."""
        found = [i for i in _all_instances() if i.id == instance_id]
        if not found:
            raise KeyError(instance_id)
        self._timers.start(instance_id, lag)
        self._pending[instance_id] = found[0]
        _set_state(found[0], _PENDING)

    def update(self, *, counts: bool) -> None:
        """Let instances run that have been pending long enough; `counts` a request."""
        lags = self._timers.count if counts else self._timers.is_running
        for instance_id, instance in list(self._pending.items()):
            if instance.state == "pending" and lags(instance_id):
                continue
            if instance.state == "pending":
                _set_state(instance, _RUNNING)
            del self._pending[instance_id]

    def after_change(
        self, operation: str, instance_ids: list[str], parameters: Mapping[str, str]
    ) -> None:
        """Do what AWS does after these instances were started or terminated."""
        for instance in [i for i in _all_instances() if i.id in instance_ids]:
            if operation == "RunInstances":
                _delete_on_termination(instance, parameters)
            if operation == "TerminateInstances":
                _detach(instance)
            elif self._settings.start_lag != Lag():
                self.keep_pending(instance.id, self._settings.start_lag)


def _all_instances() -> Iterator[Any]:
    for regions in ec2_backends.values():
        for backend in regions.values():
            yield from backend.all_instances()


def _set_state(instance: Any, state: tuple[str, int]) -> None:
    instance._state.name, instance._state.code = state


def _detach(instance: Any) -> None:
    for interface in instance.nics.values():
        interface.instance = interface.attachment_id = None
        interface.status = "available"


def _delete_on_termination(instance: Any, parameters: Mapping[str, str]) -> None:
    """Choose the interfaces that go with the instance, as its request says."""
    specified = {
        value: name.rpartition(".")[0]
        for name, value in parameters.items()
        if name.startswith("NetworkInterface.") and name.endswith(".DeviceIndex")
    }
    for index, interface in instance.nics.items():
        prefix = specified.get(str(index), "")
        if f"{prefix}.NetworkInterfaceId" not in parameters:
            answer = parameters.get(f"{prefix}.DeleteOnTermination", "true")
            interface.delete_on_termination = answer.lower() == "true"
