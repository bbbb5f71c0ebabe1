"""Describe: ids, filters, wildcards and pages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.ec2.mirroring.describe import wildcard_pattern

FILTER_TAGS = {"ResourceType": "traffic-mirror-filter"}
KINDS = {
    "targets": ("TrafficMirrorTarget", "tmt"),
    "filters": ("TrafficMirrorFilter", "tmf"),
    "filter_rules": ("TrafficMirrorFilterRule", "tmfr"),
    "sessions": ("TrafficMirrorSession", "tms"),
}


def describe(client: Any, kind: str, **asked: Any) -> list[dict[str, Any]]:
    """Describe one kind of resource."""
    answer = getattr(client, f"describe_traffic_mirror_{kind}")(**asked)
    return answer[f"{KINDS[kind][0]}s"]


def where(name: str, *values: str) -> dict[str, Any]:
    """Return the parameter Filters with one filter."""
    return {"Filters": [{"Name": name, "Values": list(values)}]}


@pytest.fixture
def world(lab: Any) -> dict[str, dict[str, Any]]:
    """Create two resources of each kind, one of them with known values."""
    filter_id = lab.filter(Description="the filter")
    rule = lab.rule(
        filter_id,
        RuleNumber=12,
        Protocol=6,
        TrafficDirection="egress",
        RuleAction="reject",
        SourceCidrBlock="10.0.0.0/8",
        DestinationCidrBlock="10.1.0.0/16",
        Description="the rule",
    )
    nic = lab.nic()
    target = lab.target(nic, Description="the target")
    session = lab.session(
        TrafficMirrorTargetId=target,
        TrafficMirrorFilterId=filter_id,
        SessionNumber=12,
        PacketLength=100,
        VirtualNetworkId=1234,
        Description="the session",
    )
    lab.rule(lab.filter())
    lab.session(TrafficMirrorTargetId=lab.balancer_target())
    return {
        "targets": {"TrafficMirrorTargetId": target, "NetworkInterfaceId": nic},
        "filters": {"TrafficMirrorFilterId": filter_id},
        "filter_rules": rule,
        "sessions": session,
    }


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("targets", "description", "the target"),
        ("targets", "network-interface-id", "=NetworkInterfaceId"),
        ("targets", "traffic-mirror-target-id", "=TrafficMirrorTargetId"),
        ("filters", "description", "the filter"),
        ("filters", "traffic-mirror-filter-id", "=TrafficMirrorFilterId"),
        ("filter_rules", "traffic-mirror-filter-rule-id", "=TrafficMirrorFilterRuleId"),
        ("filter_rules", "traffic-mirror-filter-id", "=TrafficMirrorFilterId"),
        ("filter_rules", "rule-number", "12"),
        ("filter_rules", "rule-action", "reject"),
        ("filter_rules", "traffic-direction", "egress"),
        ("filter_rules", "protocol", "6"),
        ("filter_rules", "source-cidr-block", "10.0.0.0/8"),
        ("filter_rules", "destination-cidr-block", "10.1.0.0/16"),
        ("filter_rules", "description", "the rule"),
        ("sessions", "description", "the session"),
        ("sessions", "network-interface-id", "=NetworkInterfaceId"),
        ("sessions", "packet-length", "100"),
        ("sessions", "session-number", "12"),
        ("sessions", "traffic-mirror-filter-id", "=TrafficMirrorFilterId"),
        ("sessions", "traffic-mirror-session-id", "=TrafficMirrorSessionId"),
        ("sessions", "traffic-mirror-target-id", "=TrafficMirrorTargetId"),
        ("sessions", "virtual-network-id", "1234"),
    ],
)
def test_documented_filter_finds_the_one(
    client: Any, world: dict[str, Any], kind: str, name: str, value: str
) -> None:
    """Each documented filter finds only the resource with that value."""
    if value.startswith("="):
        value = world[kind][value[1:]]
    id_key = f"{KINDS[kind][0]}Id"
    assert len(describe(client, kind)) == (3 if kind == "filters" else 2)
    found = describe(client, kind, **where(name, value))
    assert [resource[id_key] for resource in found] == [world[kind][id_key]]


@pytest.mark.usefixtures("world")
def test_filters_that_hold_for_all_find_all(client: Any) -> None:
    """owner-id finds the account's resources, an ARN finds load balancer targets."""
    for kind in ("targets", "sessions"):
        assert len(describe(client, kind, **where("owner-id", "123456789012"))) == 2
        assert describe(client, kind, **where("owner-id", "999999999999")) == []
    found = describe(client, "targets", **where("network-load-balancer-arn", "*/net/*"))
    assert [t["Type"] for t in found] == ["network-load-balancer"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "name", ["name", "Description", "tag:", "tag", "gateway-load-balancer-endpoint-id"]
)
def test_unknown_filter_name_is_refused(lab: Any, kind: str, name: str) -> None:
    """An undocumented filter name is rejected, not ignored."""
    with lab.refused("InvalidParameterValue", f"'{name}'"):
        describe(lab.client, kind, **where(name, "x"))


@pytest.mark.parametrize("kind", KINDS)
def test_filter_limits(lab: Any, kind: str) -> None:
    """No values are rejected, 200 are allowed, 201 are rejected."""
    tag = "tag:x"
    with lab.refused("InvalidParameterValue", tag):
        describe(lab.client, kind, **where(tag))
    values = [str(number) for number in range(201)]
    assert describe(lab.client, kind, **where(tag, *values[:200])) == []
    text = "The maximum number of filter values specified on a single call is 200"
    with lab.refused("FilterLimitExceeded", text):
        describe(lab.client, kind, **where(tag, *values))
    with lab.refused("FilterLimitExceeded", "50"):
        describe(lab.client, kind, Filters=[{"Name": tag, "Values": ["x"]}] * 51)
    assert describe(lab.client, kind, **where(tag, "x" * 255)) == []
    with lab.refused("FilterLimitExceeded", "255"):
        describe(lab.client, kind, **where(tag, "x" * 256))


def test_filters_and_values_or(lab: Any, client: Any) -> None:
    """One value must match, and all filters must match."""
    one, two = lab.filter(Description="one"), lab.filter(Description="two")
    lab.filter()

    def found(*filters: tuple[str, list[str]]) -> list[str]:
        asked = [{"Name": name, "Values": values} for name, values in filters]
        shown = describe(client, "filters", Filters=asked)
        return [f["TrafficMirrorFilterId"] for f in shown]

    by_text = ("description", ["one", "two", "three"])
    assert found(by_text) == [one, two]
    assert found(by_text, ("traffic-mirror-filter-id", [two])) == [two]
    assert found(("description", ["one"]), ("description", ["two"])) == []
    assert found(("description", ["*"])) == [one, two]


@pytest.mark.parametrize(
    ("pattern", "matching"),
    [
        ("web*", {"web-1", "web-22", "web", "web-"}),
        ("web-?", {"web-1"}),
        ("*-*", {"web-1", "web-22", "web-", "a*-b"}),
        (r"a\*-b", {"a*-b"}),
        ("Web*", set()),
        ("eb", set()),
        ("w.b", set()),
    ],
)
def test_wildcards(lab: Any, client: Any, pattern: str, matching: set[str]) -> None:
    """`*`, `?` and the backslash work as in EC2; matches are whole, with case."""
    for text in ("web-1", "web-22", "web", "web-", "a*-b", "mail"):
        lab.filter(Description=text)
    found = describe(client, "filters", **where("description", pattern))
    assert {f["Description"] for f in found} == matching


@settings(max_examples=50)
@given(st.text())
def test_escaped_text_matches_itself_only(text: str) -> None:
    """A pattern with all characters escaped matches exactly its text."""
    pattern = wildcard_pattern("".join(f"\\{char}" for char in text))
    assert pattern.fullmatch(text)
    assert not pattern.fullmatch(f"{text}x")


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("kind", KINDS)
def test_unknown_id(lab: Any, kind: str) -> None:
    """An unknown id is an error, but finds nothing as a filter value."""
    name, prefix = KINDS[kind]
    unknown = f"{prefix}-0123456789abcdef0"
    known = describe(lab.client, kind)[0][f"{name}Id"]
    with lab.refused(f"Invalid{name}Id.NotFound", unknown):
        describe(lab.client, kind, **{f"{name}Ids": [known, unknown]})
    filter_name = re.sub(r"(?<=.)(?=[A-Z])", "-", f"{name}Id").lower()
    assert describe(lab.client, kind, **where(filter_name, unknown)) == []
    assert len(describe(lab.client, kind, **where(filter_name, unknown, known))) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "bad", ["x", "tmt-*", "tmf-0123456789ABCDEF0", "tms-0123456789abcdef01", "eni-1"]
)
def test_malformed_id_is_refused(lab: Any, kind: str, bad: str) -> None:
    """Malformed ids are rejected, in Describe and Delete."""
    name = KINDS[kind][0]
    with lab.refused("InvalidParameterValue", bad):
        describe(lab.client, kind, **{f"{name}Ids": [bad]})
    singular = "filter_rule" if kind == "filter_rules" else kind[:-1]
    delete = getattr(lab.client, f"delete_traffic_mirror_{singular}")
    with lab.refused("InvalidParameterValue", bad):
        delete(**{f"{name}Id": bad})


def test_ids_and_filters_are_both_kept(lab: Any, client: Any) -> None:
    """With ids and filters, both must match; ids may be repeated."""
    one, two = lab.filter(Description="one"), lab.filter(Description="two")
    asked = {"TrafficMirrorFilterIds": [two, one, two]}
    assert len(describe(client, "filters", **asked)) == 2
    (found,) = describe(client, "filters", **asked, **where("description", "two"))
    assert found["TrafficMirrorFilterId"] == two


@pytest.mark.parametrize("kind", ["targets", "filters", "sessions"])
def test_paginator_finds_everything(ec2: Any, lab: Any, kind: str) -> None:
    """boto3's paginators find all in order, with any page size."""
    ec2.settings.quotas.sessions_per_source = ec2.settings.quotas.sources_per_target = (
        20
    )
    filter_id, target = lab.filter(), lab.balancer_target()
    for number, nic in enumerate(lab.nics(7), 1):
        lab.target(lab.detached_nic())
        lab.session(
            NetworkInterfaceId=nic,
            SessionNumber=number,
            TrafficMirrorFilterId=filter_id,
            TrafficMirrorTargetId=target,
        )
        lab.filter()
    whole = describe(lab.client, kind)
    assert len(whole) >= 7
    name = f"describe_traffic_mirror_{kind}"
    paginator = lab.client.get_paginator(name)
    for page_size, asked in ((3, {}), (1, {}), (None, {"PageSize": 5})):
        ec2.settings.page_size = page_size
        ec2.clear_calls()
        pages = list(paginator.paginate(PaginationConfig=asked))
        found = [r for page in pages for r in page[f"{KINDS[kind][0]}s"]]
        assert found == whole
        assert len(ec2.calls) == -(-len(whole) // (page_size or 5))


def test_rules_have_pages_too(ec2: Any, lab: Any) -> None:
    """Rules, which have no paginator, have pages, too."""
    filter_id = lab.filter()
    numbers = [lab.rule(filter_id, RuleNumber=n)["RuleNumber"] for n in range(1, 6)]
    ec2.settings.page_size = 2
    found, asked = [], {}
    while True:
        page = lab.client.describe_traffic_mirror_filter_rules(**asked)
        found += [rule["RuleNumber"] for rule in page["TrafficMirrorFilterRules"]]
        if "NextToken" not in page:
            break
        asked = {"NextToken": page["NextToken"]}
    assert found == numbers


def test_pages_keep_their_place_while_resources_go(ec2: Any, lab: Any) -> None:
    """Deletions between pages don't shift later pages."""
    ids = [lab.filter() for _ in range(4)]
    ec2.settings.page_size = 2
    first = lab.client.describe_traffic_mirror_filters()
    for filter_id in ids[:2]:
        lab.client.delete_traffic_mirror_filter(TrafficMirrorFilterId=filter_id)
    rest = lab.client.describe_traffic_mirror_filters(NextToken=first["NextToken"])
    shown = [f["TrafficMirrorFilterId"] for f in rest["TrafficMirrorFilters"]]
    assert shown == ids[2:]
    assert "NextToken" not in rest


def test_token_is_bound_to_its_question(ec2: Any, lab: Any) -> None:
    """A token is invalid with other filters, operations or regions, or changed."""
    lab.filter(Description="a")
    lab.filter(Description="a")
    ec2.settings.page_size = 1
    by_text = where("description", "a")
    describe_filters = lab.client.describe_traffic_mirror_filters
    token = describe_filters(**by_text)["NextToken"]
    refused = lab.refused
    with refused("InvalidNextToken"):
        describe_filters(NextToken=token)
    with refused("InvalidNextToken"):
        describe_filters(NextToken=token, **where("description", "a*"))
    with refused("InvalidNextToken"):
        unfiltered = describe_filters()["NextToken"]
        lab.client.describe_traffic_mirror_sessions(NextToken=unfiltered)
    with refused("InvalidNextToken"):
        elsewhere = ec2.client(region_name="eu-west-1")
        elsewhere.describe_traffic_mirror_filters(NextToken=token, **by_text)
    for bent in ("bogus", "", token[:-4], token.swapcase(), "\u00e9"):
        with refused("InvalidNextToken"):
            describe_filters(NextToken=bent, **by_text)
    again = describe_filters(NextToken=token, MaxResults=5, **by_text)
    assert len(again["TrafficMirrorFilters"]) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_page_size_limits(lab: Any, kind: str) -> None:
    """MaxResults is 5 to 1000, and can't be combined with ids."""
    with lab.refused("InvalidMaxResults", "1001"):
        describe(lab.client, kind, MaxResults=1001)
    assert describe(lab.client, kind, MaxResults=1000) == []
    name, prefix = KINDS[kind]
    with lab.refused("InvalidParameterCombination", f"{name}Ids"):
        ids = {f"{name}Ids": [f"{prefix}-0123456789abcdef0"]}
        describe(lab.client, kind, MaxResults=5, **ids)


def test_what_is_named_by_id_comes_at_once(ec2: Any, lab: Any) -> None:
    """A request by ids has one page, whatever the default size is."""
    ids = [lab.filter() for _ in range(3)]
    ec2.settings.page_size = 1
    answer = lab.client.describe_traffic_mirror_filters(TrafficMirrorFilterIds=ids)
    assert len(answer["TrafficMirrorFilters"]) == 3
    assert "NextToken" not in answer


def test_a_filter_without_values_can_be_let_through(ec2: Any, lab: Any) -> None:
    """If it is accepted, it finds nothing."""
    lab.filter()
    empty = [{"Name": "traffic-mirror-filter-id", "Values": []}]
    with lab.refused("InvalidParameterValue"):
        lab.client.describe_traffic_mirror_filters(Filters=empty)
    ec2.settings.empty_filters = True

    found = lab.client.describe_traffic_mirror_filters(Filters=empty)

    assert found["TrafficMirrorFilters"] == []
    lab.nic()
    empty = [{"Name": "network-interface-id", "Values": []}]
    others = lab.client.describe_network_interfaces(Filters=empty)
    assert others["NetworkInterfaces"] == []
    lab.filter(TagSpecifications=[{**FILTER_TAGS, "Tags": [{"Key": "k"}]}])
    assert len(lab.client.describe_tags()["Tags"]) == 1
    empty = [{"Name": "key", "Values": []}]
    assert lab.client.describe_tags(Filters=empty)["Tags"] == []


def test_pages_can_be_smaller_than_max_results(ec2: Any, lab: Any) -> None:
    """AWS may return fewer results than MaxResults, with a token for the rest."""
    ids = [lab.filter() for _ in range(7)]
    ec2.settings.page_limit = 3
    ec2.clear_calls()
    paginator = lab.client.get_paginator("describe_traffic_mirror_filters")
    pages = list(paginator.paginate(MaxResults=1000))
    found = [
        each["TrafficMirrorFilterId"]
        for page in pages
        for each in page["TrafficMirrorFilters"]
    ]
    assert found == ids
    assert len(ec2.calls) == 3
