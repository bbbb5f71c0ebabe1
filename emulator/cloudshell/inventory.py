"""
The resources and sandboxes of the server.

Owns: adding and finding them. Must not know: requests, pools.
"""

from collections.abc import Iterator

from emulator.cloudshell.errors import ApiError
from emulator.cloudshell.model import (
    App,
    Attribute,
    Reservation,
    Resource,
    StoredResource,
)
from emulator.cloudshell.passwords import PasswordStore
from emulator.execution import Shell, ShellAttribute

_GLOBAL = ("Execution Server Selector",)
"""Attributes whose names have no prefix in a resource of any model."""


class Inventory:
    """Resources by name, reservations by id."""

    def __init__(self, passwords: PasswordStore) -> None:
        self._passwords = passwords
        self._resources: dict[str, StoredResource] = {}
        self._reservations: dict[str, Reservation] = {}

    def add_resource(self, resource: Resource) -> StoredResource:
        """Store a resource with encrypted passwords; raises ValueError."""
        if resource.name in self._resources:
            raise ValueError(f"There is a resource {resource.name!r} already")
        shell = resource.shell
        model = shell.model if shell else resource.model
        stored = StoredResource(
            name=resource.name,
            model=model,
            family=shell.family if shell else resource.family,
            address=resource.address,
            description=resource.description,
            shell=shell,
            attributes=list(self._attributes(resource, model)),
        )
        self._resources[stored.name] = stored
        return stored

    def replace_shell(self, old: Shell, new: Shell) -> None:
        """Update the resources of a shell, and add its new attributes to them."""
        names = new.attributes.keys() - old.attributes
        for resource in self._resources.values():
            if resource.shell == old:
                resource.shell = new
                resource.attributes += [
                    self._attribute(new.model, each, each.default)
                    for each in map(new.attributes.__getitem__, sorted(names))
                ]

    def add_reservation(self, reservation: Reservation) -> Reservation:
        """Store a reservation; raises ValueError if its id is taken."""
        if reservation.id in self._reservations:
            raise ValueError(f"There is a reservation {reservation.id!r} already")
        self._reservations[reservation.id] = reservation
        return reservation

    def get_resource(self, name: str) -> StoredResource:
        """Return the resource; raises ApiError for an unknown name."""
        if name not in self._resources:
            raise ApiError(f"There is no resource {name!r}")
        return self._resources[name]

    def remove_resource(self, name: str) -> None:
        """Forget a resource; raises ApiError for an unknown name."""
        self.get_resource(name)
        del self._resources[name]

    @property
    def resource_names(self) -> list[str]:
        """The names of all resources, oldest first."""
        return list(self._resources)

    def find_resources(self, model: str) -> list[StoredResource]:
        """Return the resources of a model."""
        return [each for each in self._resources.values() if each.model == model]

    def get_reservation(self, reservation_id: str) -> Reservation:
        """Return the reservation; raises ApiError for an unknown id."""
        if reservation_id not in self._reservations:
            raise ApiError(f"There is no reservation {reservation_id!r}")
        return self._reservations[reservation_id]

    def find_app(self, name: str) -> tuple[App, Reservation] | None:
        """Return a deployed App and its sandbox, the newest if there are several."""
        for reservation in reversed(self._reservations.values()):
            for app in reservation.apps:
                if app.name == name and not reservation.ended:
                    return app, reservation
        return None

    def _attributes(self, resource: Resource, model: str) -> Iterator[Attribute]:
        known = dict(resource.shell.attributes) if resource.shell else {}
        given = dict(resource.attributes)
        unknown = sorted(set(given).difference(known))
        if resource.shell and unknown:
            raise ValueError(f"{model} has no attribute {', '.join(unknown)}")
        for name in unknown:
            known[name] = ShellAttribute(name)
        for attribute in known.values():
            value = given.get(attribute.name, attribute.default)
            yield self._attribute(model, attribute, value)

    def _attribute(
        self, model: str, attribute: ShellAttribute, value: str
    ) -> Attribute:
        if attribute.type == "Password":
            value = self._passwords.encrypt(value)
        name = (
            attribute.name if attribute.name in _GLOBAL else f"{model}.{attribute.name}"
        )
        return Attribute(name, value, attribute.type)
