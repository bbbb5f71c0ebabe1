"""A fake of boto3's EC2 client for traffic mirroring: resources in memory."""

from __future__ import annotations

from collections import Counter
from itertools import count

from botocore.exceptions import ClientError

FIELDS = {
    "session": {
        "traffic-mirror-session-id": "TrafficMirrorSessionId",
        "traffic-mirror-target-id": "TrafficMirrorTargetId",
        "traffic-mirror-filter-id": "TrafficMirrorFilterId",
        "network-interface-id": "NetworkInterfaceId",
    },
    "filter": {"traffic-mirror-filter-id": "TrafficMirrorFilterId"},
    "target": {
        "traffic-mirror-target-id": "TrafficMirrorTargetId",
        "network-interface-id": "NetworkInterfaceId",
        "network-load-balancer-arn": "NetworkLoadBalancerArn",
    },
}
IDS = {kind: f"TrafficMirror{kind.capitalize()}Id" for kind in FIELDS}
PAGE_SIZE = 2


def refused(code, operation="", status=400):
    """Return the error that boto3 raises if EC2 refuses a call."""
    return ClientError(
        {
            "Error": {"Code": code, "Message": "no"},
            "ResponseMetadata": {"HTTPStatusCode": status, "RequestId": "req-1"},
        },
        operation,
    )


class FakeEc2:
    """
    Keeps what is created; refuses unknown ids, and to delete what is in use.

    `errors` holds errors to raise instead of the next calls of an operation, `lost` the
    operations whose next call takes effect before it raises the error. An id is unknown
    to the next `unknown_for` calls that name it.
    """

    def __init__(self):
        self.items = {kind: {} for kind in FIELDS}
        self.rules = []
        self.services = []
        self.calls = Counter()
        self.dry_runs = []
        self.filters = []
        self.errors = {}
        self.lost = {}
        self.unknown_for = 0
        self._unknown = Counter()
        self._ids = count(1)

    def add(self, kind, **fields):
        """Add a resource that EC2 has known for long; return its id."""
        resource_id = f"tm{kind[0]}-{next(self._ids):08x}"
        self.items[kind][resource_id] = {IDS[kind]: resource_id, **fields}
        return resource_id

    def create_traffic_mirror_target(self, **parameters):
        return self._create("target", parameters)

    def create_traffic_mirror_filter(self, **parameters):
        return self._create("filter", parameters)

    def create_traffic_mirror_session(self, **parameters):
        if "DryRun" in parameters:
            self._begin("create_traffic_mirror_session", parameters)
        self._require("target", parameters)
        self._require("filter", parameters)
        return self._create("session", parameters)

    def create_traffic_mirror_filter_rule(self, **parameters):
        self._begin("create_traffic_mirror_filter_rule", parameters)
        self._require("filter", parameters)
        self.rules.append(parameters)

    def modify_traffic_mirror_filter_network_services(self, **parameters):
        self._begin("modify_traffic_mirror_filter_network_services", parameters)
        self._require("filter", parameters)
        self.services += parameters["AddNetworkServices"]

    def delete_traffic_mirror_target(self, **parameters):
        self._delete("target", parameters)

    def delete_traffic_mirror_filter(self, **parameters):
        self._delete("filter", parameters)

    def delete_traffic_mirror_session(self, **parameters):
        self._delete("session", parameters)

    def get_paginator(self, operation):
        return FakePaginator(self, operation)

    def page(self, operation, filters):
        """Return the items that match the filters of one Describe call."""
        self._begin(operation)
        kind = operation.removeprefix("describe_traffic_mirror_").removesuffix("s")
        assert all(0 < len(each["Values"]) <= 200 for each in filters)
        self.filters += filters
        return [
            item
            for item in self.items[kind].values()
            if all(_value(kind, item, f["Name"]) in f["Values"] for f in filters)
        ]

    def _create(self, kind, parameters):
        operation = f"create_traffic_mirror_{kind}"
        self._begin(operation, parameters)
        tags = parameters.pop("TagSpecifications")
        assert [each["ResourceType"] for each in tags] == [f"traffic-mirror-{kind}"]
        resource_id = self.add(kind, Tags=tags[0]["Tags"], **parameters)
        self._unknown[resource_id] = self.unknown_for
        if operation in self.lost:
            raise self.lost.pop(operation)
        name = f"TrafficMirror{kind.capitalize()}"
        return {name: self.items[kind][resource_id]}

    def _delete(self, kind, parameters):
        operation = f"delete_traffic_mirror_{kind}"
        self._begin(operation)
        self._require(kind, parameters)
        resource_id = parameters[IDS[kind]]
        sessions = self.items["session"].values()
        if any(each.get(IDS[kind]) == resource_id for each in sessions) and (
            kind != "session"
        ):
            raise refused(f"TrafficMirror{kind.capitalize()}InUse")
        del self.items[kind][resource_id]
        if operation in self.lost:
            raise self.lost.pop(operation)

    def _begin(self, operation, parameters=()):
        self.calls[operation] += 1
        if self.errors.get(operation):
            raise self.errors[operation].pop(0)
        if "DryRun" in parameters:
            self.dry_runs.append((operation, parameters))
            raise refused("DryRunOperation", operation, 412)

    def _require(self, kind, parameters):
        resource_id = parameters[IDS[kind]]
        known = resource_id in self.items[kind] and not self._unknown[resource_id]
        self._unknown[resource_id] -= bool(self._unknown[resource_id])
        if not known:
            raise refused(f"Invalid{IDS[kind]}.NotFound")


class FakePaginator:
    """Yields a few items per page, and an empty page if there are none."""

    def __init__(self, client, operation):
        self._client = client
        self._operation = operation

    def paginate(self, PaginationConfig, Filters=()):  # noqa: N803 - boto3's
        assert PaginationConfig["PageSize"] in (250, 1000)
        items = self._client.page(self._operation, list(Filters))
        kind = self._operation.removeprefix("describe_traffic_mirror_")[:-1]
        for start in range(0, len(items) or 1, PAGE_SIZE):
            page = items[start : start + PAGE_SIZE]
            yield {f"TrafficMirror{kind.capitalize()}s": page}


def _value(kind, item, name):
    if name.startswith("tag:"):
        tags = {tag["Key"]: tag["Value"] for tag in item.get("Tags", ())}
        return tags.get(name.removeprefix("tag:"))
    return item.get(FIELDS[kind][name])
