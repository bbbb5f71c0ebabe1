"""A sandbox with the Apps for a number of mirrors, and the requests for them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from emulator.lab import Lab

_SOURCES_PER_TARGET = 10


@dataclass(frozen=True)
class Case:
    """A number of mirrors and of filter rules for each of them."""

    mirrors: int
    rules: int

    def __str__(self) -> str:
        return f"({self.mirrors}, {self.rules})"


class Workload:
    """A sandbox with the sources of a case and a target for every ten sources."""

    def __init__(self, lab: Lab, case: Case) -> None:
        self._lab = lab
        self.case = case
        targets = -(-case.mirrors // _SOURCES_PER_TARGET)
        names = [f"source {n}" for n in range(case.mirrors)]
        names += [f"target {n}" for n in range(targets)]
        sandbox = lab.deploy("benchmark", dict.fromkeys(names))
        nics = [app.nics[0].id for app in sandbox.apps]
        self._sources, self._targets = nics[: case.mirrors], nics[case.mirrors :]
        self.reservation = sandbox.id

    @property
    def create(self) -> list[object]:
        """The actions that create the mirrors, in a form that both shells accept."""
        return [
            {
                "actionId": str(number),
                "type": "CreateTrafficMirroring",
                "actionParams": {
                    "type": "CreateTrafficMirroringParams",
                    "sourceNicId": source,
                    "targetNicId": self._targets[number // _SOURCES_PER_TARGET],
                    "sessionNumber": "",
                    "filterRules": [_rule(port) for port in range(self.case.rules)],
                },
            }
            for number, source in enumerate(self._sources)
        ]

    @property
    def remove(self) -> list[object]:
        """The actions that remove the mirrors, one for each target."""
        return [
            {
                "actionId": str(number),
                "type": "RemoveTrafficMirroring",
                "sessionId": "",
                "targetNicId": nic,
            }
            for number, nic in enumerate(self._targets)
        ]

    @property
    def listing(self) -> list[object]:
        """The action that lists the mirrors."""
        return [{"actionId": "1", "type": "GetTrafficMirroring"}]

    def create_targets(self) -> list[tuple[str, str]]:
        """Create the targets; return the source NIC and target id of each mirror."""
        created = [
            self._lab.client.create_traffic_mirror_target(NetworkInterfaceId=nic)
            for nic in self._targets
        ]
        ids = [each["TrafficMirrorTarget"]["TrafficMirrorTargetId"] for each in created]
        return [
            (source, ids[number // _SOURCES_PER_TARGET])
            for number, source in enumerate(self._sources)
        ]

    @contextmanager
    def latency(self, seconds: float) -> Iterator[None]:
        """Add latency to every call to EC2 and the pools."""
        self._lab.ec2.settings.latency = self._lab.cloudshell.pools.latency = seconds
        try:
            yield
        finally:
            self._lab.ec2.settings.latency = self._lab.cloudshell.pools.latency = 0.0

    def clear(self) -> None:
        """Delete all mirrors, filters and targets, and release all numbers."""
        client = self._lab.client
        for kind in ("Session", "Filter", "Target"):
            describe = client.get_paginator(f"describe_traffic_mirror_{kind.lower()}s")  # type: ignore[call-overload]  # each kind has a paginator
            for page in describe.paginate():
                for item in page[f"TrafficMirror{kind}s"]:
                    name = f"TrafficMirror{kind}Id"
                    delete = getattr(client, f"delete_traffic_mirror_{kind.lower()}")
                    delete(**{name: item[name]})
        self._lab.cloudshell.pools.reset()


def _rule(port: int) -> dict[str, object]:
    ports = {"type": "PortRange", "fromPort": str(8000 + port), "toPort": "9000"}
    return {
        "type": "TrafficFilterRule",
        "direction": "ingress",
        "protocol": "tcp",
        "destinationPortRange": ports,
    }
