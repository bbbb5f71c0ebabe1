"""
What a behavior can do: calls with defaults for everything, and their outcome as text.

Owns: the words of an outcome. Must not know: what AWS should do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from conformance.calls import TAG_KEY, Calls, code_of
from conformance.kinds import FILTER, NIC, RULE, SESSION, TARGET, Kind
from conformance.place import Machines, NotTried, Place

# Networks of documentation: a session with such a rule mirrors no real packet.
_SOURCES, _DESTINATIONS = "192.0.2.0/24", "198.51.100.0/24"
_ATTEMPTS, _PAUSE = 10, 0.5  # eventual consistency: five seconds
ACCEPTED = "accepted"
AS_REQUESTED = "every field as requested"


class Unexpected(Exception):
    """A behavior can't go on because of what it observed; the text says what."""


class Trial:
    """One behavior's calls; the run deletes what they created."""

    def __init__(self, place: Place, calls: Calls) -> None:
        self.place = place
        self.calls = calls

    def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """Call EC2; raises ClientError."""
        return self.calls.call(operation, **parameters)

    def outcome(self, operation: str, client: Any = None, **parameters: Any) -> str:
        """
        Call EC2; return "accepted" or "refused: CODE".

        Raises NotTried if the run itself lacks the permission.
        """
        try:
            self.calls.call(operation, client, **parameters)
        except ClientError as error:
            self._check_permitted(error, client)
            return f"refused: {code_of(error)}"
        return ACCEPTED

    def refusal(
        self, operation: str, client: Any = None, **parameters: Any
    ) -> ClientError:
        """Call EC2, which must refuse it; return the error."""
        try:
            self.calls.call(operation, client, **parameters)
        except ClientError as error:
            self._check_permitted(error, client)
            return error
        raise Unexpected(ACCEPTED)

    def target(self, **more: Any) -> dict[str, Any]:
        """Create a target on the second network interface."""
        return self._create(TARGET, {"NetworkInterfaceId": self.place.target, **more})

    def filter(self, **more: Any) -> dict[str, Any]:
        """Create a filter."""
        return self._create(FILTER, more)

    def rule(self, **more: Any) -> dict[str, Any]:
        """Create a rule of the trial's filter, by default one for no real packet."""
        return self._create(RULE, self.rule_fields(**more))

    def session(self, **more: Any) -> dict[str, Any]:
        """Create a session from the first network interface to the second."""
        return self._create(SESSION, self.session_fields(**more))

    def nic(self) -> dict[str, Any]:
        """Create a network interface that is not attached; it costs nothing."""
        return self._create(NIC, {"SubnetId": self.place.subnet})

    def try_rule(self, **more: Any) -> str:
        """Return the outcome of creating such a rule."""
        return self.outcome(RULE.create, **self.rule_fields(**more))

    def try_session(self, **more: Any) -> str:
        """Return the outcome of creating such a session."""
        return self.outcome(SESSION.create, **self.session_fields(**more))

    def rule_fields(self, **more: Any) -> dict[str, Any]:
        """Return the parameters of a rule."""
        fields = {
            "TrafficDirection": "ingress",
            "RuleNumber": 1,
            "RuleAction": "accept",
            "SourceCidrBlock": _SOURCES,
            "DestinationCidrBlock": _DESTINATIONS,
            **more,
        }
        return {"TrafficMirrorFilterId": self.filter_id} | fields

    def session_fields(self, **more: Any) -> dict[str, Any]:
        """Return the parameters of a session."""
        fields = {
            "NetworkInterfaceId": self.place.source,
            "SessionNumber": 1,
            **more,
        }
        if "TrafficMirrorTargetId" not in fields:
            fields["TrafficMirrorTargetId"] = self.target_id
        if "TrafficMirrorFilterId" not in fields:
            fields["TrafficMirrorFilterId"] = self.filter_id
        return fields

    @cached_property
    def filter_id(self) -> str:
        """The trial's filter, which has no rules at first."""
        return str(self.filter()[FILTER.id])

    @cached_property
    def target_id(self) -> str:
        """The trial's target."""
        return str(self.target()[TARGET.id])

    def delete(self, kind: Kind, resource_id: str) -> None:
        """Delete a resource."""
        self.call(kind.delete, **{kind.id: resource_id})

    def deleted(self, kind: Kind) -> str:
        """Create a resource and delete it; return its id, which is unknown now."""
        create: dict[str, Callable[[], dict[str, Any]]] = {
            TARGET.name: self.target,
            FILTER.name: self.filter,
            RULE.name: self.rule,
            SESSION.name: self.session,
            NIC.name: self.nic,
        }
        resource_id = str(create[kind.name]()[kind.id])
        self.delete(kind, resource_id)
        for _ in range(_ATTEMPTS):  # a deleted resource may be shown for a while
            if not self._is_shown(kind, resource_id):
                break
            self.calls.wait(_PAUSE)
        return resource_id

    def _is_shown(self, kind: Kind, resource_id: str) -> bool:
        try:
            found = self.call(kind.describe, **{kind.ids: [resource_id]})
            return bool(found[kind.members])
        except ClientError:
            return False

    def one(self, kind: Kind, resource_id: str) -> dict[str, Any]:
        """Return a resource as a Describe call by id shows it."""
        found = self.call(kind.describe, **{kind.ids: [resource_id]})[kind.members]
        return dict(found[0])

    def find(self, kind: Kind, *filters: tuple[str, str]) -> list[str]:
        """Return the ids that a Describe call by filters finds."""
        asked = [{"Name": name, "Values": [value]} for name, value in filters]
        found = self.call(kind.describe, Filters=asked)[kind.members]
        return [each[kind.id] for each in found]

    def finds(self, kind: Kind, resource_id: str, *filters: tuple[str, str]) -> bool:
        """Return whether filters find an existing resource, listed late perhaps."""
        for _ in range(_ATTEMPTS):
            if resource_id in self.find(kind, *filters):
                return True
            self.calls.wait(_PAUSE)
        return False

    def tags_of(self, resource: dict[str, Any]) -> list[dict[str, str]]:
        """Return the tags of a resource without the run's tag."""
        return [tag for tag in resource.get("Tags", []) if tag["Key"] != TAG_KEY]

    @property
    def balancer(self) -> str:
        """A network load balancer's ARN; raises NotTried."""
        if self.place.balancer is None:
            raise NotTried("needs BALANCER=, the ARN of a network load balancer")
        return self.place.balancer

    @property
    def endpoint(self) -> str:
        """A Gateway Load Balancer endpoint's id; raises NotTried."""
        if self.place.endpoint is None:
            raise NotTried(
                "needs ENDPOINT=, the id of a Gateway Load Balancer endpoint"
            )
        return self.place.endpoint

    @property
    def machines(self) -> Machines:
        """Instances to run, stop and terminate; raises NotTried."""
        if self.place.machines is None:
            raise NotTried("needs other instances or identities, so only emulated")
        return self.place.machines

    def _check_permitted(self, error: ClientError, client: Any) -> None:
        if client in (None, self.place.unchecked):
            check_permitted(error)

    def _create(self, kind: Kind, parameters: dict[str, Any]) -> dict[str, Any]:
        return dict(self.call(kind.create, **parameters)[kind.member])


def compare(shown: Mapping[str, object], requested: Mapping[str, object]) -> str:
    """Return whether an answer shows what was requested, or else what differs."""
    different = [name for name, value in requested.items() if shown.get(name) != value]
    return f"different: {', '.join(different)}" if different else AS_REQUESTED


def check_permitted(error: ClientError) -> None:
    """Raise NotTried if an error is about a permission that the run lacks."""
    if code_of(error) == "UnauthorizedOperation":
        raise NotTried(f"needs the permission for {error.operation_name}") from error
