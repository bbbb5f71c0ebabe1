"""Tags of mirroring resources, in create calls and by the tag operations."""

from __future__ import annotations

from typing import Any

import pytest

KINDS = {
    "target": "traffic-mirror-target",
    "filter": "traffic-mirror-filter",
    "filter_rule": "traffic-mirror-filter-rule",
    "session": "traffic-mirror-session",
}


def tag_list(**tags: str) -> list[dict[str, str]]:
    """Return tags in EC2's format."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def make(lab: Any, kind: str, specifications: list[dict[str, Any]]) -> str:
    """Create a resource with these tag specifications; return its id."""
    more = {"TagSpecifications": specifications}
    if kind == "target":
        return lab.target(**more)
    if kind == "filter":
        return lab.filter(**more)
    if kind == "filter_rule":
        return lab.rule(lab.filter(), **more)["TrafficMirrorFilterRuleId"]
    return lab.session(**more)["TrafficMirrorSessionId"]


def found_by(lab: Any, kind: str, name: str, *values: str) -> list[str]:
    """Return the ids of the resources of a kind that match a tag filter."""
    plural = "".join(word.title() for word in kind.split("_"))
    answer = getattr(lab.client, f"describe_traffic_mirror_{kind}s")(
        Filters=[{"Name": name, "Values": list(values)}]
    )
    key = f"TrafficMirror{plural}"
    return [resource[f"{key}Id"] for resource in answer[f"{key}s"]]


@pytest.mark.parametrize(("kind", "resource_type"), KINDS.items())
def test_tags_of_a_create_call(lab: Any, kind: str, resource_type: str) -> None:
    """Tags of a create call are found by key, value and DescribeTags."""
    tags = tag_list(Name="probe", ReservationId="r-1")
    made = make(lab, kind, [{"ResourceType": resource_type, "Tags": tags}])
    other = tag_list(ReservationId="r-2")
    make(lab, kind, [{"ResourceType": resource_type, "Tags": other}])
    assert found_by(lab, kind, "tag:ReservationId", "r-1") == [made]
    assert found_by(lab, kind, "tag:ReservationId", "r-?", "x") != [made]
    assert found_by(lab, kind, "tag:reservationid", "r-1") == []
    assert found_by(lab, kind, "tag-key", "Nam?") == [made]
    by_id = [{"Name": "resource-id", "Values": [made]}]
    rows = lab.client.describe_tags(Filters=by_id)["Tags"]
    owner = {"ResourceId": made, "ResourceType": resource_type}
    assert rows == [{**owner, **tag} for tag in tags]


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ([{"Key": "", "Value": "v"}], "InvalidParameterValue"),
        ([{"Key": "k" * 128, "Value": "v"}], "InvalidParameterValue"),
        ([{"Key": "k", "Value": "v" * 257}], "InvalidParameterValue"),
        ([{"Key": "aws:k", "Value": "v"}], "InvalidParameterValue"),
        ([{"Key": "AWS:k", "Value": "v"}], "InvalidParameterValue"),
        (
            [{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}],
            "InvalidParameterValue",
        ),
        ([{"Key": str(n), "Value": ""} for n in range(51)], "TagLimitExceeded"),
        ([], "InvalidParameterValue"),
    ],
)
def test_tag_limits(lab: Any, tags: list[dict[str, str]], code: str) -> None:
    """A create call with bad tags is rejected, and creates nothing."""
    specification = {"ResourceType": "traffic-mirror-filter", "Tags": tags}
    with lab.refused(code):
        lab.filter(TagSpecifications=[specification])
    assert lab.client.describe_traffic_mirror_filters()["TrafficMirrorFilters"] == []


def test_tags_at_their_limits_are_taken(lab: Any) -> None:
    """Fifty tags, a key of 127 and a value of 256 characters are allowed."""
    tags = [{"Key": str(n), "Value": "v" * 256} for n in range(49)]
    tags.append({"Key": "k" * 127, "Value": ""})
    lab.filter(TagSpecifications=[{"ResourceType": KINDS["filter"], "Tags": tags}])
    (shown,) = lab.client.describe_traffic_mirror_filters()["TrafficMirrorFilters"]
    assert shown["Tags"] == tags


@pytest.mark.parametrize("kind", KINDS)
def test_specification_of_another_type_is_refused(lab: Any, kind: str) -> None:
    """A create call accepts tags for its own resource type only, once."""
    tags = tag_list(a="b")
    own = {"ResourceType": KINDS[kind], "Tags": tags}
    for wrong in [*KINDS.values(), "instance"]:
        if wrong != KINDS[kind]:
            with lab.refused("InvalidParameterValue", wrong):
                make(lab, kind, [{"ResourceType": wrong, "Tags": tags}])
    with lab.refused("InvalidParameterValue"):
        make(lab, kind, [own, own])


def tags_of(lab: Any, resource_id: str) -> dict[str, str]:
    """Return the tags of a resource."""
    asked = [{"Name": "resource-id", "Values": [resource_id]}]
    rows = lab.client.describe_tags(Filters=asked)["Tags"]
    return {row["Key"]: row["Value"] for row in rows}


@pytest.mark.parametrize("kind", KINDS)
def test_tags_can_be_added_changed_and_removed(lab: Any, kind: str) -> None:
    """CreateTags and DeleteTags accept mirroring resources."""
    made = make(lab, kind, [])
    client, ids = lab.client, [made]
    client.create_tags(Resources=ids, Tags=tag_list(a="1", b="2", c="3"))
    client.create_tags(Resources=ids, Tags=tag_list(a="new"))
    assert tags_of(lab, made) == {"a": "new", "b": "2", "c": "3"}
    assert found_by(lab, kind, "tag:a", "new") == [made]
    client.delete_tags(
        Resources=ids, Tags=[{"Key": "a"}, {"Key": "b", "Value": "other"}]
    )
    assert tags_of(lab, made) == {"b": "2", "c": "3"}
    client.delete_tags(Resources=ids)
    assert tags_of(lab, made) == {}


def test_mirror_and_other_resources_are_tagged_together(lab: Any) -> None:
    """One call tags a filter and an interface, or neither."""
    filter_id, nic = lab.filter(), lab.nic()
    lab.client.create_tags(Resources=[filter_id, nic], Tags=tag_list(a="1"))
    assert tags_of(lab, filter_id) == tags_of(lab, nic) == {"a": "1"}
    gone = "tms-0123456789abcdef0"
    with lab.refused("InvalidTrafficMirrorSessionId.NotFound"):
        lab.client.create_tags(Resources=[nic, gone], Tags=tag_list(b="2"))
    with lab.refused("InvalidInstanceID.NotFound"):
        missing = "i-0123456789abcdef0"
        lab.client.create_tags(Resources=[filter_id, missing], Tags=tag_list(b="2"))
    assert tags_of(lab, filter_id) == tags_of(lab, nic) == {"a": "1"}
    ids = [filter_id, nic]
    lab.client.create_tags(Resources=ids, Tags=tag_list(b="2", c="3"))
    lab.client.delete_tags(Resources=ids, Tags=[{"Key": "a"}])
    assert tags_of(lab, filter_id) == tags_of(lab, nic) == {"b": "2", "c": "3"}
    lab.client.delete_tags(Resources=ids)
    assert tags_of(lab, filter_id) == tags_of(lab, nic) == {}


def test_tag_limit_counts_what_is_there(lab: Any) -> None:
    """CreateTags rejects the fifty-first tag, but may change the fiftieth."""
    filter_id = lab.filter()
    tags = [{"Key": str(n), "Value": ""} for n in range(50)]
    lab.client.create_tags(Resources=[filter_id], Tags=tags)
    lab.client.create_tags(Resources=[filter_id], Tags=[{"Key": "7", "Value": "x"}])
    with lab.refused("TagLimitExceeded"):
        lab.client.create_tags(Resources=[filter_id], Tags=tag_list(one="more"))
    assert len(tags_of(lab, filter_id)) == 50


def test_tags_go_with_their_resource(lab: Any) -> None:
    """A deleted resource has no tags, and can't be tagged."""
    specification = {"ResourceType": KINDS["filter"], "Tags": tag_list(a="1")}
    filter_id = lab.filter(TagSpecifications=[specification])
    lab.client.delete_traffic_mirror_filter(TrafficMirrorFilterId=filter_id)
    assert tags_of(lab, filter_id) == {}
    with lab.refused("InvalidTrafficMirrorFilterId.NotFound"):
        lab.client.create_tags(Resources=[filter_id], Tags=tag_list(a="1"))


@pytest.mark.parametrize(
    ("name", "value", "count"),
    [
        ("key", "a", 2),
        ("value", "2", 1),
        ("resource-type", "traffic-mirror-filter", 2),
        ("resource-type", "network-interface", 1),
        ("tag:a", "1", 2),
        ("value", "nothing", 0),
    ],
)
def test_describe_tags_filters(lab: Any, name: str, value: str, count: int) -> None:
    """DescribeTags filters mirroring resources and all others."""
    ids = [lab.filter(), lab.nic()]
    lab.client.create_tags(Resources=ids, Tags=tag_list(a="1"))
    lab.client.create_tags(Resources=ids[:1], Tags=tag_list(b="2"))
    found = lab.client.describe_tags(Filters=[{"Name": name, "Values": [value]}])
    assert len(found["Tags"]) == count


def test_describe_tags_has_pages(ec2: Any, lab: Any) -> None:
    """boto3's paginator finds all tags; an unknown filter is rejected."""
    filter_id = lab.filter()
    lab.client.create_tags(
        Resources=[filter_id], Tags=tag_list(**{f"k{n}": "" for n in range(7)})
    )
    ec2.settings.page_size = 3
    pages = list(lab.client.get_paginator("describe_tags").paginate())
    assert [len(page["Tags"]) for page in pages] == [3, 3, 1]
    with lab.refused("InvalidParameterValue"):
        lab.client.describe_tags(Filters=[{"Name": "color", "Values": ["x"]}])
