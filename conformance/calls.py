"""
Calls to EC2: tagged, recorded, guarded, and repeated until EC2 knows a new id.

Owns: what the run has created. Must not know: what is tried, and when it is deleted.

Each create call tags what it creates. Nothing can be changed or deleted unless this run
has created it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from conformance.interruption import Interruption
from conformance.kinds import CREATED_BY, DELETED_BY, Kind, ids_in

TAG_KEY = "traffic-mirroring-conformance"
_CHANGES = ("delete_", "modify_", "create_tags", "delete_tags")
_ATTEMPTS, _PAUSE = 20, 0.5  # eventual consistency: ten seconds
_SERVER_ERROR = 500


@dataclass(frozen=True)
class Created:
    """A resource of this run, and the filter of a rule."""

    id: str
    kind: Kind
    filter_id: str | None = None


class Calls:
    """The calls of one run, and what exists because of them."""

    def __init__(
        self,
        client: Any,
        run_id: str,
        interruption: Interruption,
        wait: Callable[[float], None],
    ) -> None:
        self.client = client
        self.run_id = run_id
        self.wait = wait
        self.existing: dict[str, Created] = {}
        self.counts: Counter[str] = Counter()
        """How many resources of each kind were created."""
        self.in_doubt = False
        """Whether something may exist that is not in `existing`."""
        self._interruption = interruption
        self._ever: set[str] = set()

    @property
    def run_tag(self) -> dict[str, str]:
        """The tag of everything that this run creates."""
        return {"Key": TAG_KEY, "Value": self.run_id}

    def call(
        self, operation: str, client: Any = None, **parameters: Any
    ) -> dict[str, Any]:
        """
        Call EC2; raises ClientError.

        Raises Interrupted before the call if the run is to end, and ValueError if the
        call would change what this run has not created.
        """
        self._interruption.check()
        if operation.startswith(_CHANGES):
            self._check_own(operation, parameters)
        kind = CREATED_BY.get(operation)
        if kind:
            parameters = self._tagged(kind, parameters)
        try:
            answer = self._repeat_while_unknown(
                getattr(client or self.client, operation), parameters
            )
        except ClientError as error:
            self.in_doubt |= kind is not None and status_of(error) >= _SERVER_ERROR
            raise
        except BotoCoreError:
            self.in_doubt |= kind is not None
            raise
        if kind:
            self.record(kind, answer[kind.member])
        if operation in DELETED_BY and not parameters.get("DryRun"):
            self.forget(parameters[DELETED_BY[operation].id])
        return answer

    def record(self, kind: Kind, resource: Mapping[str, Any]) -> None:
        """Note a resource of this run."""
        created = Created(
            resource[kind.id], kind, resource.get("TrafficMirrorFilterId")
        )
        if created.id not in self._ever:
            self.counts[kind.name] += 1
        self._ever.add(created.id)
        self.existing[created.id] = created

    def forget(self, resource_id: str) -> None:
        """Note that a resource is gone, and the rules of a filter with it."""
        self.existing.pop(resource_id, None)
        for created in list(self.existing.values()):
            if created.filter_id == resource_id:
                self.existing.pop(created.id)

    def _check_own(self, operation: str, parameters: Mapping[str, Any]) -> None:
        for resource_id in ids_in(parameters):
            if resource_id not in self._ever:
                raise ValueError(f"{operation}: this run has not created {resource_id}")

    def _tagged(self, kind: Kind, parameters: dict[str, Any]) -> dict[str, Any]:
        """Add the run's tag to the tags of a create call."""
        tags = {"ResourceType": kind.tag_type, "Tags": [self.run_tag]}
        given = list(parameters.get("TagSpecifications", []))
        for index, each in enumerate(given):
            if each["ResourceType"] == kind.tag_type:
                tags = {**each, "Tags": [*each["Tags"], self.run_tag]}
                given.pop(index)
                break
        return {**parameters, "TagSpecifications": [tags, *given]}

    def _repeat_while_unknown(
        self, call: Callable[..., dict[str, Any]], parameters: dict[str, Any]
    ) -> dict[str, Any]:
        """Repeat a call that names existing ids only, and is answered NotFound."""
        for _ in range(_ATTEMPTS):
            try:
                return call(**parameters)
            except ClientError as error:
                if not (is_not_found(error) and self._all_exist(parameters)):
                    raise
                self.wait(_PAUSE)
        return call(**parameters)

    def _all_exist(self, parameters: Mapping[str, Any]) -> bool:
        own = [each for each in ids_in(parameters) if each in self._ever]
        return bool(own) and all(each in self.existing for each in own)


def code_of(error: ClientError) -> str:
    """Return the code of an error."""
    return str(error.response["Error"]["Code"])


def status_of(error: ClientError) -> int:
    """Return the HTTP status of an error."""
    return int(error.response["ResponseMetadata"]["HTTPStatusCode"])


def is_not_found(error: ClientError) -> bool:
    """Return whether something doesn't exist, in the spelling of any page."""
    return code_of(error).endswith(("NotFound", "NoFound"))
