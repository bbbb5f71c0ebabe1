"""What the emulator allows for rules of traffic mirror filters."""

from __future__ import annotations

import re
from typing import Any

import pytest

TCP_80 = {"Protocol": 6, "DestinationPortRange": {"FromPort": 80, "ToPort": 80}}


def test_rule_shows_what_it_was_given(lab: Any) -> None:
    """The response shows all fields of a rule, including port 0."""
    filter_id = lab.filter()
    asked = {
        "TrafficDirection": "egress",
        "RuleNumber": 32766,
        "RuleAction": "reject",
        "Protocol": 17,
        "SourcePortRange": {"FromPort": 0, "ToPort": 65535},
        "DestinationPortRange": {"FromPort": 53, "ToPort": 53},
        "SourceCidrBlock": "10.0.0.0/8",
        "DestinationCidrBlock": "192.168.0.124/32",
        "Description": "names",
    }
    made = lab.rule(filter_id, **asked)
    rule_id = made.pop("TrafficMirrorFilterRuleId")
    assert re.fullmatch(r"tmfr-[0-9a-f]{17}", rule_id)
    assert made == {**asked, "TrafficMirrorFilterId": filter_id}


def test_rule_without_options_shows_none(lab: Any) -> None:
    """A rule for all protocols has no Protocol, ports, description or tags."""
    made = lab.rule(lab.filter(), SourceCidrBlock="::/0", DestinationCidrBlock="::/0")
    absent = {"Protocol", "SourcePortRange", "DestinationPortRange", "Tags"}
    assert not absent & set(made)
    assert "Description" not in made


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("TrafficDirection", "inbound", "InvalidParameterValue"),
        ("TrafficDirection", "INGRESS", "InvalidParameterValue"),
        ("RuleAction", "drop", "InvalidParameterValue"),
        ("RuleNumber", 0, "InvalidParameterValue"),
        ("RuleNumber", 32767, "InvalidParameterValue"),
        ("Protocol", -1, "InvalidParameterValue"),
        ("Protocol", 0, "InvalidParameterValue"),
        ("Protocol", 256, "InvalidParameterValue"),
        ("SourceCidrBlock", "192.168.0.124/24", "InvalidParameterValue"),
        ("SourceCidrBlock", "10.0.0.1", "InvalidParameterValue"),
        ("SourceCidrBlock", "10.0.0.0/255.0.0.0", "InvalidParameterValue"),
        ("SourceCidrBlock", "10.0.0.0/33", "InvalidParameterValue"),
        ("SourceCidrBlock", "everywhere/0", "InvalidParameterValue"),
        ("DestinationCidrBlock", "", "InvalidParameterValue"),
        ("DestinationCidrBlock", "::/0", "InvalidParameterCombination"),
        ("Description", "x" * 256, "InvalidParameterValue"),
    ],
)
def test_bad_field_is_refused(lab: Any, field: str, value: Any, code: str) -> None:
    """Each field of a rule has its own limits."""
    filter_id = lab.filter()
    with lab.refused(code):
        lab.rule(filter_id, **{field: value})
    (shown,) = lab.client.describe_traffic_mirror_filters()["TrafficMirrorFilters"]
    assert shown["IngressFilterRules"] == []


@pytest.mark.parametrize("end", ["SourcePortRange", "DestinationPortRange"])
@pytest.mark.parametrize(
    ("protocol", "ports", "code"),
    [
        (None, {"FromPort": 1, "ToPort": 2}, "InvalidParameterCombination"),
        (1, {"FromPort": 1, "ToPort": 2}, "InvalidParameterCombination"),
        (6, {"FromPort": 1}, "InvalidParameterValue"),
        (6, {"ToPort": 1}, "InvalidParameterValue"),
        (6, {"FromPort": 2, "ToPort": 1}, "InvalidParameterValue"),
        (6, {"FromPort": -1, "ToPort": 1}, "InvalidParameterValue"),
        (17, {"FromPort": 1, "ToPort": 65536}, "InvalidParameterValue"),
    ],
)
def test_bad_ports_are_refused(
    lab: Any, end: str, protocol: int | None, ports: dict[str, int], code: str
) -> None:
    """Ports need TCP or UDP, both ends, the right order and range."""
    more = {} if protocol is None else {"Protocol": protocol}
    filter_id = lab.filter()
    with lab.refused(code, end):
        lab.rule(filter_id, **more, **{end: ports})


def test_numbers_are_unique_per_direction_of_a_filter(lab: Any) -> None:
    """A number is unique per filter and direction."""
    filter_id = lab.filter()
    first = lab.rule(filter_id, RuleNumber=5)
    lab.rule(filter_id, RuleNumber=5, TrafficDirection="egress")
    lab.rule(lab.filter(), RuleNumber=5)
    with lab.refused(
        "TrafficMirrorFilterRuleAlreadyExists", first["TrafficMirrorFilterRuleId"]
    ):
        lab.rule(filter_id, RuleNumber=5)


def test_filter_holds_ten_rules_of_both_directions(lab: Any, client: Any) -> None:
    """The eleventh rule of any direction is rejected until one is deleted."""
    filter_id = lab.filter()
    rules = [
        lab.rule(filter_id, RuleNumber=number, TrafficDirection=direction)
        for direction in ("ingress", "egress")
        for number in range(1, 6)
    ]
    for direction in ("ingress", "egress"):
        with lab.refused("TrafficMirrorFilterRuleLimitExceeded", filter_id):
            lab.rule(filter_id, RuleNumber=6, TrafficDirection=direction)
    client.delete_traffic_mirror_filter_rule(
        TrafficMirrorFilterRuleId=rules[0]["TrafficMirrorFilterRuleId"]
    )
    assert lab.rule(filter_id, RuleNumber=6)["RuleNumber"] == 6


def modify(lab: Any, rule: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Modify a rule, and check that Describe agrees with the response."""
    rule_id = rule["TrafficMirrorFilterRuleId"]
    answer = lab.client.modify_traffic_mirror_filter_rule(
        TrafficMirrorFilterRuleId=rule_id, **changes
    )["TrafficMirrorFilterRule"]
    found = lab.client.describe_traffic_mirror_filter_rules(
        TrafficMirrorFilterRuleIds=[rule_id]
    )["TrafficMirrorFilterRules"]
    assert [{k: v for k, v in r.items() if k != "Tags"} for r in found] == [answer]
    return answer


def test_rule_can_be_modified_in_place(lab: Any) -> None:
    """Only the given fields change, even if the filter is in use."""
    filter_id = lab.filter()
    lab.session(TrafficMirrorFilterId=filter_id)
    rule = lab.rule(filter_id)
    changes = {"RuleNumber": 9, "RuleAction": "reject", **TCP_80}
    assert modify(lab, rule, **changes) == {**rule, **changes}


def test_modified_rule_shows_no_tags(lab: Any) -> None:
    """The response of Modify has no tags, but the rule keeps them."""
    tags = [{"Key": "Name", "Value": "r"}]
    specification = {"ResourceType": "traffic-mirror-filter-rule", "Tags": tags}
    rule = lab.rule(lab.filter(), TagSpecifications=[specification])
    assert rule["Tags"] == tags
    assert "Tags" not in modify(lab, rule, RuleNumber=2)
    found = lab.client.describe_traffic_mirror_filter_rules()
    assert found["TrafficMirrorFilterRules"][0]["Tags"] == tags


def test_fields_can_be_removed(lab: Any) -> None:
    """RemoveFields removes protocol, ports and description."""
    rule = lab.rule(lab.filter(), Description="web", **TCP_80)
    removed = ["protocol", "destination-port-range", "description"]
    left = modify(lab, rule, RemoveFields=removed)
    assert set(rule) - set(left) == {*TCP_80, "Description"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "MissingParameter"),
        ({"RuleNumber": 2}, "TrafficMirrorFilterRuleAlreadyExists"),
        ({"RemoveFields": ["protocol"]}, "InvalidParameterCombination"),
        ({"Protocol": 1}, "InvalidParameterCombination"),
        (
            {"SourcePortRange": {"FromPort": 1, "ToPort": 2}},
            "InvalidParameterCombination",
        ),
        (
            {"Protocol": 6, "RemoveFields": ["protocol"]},
            "InvalidParameterCombination",
        ),
        ({"RemoveFields": ["rule-number"]}, "InvalidParameterValue"),
        ({"SourceCidrBlock": "::/0"}, "InvalidParameterCombination"),
    ],
)
def test_bad_modification_changes_nothing(
    lab: Any, client: Any, changes: dict[str, Any], code: str
) -> None:
    """A rejected modification does not change the rule."""
    filter_id = lab.filter()
    rule = lab.rule(filter_id, **TCP_80)
    lab.rule(filter_id, RuleNumber=2)
    with lab.refused(code):
        modify(lab, rule, **changes)
    found = client.describe_traffic_mirror_filter_rules()["TrafficMirrorFilterRules"]
    assert found[0] == rule


def test_rules_of_one_filter_can_be_described(lab: Any, client: Any) -> None:
    """TrafficMirrorFilterId selects the rules of one filter, which must exist."""
    filter_id = lab.filter()
    rule = lab.rule(filter_id)
    lab.rule(lab.filter())
    describe = client.describe_traffic_mirror_filter_rules
    found = describe(TrafficMirrorFilterId=filter_id)["TrafficMirrorFilterRules"]
    assert found == [rule]
    with lab.refused("InvalidTrafficMirrorFilterId.NotFound"):
        describe(TrafficMirrorFilterId="tmf-0123456789abcdef0")


def test_protocol_0_can_mean_all_protocols(ec2: Any, lab: Any, client: Any) -> None:
    """With the setting, protocol 0 is no protocol, also in a modification."""
    filter_id = lab.filter()
    with lab.refused("InvalidParameterValue", "Protocol"):
        lab.rule(filter_id, Protocol=0)
    ec2.settings.protocol_0_is_all = True
    assert "Protocol" not in lab.rule(filter_id, Protocol=0)
    tcp = lab.rule(filter_id, RuleNumber=2, Protocol=6)
    changed = client.modify_traffic_mirror_filter_rule(
        TrafficMirrorFilterRuleId=tcp["TrafficMirrorFilterRuleId"], Protocol=0
    )
    assert "Protocol" not in changed["TrafficMirrorFilterRule"]
    with lab.refused("InvalidParameterCombination", "DestinationPortRange"):
        lab.rule(filter_id, **{**TCP_80, "RuleNumber": 3, "Protocol": 0})
