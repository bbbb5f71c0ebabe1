"""Describe calls: ids, filters and pages."""

from __future__ import annotations

from conformance import pages
from conformance.behavior import documented, seen, unknown
from conformance.calls import TAG_KEY
from conformance.kinds import FILTER, MIRRORING, RULE, SESSION, TARGET, Kind
from conformance.trial import Trial

_ALL_FIND_IT = "all find it"


def _names_that_fail(
    trial: Trial, kind: Kind, resource_id: str, filters: dict[str, str]
) -> str:
    """Return which filter names do not find the resource."""
    failing = [
        name
        for name, value in filters.items()
        if not trial.finds(kind, resource_id, (name, value))
    ]
    return f"without effect: {', '.join(failing)}" if failing else _ALL_FIND_IT


@documented(pages.DESCRIBE_TARGETS, _ALL_FIND_IT)
def filters_of_targets(trial: Trial) -> str:
    """The documented filters of targets find a target by its values."""
    target = trial.target(Description=f"probe {trial.calls.run_id}")
    filters = {
        "description": target["Description"],
        "network-interface-id": target["NetworkInterfaceId"],
        "owner-id": target["OwnerId"],
        "traffic-mirror-target-id": target[TARGET.id],
    }
    return _names_that_fail(trial, TARGET, target[TARGET.id], filters)


@documented(pages.DESCRIBE_TARGETS, _ALL_FIND_IT)
def filter_of_targets_by_load_balancer(trial: Trial) -> str:
    """The filter network-load-balancer-arn finds a target."""
    arn = trial.balancer
    target = trial.call(TARGET.create, NetworkLoadBalancerArn=arn)[TARGET.member]
    by_arn = {"network-load-balancer-arn": arn}
    return _names_that_fail(trial, TARGET, target[TARGET.id], by_arn)


@documented(pages.DESCRIBE_FILTERS, _ALL_FIND_IT)
def filters_of_filters(trial: Trial) -> str:
    """The documented filters of filters find a filter by its values."""
    created = trial.filter(Description=f"probe {trial.calls.run_id}")
    filters = {
        "description": created["Description"],
        "traffic-mirror-filter-id": created[FILTER.id],
    }
    return _names_that_fail(trial, FILTER, created[FILTER.id], filters)


@documented(pages.DESCRIBE_RULES, _ALL_FIND_IT)
def filters_of_rules(trial: Trial) -> str:
    """The documented filters of rules find a rule by its values."""
    rule = trial.rule(Protocol=6, RuleNumber=12, Description=trial.calls.run_id)
    filters = {
        "traffic-mirror-filter-rule-id": rule[RULE.id],
        "traffic-mirror-filter-id": trial.filter_id,
        "rule-number": "12",
        "rule-action": "accept",
        "traffic-direction": "ingress",
        "protocol": "6",
        "source-cidr-block": rule["SourceCidrBlock"],
        "destination-cidr-block": rule["DestinationCidrBlock"],
        "description": rule["Description"],
    }
    return _names_that_fail(trial, RULE, rule[RULE.id], filters)


@documented(pages.DESCRIBE_SESSIONS, _ALL_FIND_IT)
def filters_of_sessions(trial: Trial) -> str:
    """The documented filters of sessions find a session, numbers as text."""
    session = trial.session(
        Description=f"probe {trial.calls.run_id}", PacketLength=100, VirtualNetworkId=42
    )
    filters = {
        "description": session["Description"],
        "network-interface-id": trial.place.source,
        "owner-id": session["OwnerId"],
        "packet-length": "100",
        "session-number": "1",
        "traffic-mirror-filter-id": trial.filter_id,
        "traffic-mirror-session-id": session[SESSION.id],
        "traffic-mirror-target-id": trial.target_id,
        "virtual-network-id": "42",
    }
    return _names_that_fail(trial, SESSION, session[SESSION.id], filters)


@documented(pages.FILTER, "none")
def filters_exclude(trial: Trial) -> str:
    """Filters are combined: what one of them excludes is not found."""
    target = trial.target(Description="one")[TARGET.id]
    found = trial.find(
        TARGET, ("traffic-mirror-target-id", target), ("description", "another")
    )
    return "one" if target in found else "none"


@seen(pages.FILTER, "found by tag: target, filter, session")
def filters_by_tag(trial: Trial) -> str:
    """tag:KEY is no documented filter, yet finds targets, filters and sessions."""
    session = trial.session()[SESSION.id]
    tag = (f"tag:{TAG_KEY}", trial.calls.run_id)
    resources = [
        (TARGET, trial.target_id),
        (FILTER, trial.filter_id),
        (SESSION, session),
    ]
    found = [kind.name for kind, each in resources if trial.finds(kind, each, tag)]
    return f"found by tag: {', '.join(found)}"


@unknown(pages.DESCRIBE_RULES)
def filter_of_rules_by_tag(trial: Trial) -> str:
    """Rules are looked up by tag:KEY, which is no documented filter."""
    rule = trial.rule()[RULE.id]
    filters = [{"Name": f"tag:{TAG_KEY}", "Values": [trial.calls.run_id]}]
    outcome = trial.outcome(RULE.describe, Filters=filters)
    if outcome != "accepted":
        return outcome
    found = trial.finds(RULE, rule, (f"tag:{TAG_KEY}", trial.calls.run_id))
    return "found" if found else "not found"


@seen(pages.FILTER, "refused: InvalidParameterValue")
def unknown_filter_name(trial: Trial) -> str:
    """An unknown filter name, such as name, is refused, not ignored."""
    filters = [{"Name": "name", "Values": ["x"]}]
    outcomes = [trial.outcome(kind.describe, Filters=filters) for kind in MIRRORING]
    return ", ".join(dict.fromkeys(outcomes))


@unknown(pages.FILTER)
def filter_without_values(trial: Trial) -> str:
    """A filter has a name and no values."""
    trial.filter()
    filters = [{"Name": "description", "Values": []}]
    outcome = trial.outcome(FILTER.describe, Filters=filters)
    if outcome != "accepted":
        return outcome
    found = trial.call(FILTER.describe, Filters=filters)[FILTER.members]
    return "accepted, finds something" if found else "accepted, finds nothing"


@seen(pages.FILTER, "refused: FilterLimitExceeded")
def filter_with_201_values(trial: Trial) -> str:
    """A call has at most 200 filter values."""
    values = [str(number) for number in range(201)]
    filters = [{"Name": "description", "Values": values}]
    return trial.outcome(FILTER.describe, Filters=filters)


@seen(pages.FILTER, "refused: FilterLimitExceeded")
def filter_value_of_256_characters(trial: Trial) -> str:
    """A filter value has at most 255 characters."""
    filters = [{"Name": "description", "Values": ["x" * 256]}]
    return trial.outcome(FILTER.describe, Filters=filters)


@seen(pages.DESCRIBE_TARGETS, "nothing, 4 times")
def unknown_id_in_a_filter(trial: Trial) -> str:
    """A filter with an unknown id finds nothing, and is no error."""
    empty = 0
    for kind in MIRRORING:
        name = f"{kind.tag_type}-id"
        unknown_id = trial.deleted(kind)
        empty += unknown_id not in trial.find(kind, (name, unknown_id))
    return f"nothing, {empty} times"


@seen(
    pages.ERRORS,
    "target: InvalidTrafficMirrorTargetId.NotFound, "
    "filter: InvalidTrafficMirrorFilterId.NotFound, "
    "session: InvalidTrafficMirrorSessionId.NotFound",
)
def unknown_id(trial: Trial) -> str:
    """A Describe call that names an unknown target, filter or session is refused."""
    codes = []
    for kind in (TARGET, FILTER, SESSION):
        outcome = trial.outcome(kind.describe, **{kind.ids: [trial.deleted(kind)]})
        codes.append(f"{kind.name}: {outcome.replace('refused: ', '')}")
    return ", ".join(codes)


@unknown(pages.DESCRIBE_RULES)
def unknown_id_of_a_rule(trial: Trial) -> str:
    """A Describe call names an unknown rule."""
    return trial.outcome(RULE.describe, **{RULE.ids: [trial.deleted(RULE)]})


@documented(pages.DESCRIBE_RULES, "the filter's own rule")
def rules_of_one_filter(trial: Trial) -> str:
    """DescribeTrafficMirrorFilterRules can be limited to one filter."""
    own = trial.rule()[RULE.id]
    other = trial.filter()[FILTER.id]
    trial.rule(TrafficMirrorFilterId=other)
    trial.finds(RULE, own, ("traffic-mirror-filter-rule-id", own))
    by_filter = trial.call(RULE.describe, TrafficMirrorFilterId=trial.filter_id)
    found = [each[RULE.id] for each in by_filter[RULE.members]]
    return "the filter's own rule" if found == [own] else f"{len(found)} rules"
