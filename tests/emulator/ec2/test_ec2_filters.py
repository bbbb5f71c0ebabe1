"""What the emulator allows for traffic mirror filters."""

from __future__ import annotations

import re
from typing import Any


def test_new_filter_is_empty(client: Any) -> None:
    """A new filter has empty lists, and by default no description."""
    made = client.create_traffic_mirror_filter()["TrafficMirrorFilter"]
    filter_id = made.pop("TrafficMirrorFilterId")
    assert re.fullmatch(r"tmf-[0-9a-f]{17}", filter_id)
    assert made == {
        "IngressFilterRules": [],
        "EgressFilterRules": [],
        "NetworkServices": [],
        "Tags": [],
    }


def test_description_survives_the_wire(client: Any) -> None:
    """Markup and other alphabets in a text are returned unchanged."""
    text = "a < b & 'c' \u00e4\u05d0"
    client.create_traffic_mirror_filter(Description=text)
    found = client.describe_traffic_mirror_filters()["TrafficMirrorFilters"]
    assert [f["Description"] for f in found] == [text]


def test_filter_shows_its_rules_by_direction_and_number(lab: Any, client: Any) -> None:
    """A filter shows its rules, sorted by number in each direction."""
    filter_id, other = lab.filter(), lab.filter()
    lab.rule(other, RuleNumber=7)
    second = lab.rule(filter_id, RuleNumber=20)
    first = lab.rule(filter_id, RuleNumber=10)
    leaving = lab.rule(filter_id, RuleNumber=10, TrafficDirection="egress")
    found = client.describe_traffic_mirror_filters(TrafficMirrorFilterIds=[filter_id])
    (shown,) = found["TrafficMirrorFilters"]
    assert shown["IngressFilterRules"] == [first, second]
    assert shown["EgressFilterRules"] == [leaving]


def test_deleting_a_filter_deletes_its_rules(lab: Any, client: Any) -> None:
    """The rules of a deleted filter are deleted, but no others."""
    filter_id, other = lab.filter(), lab.filter()
    rule, kept = lab.rule(filter_id), lab.rule(other)
    deleted = client.delete_traffic_mirror_filter(TrafficMirrorFilterId=filter_id)
    assert deleted["TrafficMirrorFilterId"] == filter_id
    with lab.refused("InvalidTrafficMirrorFilterRuleId.NotFound"):
        client.delete_traffic_mirror_filter_rule(
            TrafficMirrorFilterRuleId=rule["TrafficMirrorFilterRuleId"]
        )
    left = client.describe_traffic_mirror_filter_rules()["TrafficMirrorFilterRules"]
    assert left == [kept]


def test_used_filter_cannot_be_deleted(lab: Any, client: Any) -> None:
    """A filter in use is not deleted; the error names the sessions."""
    session = lab.session()
    filter_id = session["TrafficMirrorFilterId"]
    rule = lab.rule(filter_id)
    with lab.refused(
        "TrafficMirrorFilterInUse", filter_id, session["TrafficMirrorSessionId"]
    ):
        client.delete_traffic_mirror_filter(TrafficMirrorFilterId=filter_id)
    (shown,) = client.describe_traffic_mirror_filters()["TrafficMirrorFilters"]
    assert shown["IngressFilterRules"] == [rule]


def test_network_services_come_and_go(lab: Any, client: Any) -> None:
    """amazon-dns can be added, even twice, and removed."""
    filter_id = lab.filter()
    for _ in range(2):
        modified = client.modify_traffic_mirror_filter_network_services(
            TrafficMirrorFilterId=filter_id, AddNetworkServices=["amazon-dns"]
        )
        assert modified["TrafficMirrorFilter"]["NetworkServices"] == ["amazon-dns"]
    client.modify_traffic_mirror_filter_network_services(
        TrafficMirrorFilterId=filter_id, RemoveNetworkServices=["amazon-dns"]
    )
    (shown,) = client.describe_traffic_mirror_filters()["TrafficMirrorFilters"]
    assert shown["NetworkServices"] == []


def test_bad_network_services_are_refused(lab: Any, client: Any) -> None:
    """Unknown services, contradictions and empty changes are rejected."""
    modify = client.modify_traffic_mirror_filter_network_services
    asked = {"TrafficMirrorFilterId": lab.filter()}
    dns = ["amazon-dns"]
    with lab.refused("InvalidParameterValue", "amazon-ntp"):
        modify(**asked, AddNetworkServices=["amazon-ntp"])
    with lab.refused("InvalidParameterCombination", "amazon-dns"):
        modify(**asked, AddNetworkServices=dns, RemoveNetworkServices=dns)
    with lab.refused("MissingParameter"):
        modify(**asked)
    with lab.refused("InvalidTrafficMirrorFilterId.NotFound"):
        modify(TrafficMirrorFilterId="tmf-0123456789abcdef0", AddNetworkServices=dns)


def test_account_holds_a_limited_number_of_filters(ec2: Any, lab: Any) -> None:
    """The quota counts existing filters, not deleted ones."""
    ec2.settings.quotas.filters = 1
    first = lab.filter()
    with lab.refused("TrafficMirrorFilterLimitExceeded"):
        lab.filter()
    lab.client.delete_traffic_mirror_filter(TrafficMirrorFilterId=first)
    assert lab.filter() != first
