"""Eventual consistency: new ids that are not known yet, old uses that still count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator.ec2 import Lag, Lags

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
    ec2.settings.unknown_lag = ec2.settings.creation_lag = Lags.of_all(2)
    new = make(lab, kind, existing)
    for _ in range(2):
        with lab.refused(code, new):
            call(lab.client, existing, new)
    assert call(lab.client, existing, new)


def test_every_new_id_of_one_request_counts(
    ec2: Any, lab: Any, existing: dict[str, Any]
) -> None:
    """A request with two new ids gets NotFound for the first, and counts for both."""
    ec2.settings.unknown_lag = ec2.settings.creation_lag = Lags.of_all(1)
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
    ec2.settings.unknown_lag = ec2.settings.creation_lag = Lags.of_all(2)
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
    ec2.settings.unknown_lag = ec2.settings.creation_lag = Lags.of_all(1)
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
    ec2.settings.unknown_lag = ec2.settings.creation_lag = Lags.of_all(100)
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
    ec2.settings.unknown_lag = ec2.settings.creation_lag = Lags.of_all(1)
    modify = lab.client.modify_traffic_mirror_session
    for number in (2, 3):
        modify(TrafficMirrorSessionId=session, SessionNumber=number)
    assert lab.session_ids() == [session]


def test_target_and_filter_seem_in_use_after_their_session(
    ec2: Any, lab: Any, existing: dict[str, Any]
) -> None:
    """Two deletions of the filter and two of the target get InUse."""
    session = lab.session(**existing)["TrafficMirrorSessionId"]
    ec2.settings.in_use_lag = Lag(2)
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
    ec2.settings.in_use_lag = Lag(1)
    with lab.refused(NO_SESSION):
        lab.client.delete_traffic_mirror_session(
            TrafficMirrorSessionId="tms-0123456789abcdef0"
        )
    filter_id = existing["TrafficMirrorFilterId"]
    assert lab.client.delete_traffic_mirror_filter(TrafficMirrorFilterId=filter_id)


LISTED = {
    "targets": ("Target", "targets"),
    "filters": ("Filter", "filters"),
    "rules": ("FilterRule", "filter_rules"),
    "sessions": ("Session", "sessions"),
}


def listed(lab: Any, kind: str) -> list[str]:
    """Return the ids that a Describe request for all lists."""
    noun, plural = LISTED[kind]
    answer = getattr(lab.client, f"describe_traffic_mirror_{plural}")()
    return [each[f"TrafficMirror{noun}Id"] for each in answer[f"TrafficMirror{noun}s"]]


def delete(lab: Any, kind: str, record_id: str) -> None:
    """Delete a resource of a kind."""
    noun, plural = LISTED[kind]
    call = getattr(lab.client, f"delete_traffic_mirror_{plural[:-1]}")
    call(**{f"TrafficMirror{noun}Id": record_id})


@pytest.mark.parametrize("kind", LISTED)
def test_each_kind_has_its_own_creation_lag(
    ec2: Any, lab: Any, existing: dict[str, Any], kind: str
) -> None:
    """Only the new resource of this kind is not listed yet."""
    setattr(ec2.settings.creation_lag, kind, Lag(1))
    new = {
        each: make(lab, f"TrafficMirror{LISTED[each][0]}Id", existing)
        for each in LISTED
        if each != "sessions"
    }
    new["sessions"] = lab.session(**existing)["TrafficMirrorSessionId"]
    seen = {each: new[each] in listed(lab, each) for each in LISTED}
    assert seen == {each: each != kind for each in LISTED}
    assert new[kind] in listed(lab, kind)


@pytest.mark.parametrize("kind", LISTED)
def test_a_deleted_resource_is_still_shown(
    ec2: Any, lab: Any, existing: dict[str, Any], kind: str
) -> None:
    """Two Describe requests show it, for all or by its id; other kinds don't lag."""
    setattr(ec2.settings.deletion_lag, kind, Lag(2))
    noun, plural = LISTED[kind]
    new = make(lab, f"TrafficMirror{noun}Id", existing)
    delete(lab, kind, new)
    assert new in listed(lab, kind)
    describe = getattr(lab.client, f"describe_traffic_mirror_{plural}")
    shown = describe(**{f"TrafficMirror{noun}Ids": [new]})
    assert len(shown[f"TrafficMirror{noun}s"]) == 1
    assert new not in listed(lab, kind)
    with lab.refused(f"InvalidTrafficMirror{noun}Id.NotFound", new):
        describe(**{f"TrafficMirror{noun}Ids": [new]})
    other = "sessions" if kind != "sessions" else "filters"
    gone = make(lab, f"TrafficMirror{LISTED[other][0]}Id", existing)
    delete(lab, other, gone)
    assert gone not in listed(lab, other)


def test_whoever_changes_a_deleted_resource_is_told(
    ec2: Any, lab: Any, existing: dict[str, Any]
) -> None:
    """Deleting it again, tagging or using it is NotFound, though Describe shows it."""
    ec2.settings.deletion_lag = Lags.of_all(100)
    target = existing["TrafficMirrorTargetId"]
    delete(lab, "targets", target)
    with lab.refused(NO_TARGET, target):
        delete(lab, "targets", target)
    with lab.refused(NO_TARGET, target):
        lab.client.create_tags(Resources=[target], Tags=TAGS)
    with lab.refused(NO_TARGET, target):
        lab.session(**existing)
    assert listed(lab, "targets") == [target]
    assert lab.target(existing.get("nic")) in listed(lab, "targets")


def test_a_deleted_filter_is_shown_with_its_rules(ec2: Any, lab: Any) -> None:
    """Describe shows a deleted filter as it was."""
    ec2.settings.deletion_lag.filters = Lag(1)
    filter_id = lab.filter()
    rule = lab.rule(filter_id)
    delete(lab, "filters", filter_id)
    (shown,) = lab.client.describe_traffic_mirror_filters()["TrafficMirrorFilters"]
    assert shown["IngressFilterRules"] == [rule]
    assert listed(lab, "rules") == listed(lab, "filters") == []


def test_the_deleted_keep_their_place(ec2: Any, lab: Any) -> None:
    """Describe shows deleted resources in the order of creation, on pages, too."""
    ec2.settings.deletion_lag.filters = Lag(3)
    ids = [lab.filter() for _ in range(3)]
    delete(lab, "filters", ids[1])
    ec2.settings.page_size = 1
    pages = lab.client.get_paginator("describe_traffic_mirror_filters").paginate()
    found = [each for page in pages for each in page["TrafficMirrorFilters"]]
    assert [each["TrafficMirrorFilterId"] for each in found] == ids


def test_lags_can_be_times(ec2: Any, lab: Any, existing: dict[str, Any]) -> None:
    """A lag in seconds lasts as long by the clock, however many requests there are."""
    now = [0.0]
    ec2.settings.clock = lambda: now[0]
    ec2.settings.creation_lag.filters = Lag(seconds=5)
    ec2.settings.deletion_lag.sessions = Lag(seconds=3)
    ec2.settings.in_use_lag = Lag(seconds=2)
    session = lab.session(**existing)["TrafficMirrorSessionId"]
    filter_id, target = lab.filter(), existing["TrafficMirrorTargetId"]
    delete(lab, "sessions", session)
    for now[0], known, deleted, free in (
        (0, False, False, False),
        (1.9, False, False, False),
        (2, False, False, True),
        (3, False, True, True),
        (5, True, True, True),
    ):
        assert (filter_id in listed(lab, "filters")) is known
        assert (session not in listed(lab, "sessions")) is deleted
        if not free:
            with lab.refused("TrafficMirrorTargetInUse", session):
                delete(lab, "targets", target)
    delete(lab, "targets", target)


def test_a_lag_can_be_both(ec2: Any, lab: Any) -> None:
    """It lasts until both the requests and the time are over."""
    now = [0.0]
    ec2.settings.clock = lambda: now[0]
    ec2.settings.creation_lag.filters = Lag(requests=2, seconds=5)
    new = lab.filter()
    assert [new in listed(lab, "filters") for _ in range(3)] == [False] * 3
    now[0] = 5
    assert new in listed(lab, "filters")
    second = lab.filter()
    now[0] = 10
    seen = [second in listed(lab, "filters") for _ in range(3)]
    assert seen == [False, False, True]
