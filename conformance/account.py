"""
A run in an AWS account: two of its network interfaces, which nothing mirrors.

Owns: what is checked before, and that nothing is left after. Must not know: behaviors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

from conformance.behavior import Behavior
from conformance.calls import Calls
from conformance.cleanup import Leftover, delete_tagged
from conformance.interruption import Interrupted
from conformance.kinds import SESSION, TARGET, Kind
from conformance.observe import NotDeleted, Observation, observe_all
from conformance.place import Place

# The answer to an interruption waits for the call in flight, so that is limited.
_CONFIG = Config(
    connect_timeout=5,
    read_timeout=20,
    retries={"mode": "standard", "total_max_attempts": 5},
)
_DESTINATIONS = (
    "NetworkInterfaceId",
    "NetworkLoadBalancerArn",
    "GatewayLoadBalancerEndpointId",
)


class NotUsable(Exception):
    """The network interfaces can't be used; the text says why."""


@dataclass(frozen=True)
class Chosen:
    """What the caller of a run chose from the account."""

    source: str
    target: str
    balancer: str | None = None
    endpoint: str | None = None

    @property
    def everything(self) -> set[str]:
        """What may be the destination of a target."""
        chosen = (self.source, self.target, self.balancer, self.endpoint)
        return {each for each in chosen if each}


@dataclass(frozen=True)
class Account:
    """Where a run takes place, for the question whether it may."""

    owner: str
    region: str
    place: Place


@dataclass(frozen=True)
class Run:
    """How a run ended."""

    stopped: str | None
    """Why it did not try all behaviors."""
    leftovers: list[Leftover]
    """What it could not delete."""


@dataclass(frozen=True)
class Clients:
    """Two clients of one account; the second leaves checks of parameters to EC2."""

    client: Any
    unchecked: Any


def own_clients() -> Clients:
    """Make clients with the caller's own AWS configuration; raises boto3's errors."""
    session = boto3.Session()
    unchecked = _CONFIG.merge(Config(parameter_validation=False))
    return Clients(
        session.client("ec2", config=_CONFIG), session.client("ec2", config=unchecked)
    )


def open_account(chosen: Chosen, clients: Clients) -> Account:
    """
    Look up the network interfaces, and create nothing.

    Raises NotUsable, and boto3's errors.
    """
    client = clients.client
    if chosen.source == chosen.target:
        raise NotUsable("SOURCE and TARGET are the same network interface")
    ids = [chosen.source, chosen.target]
    found = client.describe_network_interfaces(NetworkInterfaceIds=ids)
    interfaces = {
        each["NetworkInterfaceId"]: each for each in found["NetworkInterfaces"]
    }
    source = interfaces[chosen.source]
    _check_attached(interfaces)
    _check_unused(client, chosen)
    place = Place(
        client=client,
        unchecked=clients.unchecked,
        source=chosen.source,
        target=chosen.target,
        subnet=source["SubnetId"],
        balancer=chosen.balancer,
        endpoint=chosen.endpoint,
    )
    return Account(source["OwnerId"], client.meta.region_name, place)


def run_in_account(
    place: Place,
    behaviors: Iterable[Behavior],
    calls: Calls,
    on_each: Callable[[Behavior, Observation], None],
) -> Run:
    """
    Try the behaviors; delete all that the calls created, whatever ends the run.

    The answer says what went wrong: nothing is raised.
    """
    stopped = None
    try:
        observe_all(behaviors, place, calls, on_each)
    except Interrupted as reason:
        stopped = f"interrupted by {reason}"
    except NotDeleted:
        stopped = "something could not be deleted"
    except Exception as error:
        stopped = f"{type(error).__name__}: {error}"
    return Run(stopped, delete_tagged(calls))


def _check_attached(interfaces: dict[str, dict[str, Any]]) -> None:
    for nic, interface in interfaces.items():
        if "Attachment" not in interface:
            raise NotUsable(f"{nic} is not attached to an instance")


def _check_unused(client: Any, chosen: Chosen) -> None:
    """Raise NotUsable if a session or target uses what was chosen."""
    by_interface = [
        {"Name": "network-interface-id", "Values": [chosen.source, chosen.target]}
    ]
    users = [each[SESSION.id] for each in _all(client, SESSION, Filters=by_interface)]
    for target in _all(client, TARGET):
        if chosen.everything & {target.get(name) for name in _DESTINATIONS}:
            users.append(target[TARGET.id])
    if users:
        raise NotUsable(
            f"{', '.join(users)} uses them already: a run needs network interfaces "
            "without mirroring, so that it touches nothing else"
        )


def _all(client: Any, kind: Kind, **parameters: Any) -> list[dict[str, Any]]:
    pages = client.get_paginator(kind.describe).paginate(**parameters)
    return [each for page in pages for each in page[kind.members]]
