"""Eventual consistency: new ids that are not known yet, old uses that still count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

NO_TARGET = "InvalidTrafficMirrorTargetId.NotFound"
NO_FILTER = "InvalidTrafficMirrorFilterId.NotFound"
NO_RULE = "InvalidTrafficMirrorFilterRuleId.NotFound"
NO_SESSION = "InvalidTrafficMirrorSessionId.NotFound"
TAGS = [{"Key": "k", "Value": "v"}]


@pytest.fixture
def existing(lab: Any) -> dict[str, Any]:
    """Create the resources that new ones refer to, without propagation."""
    return {
        "NetworkInterfaceId": lab.nic(),
        "TrafficMirrorTargetId": lab.target(),
        "TrafficMirrorFilterId": lab.filter(),
    }


def make(lab: Any, kind: str, existing: dict[str, Any]) -> str:
    """Create a resource of a kind, and return its id."""
    if kind == "TrafficMirrorTargetId":
        return str(lab.target())
    if kind == "TrafficMirrorFilterId":
        return str(lab.filter())
    if kind == "TrafficMirrorFilterRuleId":
        return str(lab.rule(existing["TrafficMirrorFilterId"])[kind])
    return str(lab.session(**existing)[kind])


def session_with(name: str) -> Callable[[Any, dict[str, Any], str], Any]:
    """Return a call that creates a session with a new id."""
    return lambda client, existing, new: client.create_traffic_mirror_session(
        SessionNumber=1, **{**existing, name: new}
    )


def calling(operation: str, name: str, **more: Any) -> Any:
    """Return a call that names a new id in one parameter."""
    plural = name.endswith(("Ids", "Resources"))
    return lambda client, _, new: getattr(client, operation)(
        **{name: [new] if plural else new}, **more
    )


# The kind of the new resource, its NotFound, and a call that names it.
NAMING = [
    (kind, code, call)
    for kind, code, noun in (
        ("TrafficMirrorTargetId", NO_TARGET, "target"),
        ("TrafficMirrorFilterId", NO_FILTER, "filter"),
        ("TrafficMirrorFilterRuleId", NO_RULE, "filter_rule"),
        ("TrafficMirrorSessionId", NO_SESSION, "session"),
    )
    for call in (
        calling(f"delete_traffic_mirror_{noun}", kind),
        calling(f"describe_traffic_mirror_{noun}s", f"{kind}s"),
        calling("create_tags", "Resources", Tags=TAGS),
    )
]
NAMING += [
    ("TrafficMirrorTargetId", NO_TARGET, session_with("TrafficMirrorTargetId")),
    ("TrafficMirrorFilterId", NO_FILTER, session_with("TrafficMirrorFilterId")),
    (
        "TrafficMirrorSessionId",
        NO_SESSION,
        calling(
            "modify_traffic_mirror_session", "TrafficMirrorSessionId", SessionNumber=9
        ),
    ),
    (
        "TrafficMirrorFilterRuleId",
        NO_RULE,
        calling(
            "modify_traffic_mirror_filter_rule",
            "TrafficMirrorFilterRuleId",
            RuleNumber=9,
        ),
    ),
]


@pytest.mark.parametrize(("kind", "code", "call"), NAMING)
def test_a_new_id_can_not_be_named_yet(
    ec2: Any, lab: Any, existing: dict[str, Any], kind: str, code: str, call: Any
) -> None:
    """The next two requests with a new id get NotFound, the third succeeds."""
    ec2.settings.propagation_requests = 2
    new = make(lab, kind, existing)
    for _ in range(2):
        with lab.refused(code, new):
            call(lab.client, existing, new)
    assert call(lab.client, existing, new)


def test_every_new_id_of_one_request_counts(
    ec2: Any, lab: Any, existing: dict[str, Any]
) -> None:
    """A request with two new ids gets NotFound for the first, and counts for both."""
    ec2.settings.propagation_requests = 1
    asked = {
        "NetworkInterfaceId": existing["NetworkInterfaceId"],
        "TrafficMirrorTargetId": lab.target(),
        "TrafficMirrorFilterId": lab.filter(),
    }
    with lab.refused(NO_TARGET):
        lab.session(**asked)
    assert lab.session(**asked)


@pytest.mark.parametrize(
    ("kind", "noun"),
    [
        ("TrafficMirrorTargetId", "Targets"),
        ("TrafficMirrorFilterId", "Filters"),
        ("TrafficMirrorFilterRuleId", "FilterRules"),
        ("TrafficMirrorSessionId", "Sessions"),
    ],
)
def test_a_new_id_is_not_listed_yet(
    ec2: Any, lab: Any, existing: dict[str, Any], kind: str, noun: str
) -> None:
    """The next two requests for all, filtered or not, don't list it."""
    ec2.settings.propagation_requests = 2
    new = make(lab, kind, existing)
    operation = {"FilterRules": "filter_rules"}.get(noun, noun.lower())
    describe = getattr(lab.client, f"describe_traffic_mirror_{operation}")
    named = f"traffic-mirror-{operation.rstrip('s').replace('_', '-')}-id"
    seen = []
    for filters in ([], [{"Name": named, "Values": [new]}], []):
        found = describe(Filters=filters)[f"TrafficMirror{noun}"]
        seen.append(new in [each[kind] for each in found])
    assert seen == [False, False, True]


def test_naming_and_listing_are_counted_apart(ec2: Any, lab: Any) -> None:
    """Requests by name and requests for all are counted separately, per id."""
    ec2.settings.propagation_requests = 1
    describe = lab.client.describe_traffic_mirror_filters
    first = lab.filter()
    assert describe()["TrafficMirrorFilters"] == []
    second = lab.filter()
    (listed,) = describe()["TrafficMirrorFilters"]
    assert listed["TrafficMirrorFilterId"] == first
    for new in (first, second):
        with lab.refused(NO_FILTER, new):
            describe(TrafficMirrorFilterIds=[new])
    found = describe(TrafficMirrorFilterIds=[first, second])["TrafficMirrorFilters"]
    assert len(found) == 2


def test_what_ec2_itself_knows_it_knows_at_once(
    ec2: Any, lab: Any, existing: dict[str, Any]
) -> None:
    """In-use checks, quotas, uniqueness, tokens and rules need no propagation."""
    ec2.settings.propagation_requests = 100
    filter_id = existing["TrafficMirrorFilterId"]
    rule = lab.rule(filter_id, ClientToken="t")
    session = lab.session(**existing)["TrafficMirrorSessionId"]
    with lab.refused("InvalidParameterValue", "already being used", session):
        lab.session(**existing)
    with lab.refused("TrafficMirrorFilterInUse", session):
        lab.client.delete_traffic_mirror_filter(TrafficMirrorFilterId=filter_id)
    with lab.refused("TrafficMirrorFilterRuleAlreadyExists"):
        lab.rule(filter_id)
    assert lab.rule(filter_id, ClientToken="t") == rule
    (shown,) = lab.client.describe_traffic_mirror_filters()["TrafficMirrorFilters"]
    assert shown["IngressFilterRules"][0] == rule
    ec2.settings.quotas.filters = 1
    with lab.refused("TrafficMirrorFilterLimitExceeded"):
        lab.filter()


def test_a_change_makes_nothing_new(
    ec2: Any, lab: Any, existing: dict[str, Any]
) -> None:
    """Modifying a resource does not start its propagation again."""
    session = lab.session(**existing)["TrafficMirrorSessionId"]
    ec2.settings.propagation_requests = 1
    modify = lab.client.modify_traffic_mirror_session
    for number in (2, 3):
        modify(TrafficMirrorSessionId=session, SessionNumber=number)
    assert lab.session_ids() == [session]


def test_target_and_filter_seem_in_use_after_their_session(
    ec2: Any, lab: Any, existing: dict[str, Any]
) -> None:
    """Two deletions of the filter and two of the target get InUse."""
    session = lab.session(**existing)["TrafficMirrorSessionId"]
    ec2.settings.in_use_requests = 2
    lab.client.delete_traffic_mirror_session(TrafficMirrorSessionId=session)
    for noun in ("Target", "Filter"):
        name = f"TrafficMirror{noun}Id"
        delete = getattr(lab.client, f"delete_traffic_mirror_{noun.lower()}")
        for _ in range(2):
            with lab.refused(f"TrafficMirror{noun}InUse", existing[name]):
                delete(**{name: existing[name]})
        assert delete(**{name: existing[name]})


def test_a_session_that_was_not_deleted_leaves_no_use_behind(
    ec2: Any, lab: Any, existing: dict[str, Any]
) -> None:
    """A rejected deletion does not delay later ones."""
    ec2.settings.in_use_requests = 1
    with lab.refused(NO_SESSION):
        lab.client.delete_traffic_mirror_session(
            TrafficMirrorSessionId="tms-0123456789abcdef0"
        )
    filter_id = existing["TrafficMirrorFilterId"]
    assert lab.client.delete_traffic_mirror_filter(TrafficMirrorFilterId=filter_id)
