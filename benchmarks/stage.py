"""Deployed Apps for a number of mirrors, in an EC2 that each run leaves empty."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from emulator.lab import Lab

_SOURCES_PER_TARGET = 10


@dataclass(frozen=True)
class Case:
    """So many mirrors, each with so many filter rules."""

    mirrors: int
    rules: int

    def __str__(self) -> str:
        return f"({self.mirrors}, {self.rules})"


class Stage:
    """Sources and a target for every ten of them, in a sandbox."""

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
        """The actions that create the mirrors, as both shells read them."""
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
        """The actions that remove them, one for each target."""
        return [
            {
                "actionId": str(number),
                "type": "RemoveTrafficMirroring",
                "sessionId": "",
                "targetNicId": nic,
            }
            for number, nic in enumerate(self._targets)
        ]

    def ends(self) -> list[tuple[str, str]]:
        """Make the targets; return each mirror's source and its target's id."""
        made = [
            self._lab.client.create_traffic_mirror_target(NetworkInterfaceId=nic)
            for nic in self._targets
        ]
        ids = [each["TrafficMirrorTarget"]["TrafficMirrorTargetId"] for each in made]
        return [
            (source, ids[number // _SOURCES_PER_TARGET])
            for number, source in enumerate(self._sources)
        ]

    @contextmanager
    def latency(self, seconds: float) -> Iterator[None]:
        """Let every call to EC2 and to the pools take so long."""
        self._lab.ec2.settings.latency = self._lab.cloudshell.pools.latency = seconds
        try:
            yield
        finally:
            self._lab.ec2.settings.latency = self._lab.cloudshell.pools.latency = 0.0

    def clear(self) -> None:
        """Delete what a shell has left, and take all numbers back."""
        client = self._lab.client
        for kind in ("Session", "Filter", "Target"):
            describe = client.get_paginator(f"describe_traffic_mirror_{kind.lower()}s")  # type: ignore[call-overload]  # each kind has one
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
