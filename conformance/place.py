"""
Where behaviors are tried: the clients, the network interfaces and what else exists.

Owns: what a place can offer. Must not know: what is tried there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol


class NotTried(Exception):
    """A behavior can't be tried in this place; the text says what it needs."""


@dataclass(frozen=True)
class Instance:
    """An instance and its network interface."""

    id: str
    nic: str


class Machines(Protocol):
    """What costs money or changes others in an account; the emulator has it."""

    def run_instance(self, instance_type: str = "t3.micro") -> Instance:
        """Run an instance."""

    def stop(self, instance: Instance) -> None:
        """Stop an instance."""

    def terminate(self, instance: Instance) -> None:
        """Terminate an instance, which deletes its network interface."""

    def service_interface(self, requester: str, kind: str = "interface") -> str:
        """Return a network interface of a kind that an AWS service manages."""

    def client_allowed(self, action: str) -> Any:
        """Return a client of an identity that is allowed one IAM action."""


@dataclass(frozen=True)
class Place:
    """
    Two network interfaces that nothing mirrors, and a client for them.

    `unchecked` is a client that leaves the check of parameters to EC2.
    """

    client: Any
    unchecked: Any
    source: str
    target: str
    subnet: str
    balancer: str | None = None
    """The ARN of a network load balancer."""
    endpoint: str | None = None
    """The id of a Gateway Load Balancer endpoint."""
    machines: Machines | None = None
