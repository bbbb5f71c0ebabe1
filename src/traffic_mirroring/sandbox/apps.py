"""
The Apps of a sandbox and their network interfaces, by name.

Owns which App a name means, and which of its NICs. Must not know mirrors.
https://help.quali.com, "AWS Traffic Mirroring" in the developer guide, reads NIC ids
from VM details in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from traffic_mirroring.errors import AppRejected, CallFailed
from traffic_mirroring.models import AppName, Destination, NicId
from traffic_mirroring.sandbox.api import CloudShellApi, ReservedResource, VmNetwork
from traffic_mirroring.sandbox.unreachable import retry_unreachable

_NIC = "nic"
"""The name of a NIC's id in VM details; CloudShell stores all names in lower case."""


@dataclass(frozen=True)
class App:
    """
    A deployed App; `origin` is its name in the blueprint, if CloudShell says it.

    `nic_ids` are all its NICs, the primary one first. `primary_nic_id` is None if no
    NIC is marked as primary and there isn't just one.
    """

    name: str
    origin: str | None
    instance_id: str
    nic_ids: tuple[NicId, ...]
    primary_nic_id: NicId | None

    @property
    def is_on_aws(self) -> bool:
        """Whether AWS deployed the App: its instance or its NICs have ids of EC2."""
        return self.instance_id.startswith("i-") or bool(self.nic_ids)

    def __str__(self) -> str:
        """Return the name and the NICs, for a message."""
        return f"{self.name} ({', '.join(self.nic_ids) or 'no NIC'})"


@dataclass(frozen=True)
class SandboxApps:
    """The Apps of a sandbox; `waiting` are the names of those not deployed yet."""

    deployed: tuple[App, ...]
    waiting: tuple[str, ...] = ()

    def primary_nic(self, wanted: AppName) -> NicId:
        """
        Return the primary NIC of an App, in exact case.

        A deployed App's own name comes before names in the blueprint. Raises
        AppRejected, which lists the Apps with their NICs, if not exactly one App is
        meant, AWS did not deploy it, or it has no primary NIC.
        """
        named = [app for app in self.deployed if app.name == wanted.name]
        found = named or [app for app in self.deployed if app.origin == wanted.name]
        if len(found) != 1:
            raise self._rejected(wanted, self._why_not_one(wanted, found))
        (app,) = found
        if not app.is_on_aws:
            why = "AWS did not deploy it: only NICs in EC2 can be mirrored"
            raise self._rejected(wanted, why)
        if not app.primary_nic_id:
            why = (
                "its VM details have no primary NIC: refresh them in CloudShell, or "
                "give the id of a NIC"
            )
            raise self._rejected(wanted, why)
        return app.primary_nic_id

    def _why_not_one(self, wanted: AppName, found: Sequence[App]) -> str:
        if found:
            names = ", ".join(app.name for app in found)
            return f"{len(found)} Apps are deployed from it: give one of {names}"
        if wanted.name in self.waiting:
            return "it is not deployed yet: deploy it first"
        return "the sandbox has no such App: check the name and its case"

    def _rejected(self, wanted: AppName, reason: str) -> AppRejected:
        return AppRejected(wanted.name, reason, [str(app) for app in self.deployed])


def find_apps(api: CloudShellApi, reservation_id: str) -> SandboxApps:
    """Look up the sandbox's Apps, past CloudShell's cache; raises CallFailed."""
    try:
        details = retry_unreachable(
            lambda: api.GetReservationDetails(reservation_id, True)
        )
    except Exception as error:
        raise CallFailed("Looking up the Apps of the sandbox", error) from error
    description = details.ReservationDescription
    deployed = (_read_app(each) for each in description.Resources or ())
    return SandboxApps(
        tuple(app for app in deployed if app),
        tuple(app.Name for app in description.Apps or ()),
    )


def _read_app(resource: ReservedResource) -> App | None:
    """Return the App that a resource is; None for other resources."""
    details, origin = resource.VmDetails, resource.AppDetails
    if not details:
        return None
    networks = sorted(details.NetworkData or (), key=lambda each: not each.IsPrimary)
    nics = [(nic, each.IsPrimary) for each in networks for nic in _nic_ids(each)]
    nic_ids = tuple(nic for nic, _ in nics)
    primary = [nic for nic, is_primary in nics if is_primary or len(nics) == 1]
    return App(
        resource.Name,
        origin.AppName if origin else None,
        details.UID or "",
        nic_ids,
        primary[0] if primary else None,
    )


def _nic_ids(network: VmNetwork) -> list[NicId]:
    """Return the NIC's id in a list, which is empty if it is not a NIC of EC2."""
    values = [
        data.Value or ""
        for data in network.AdditionalData or ()
        if data.Name.lower() == _NIC
    ]
    return [
        NicId(Destination(value))
        for value in values
        if re.fullmatch("eni-[0-9a-f]+", value)
    ]
