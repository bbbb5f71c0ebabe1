"""ModifyTrafficMirrorFilterRule."""

from __future__ import annotations

from typing import Any

from conformance import pages
from conformance.behavior import documented, seen, unknown
from conformance.kinds import RULE
from conformance.trial import ACCEPTED, AS_REQUESTED, Trial, compare

_MODIFY = "modify_traffic_mirror_filter_rule"
_HTTPS = {"FromPort": 443, "ToPort": 443}
_UNDOCUMENTED = "refused: *"


@documented(pages.MODIFY_RULE, f"{AS_REQUESTED}, no Tags")
def rule_is_modified(trial: Trial) -> str:
    """ModifyTrafficMirrorFilterRule changes fields; its answer has no tags."""
    changes: dict[str, Any] = {
        "RuleNumber": 2,
        "RuleAction": "reject",
        "SourceCidrBlock": "10.0.0.0/8",
    }
    rule_id = trial.rule()[RULE.id]
    rule = trial.call(_MODIFY, TrafficMirrorFilterRuleId=rule_id, **changes)[
        RULE.member
    ]
    return f"{compare(rule, changes)}, {'Tags' if rule.get('Tags') else 'no Tags'}"


@documented(pages.MODIFY_RULE, "removed: Description, DestinationPortRange, Protocol")
def fields_of_a_rule_are_removed(trial: Trial) -> str:
    """RemoveFields removes ports, protocol and description of a rule."""
    before = trial.rule(Protocol=6, DestinationPortRange=_HTTPS, Description="a probe")
    removals = ["destination-port-range", "protocol", "description"]
    after = trial.call(
        _MODIFY, TrafficMirrorFilterRuleId=before[RULE.id], RemoveFields=removals
    )[RULE.member]
    gone = {*before} - {*after} - {"Tags"}
    return f"removed: {', '.join(sorted(gone))}"


@seen(pages.MODIFY_RULE, _UNDOCUMENTED)
def ports_are_added_without_the_protocol(trial: Trial) -> str:
    """Adding ports to a TCP rule is refused unless the request has the protocol."""
    rule = trial.rule(Protocol=6)[RULE.id]
    return trial.outcome(
        _MODIFY, TrafficMirrorFilterRuleId=rule, DestinationPortRange=_HTTPS
    )


@seen(pages.MODIFY_RULE, ACCEPTED)
def ports_are_added_with_the_protocol(trial: Trial) -> str:
    """Adding ports to a TCP rule is accepted if the request has the protocol."""
    rule = {"TrafficMirrorFilterRuleId": trial.rule(Protocol=6)[RULE.id]}
    return trial.outcome(_MODIFY, Protocol=6, DestinationPortRange=_HTTPS, **rule)


@unknown(pages.MODIFY_RULE)
def field_of_a_rule_is_set_and_removed(trial: Trial) -> str:
    """ModifyTrafficMirrorFilterRule both sets and removes the description."""
    rule = {"TrafficMirrorFilterRuleId": trial.rule()[RULE.id]}
    return trial.outcome(
        _MODIFY, Description="a probe", RemoveFields=["description"], **rule
    )


@unknown(pages.MODIFY_RULE)
def rule_is_modified_by_nothing(trial: Trial) -> str:
    """ModifyTrafficMirrorFilterRule names a rule and no change."""
    return trial.outcome(_MODIFY, TrafficMirrorFilterRuleId=trial.rule()[RULE.id])
