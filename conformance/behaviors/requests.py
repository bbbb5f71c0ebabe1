"""What all operations have in common: dry runs, tokens, tags, missing parameters."""

from __future__ import annotations

from typing import Any

from conformance import pages
from conformance.behavior import documented, seen, unknown
from conformance.calls import code_of, status_of
from conformance.kinds import FILTER, MIRRORING, RULE, SESSION, TARGET, Kind
from conformance.trial import Trial

_OTHERS_NAME = {"Key": "Name", "Value": "tag test"}


def _tags(kind: Kind, *tags: dict[str, str]) -> list[dict[str, Any]]:
    return [{"ResourceType": kind.tag_type, "Tags": list(tags)}]


@documented(pages.DRY_RUN, "15 refused: DryRunOperation (412)")
def dry_runs(trial: Trial) -> str:
    """A permitted dry run of each of the 15 operations is answered by an error."""
    session, rule = trial.session()[SESSION.id], trial.rule()[RULE.id]
    by_filter = {"TrafficMirrorFilterId": trial.filter_id}
    requests: list[tuple[str, dict[str, Any]]] = [
        (TARGET.create, {"NetworkInterfaceId": trial.place.target}),
        (FILTER.create, {}),
        (RULE.create, trial.rule_fields(RuleNumber=2)),
        (SESSION.create, trial.session_fields(SessionNumber=2)),
        (SESSION.delete, {SESSION.id: session}),
        (RULE.delete, {RULE.id: rule}),
        (FILTER.delete, by_filter),
        (TARGET.delete, {TARGET.id: trial.target_id}),
        *((kind.describe, {}) for kind in MIRRORING),
        ("modify_traffic_mirror_filter_network_services", by_filter),
        ("modify_traffic_mirror_filter_rule", {RULE.id: rule, "RuleNumber": 2}),
        ("modify_traffic_mirror_session", {SESSION.id: session, "SessionNumber": 2}),
    ]
    answers: list[str] = []
    for operation, parameters in requests:
        error = trial.refusal(operation, DryRun=True, **parameters)
        answers.append(f"refused: {code_of(error)} ({status_of(error)})")
    return ", ".join(f"{answers.count(each)} {each}" for each in dict.fromkeys(answers))


@documented(pages.DRY_RUN, "nothing is created or deleted")
def effect_of_dry_runs(trial: Trial) -> str:
    """A dry run changes nothing."""
    description = f"dry {trial.calls.run_id}"
    trial.outcome(FILTER.create, DryRun=True, Description=description)
    trial.outcome(FILTER.delete, DryRun=True, **{FILTER.id: trial.filter_id})
    trial.one(FILTER, trial.filter_id)
    created = trial.find(FILTER, ("description", description))
    return "something is created" if created else "nothing is created or deleted"


@seen(pages.DRY_RUN, "refused: DryRunOperation")
def dry_run_with_missing_parameters(trial: Trial) -> str:
    """A dry run is answered before the check for missing parameters."""
    return trial.outcome(RULE.create, trial.place.unchecked, DryRun=True)


@seen(pages.ERRORS, "refused: MissingParameter")
def missing_parameters(trial: Trial) -> str:
    """A call without its required parameters is refused."""
    return trial.outcome(RULE.create, trial.place.unchecked)


@documented(pages.IDEMPOTENCY, "the same, 4 times")
def repeated_tokens(trial: Trial) -> str:
    """A create call that is repeated with its ClientToken creates nothing new."""
    target, again = _repeat(trial, TARGET, {"NetworkInterfaceId": trial.place.target})
    requests: list[tuple[Kind, dict[str, Any]]] = [
        (FILTER, {}),
        (RULE, trial.rule_fields()),
        (SESSION, trial.session_fields(TrafficMirrorTargetId=target)),
    ]
    pairs = [(target, again), *(_repeat(trial, *request) for request in requests)]
    return f"the same, {sum(first == second for first, second in pairs)} times"


def _repeat(trial: Trial, kind: Kind, fields: dict[str, Any]) -> tuple[str, str]:
    """Make a create call twice with a token; return the ids that were answered."""
    token = f"{trial.calls.run_id}-{kind.prefix}"
    first, second = (
        trial.call(kind.create, ClientToken=token, **fields)[kind.member][kind.id]
        for _ in range(2)
    )
    return first, second


@documented(pages.IDEMPOTENCY, "the token")
def token_in_the_answer(trial: Trial) -> str:
    """The answer to a create call has its ClientToken."""
    token = f"{trial.calls.run_id}-e"
    answer = trial.call(FILTER.create, ClientToken=token)
    return "the token" if answer.get("ClientToken") == token else "no token"


@documented(pages.IDEMPOTENCY, "refused: IdempotentParameterMismatch")
def token_with_other_parameters(trial: Trial) -> str:
    """A ClientToken that is used again with other parameters is refused."""
    token = f"{trial.calls.run_id}-f"
    trial.filter(ClientToken=token)
    return trial.outcome(FILTER.create, ClientToken=token, Description="another")


@unknown(pages.IDEMPOTENCY)
def token_of_65_characters(trial: Trial) -> str:
    """A ClientToken has 65 characters; the documented limit of EC2 is 64."""
    return trial.outcome(FILTER.create, ClientToken=(trial.calls.run_id * 65)[:65])


@documented(pages.TAG_SPECIFICATION, "tagged: target, filter, filter rule, session")
def tags_in_create_calls(trial: Trial) -> str:
    """Each create call accepts tags of its own resource type."""
    tagged = [
        (TARGET, trial.target(TagSpecifications=_tags(TARGET, _OTHERS_NAME))),
        (FILTER, trial.filter(TagSpecifications=_tags(FILTER, _OTHERS_NAME))),
        (RULE, trial.rule(TagSpecifications=_tags(RULE, _OTHERS_NAME))),
    ]
    session = trial.session(
        TrafficMirrorTargetId=tagged[0][1][TARGET.id],
        TagSpecifications=_tags(SESSION, _OTHERS_NAME),
    )
    names = [
        kind.name
        for kind, created in [*tagged, (SESSION, session)]
        if trial.tags_of(created) == [_OTHERS_NAME]
    ]
    return f"tagged: {', '.join(names)}"


@seen(pages.TAG_SPECIFICATION, "refused: InvalidParameterValue")
def tags_of_another_type(trial: Trial) -> str:
    """Tags of another resource type are refused."""
    specifications = _tags(SESSION, _OTHERS_NAME)
    return trial.outcome(FILTER.create, TagSpecifications=specifications)


@documented(pages.TAGS, "tagged later: target, filter, filter rule, session")
def tags_of_existing_resources(trial: Trial) -> str:
    """CreateTags tags all four kinds of resources; DescribeTags knows their types."""
    session, rule = trial.session()[SESSION.id], trial.rule()[RULE.id]
    resources = {
        trial.target_id: TARGET,
        trial.filter_id: FILTER,
        rule: RULE,
        session: SESSION,
    }
    trial.call("create_tags", Resources=[*resources], Tags=[_OTHERS_NAME])
    filters = [
        {"Name": "resource-id", "Values": [*resources]},
        {"Name": "key", "Values": ["Name"]},
    ]
    rows: list[dict[str, str]] = []
    for _ in range(10):
        rows = trial.call("describe_tags", Filters=filters)["Tags"]
        if len(rows) == len(resources):
            break
        trial.calls.wait(0.5)
    types = {row["ResourceId"]: row["ResourceType"] for row in rows}
    names = [
        kind.name
        for each, kind in resources.items()
        if types.get(each) == kind.tag_type
    ]
    return f"tagged later: {', '.join(names)}"


@documented(pages.TAGS, "50: accepted, 51: refused: TagLimitExceeded")
def number_of_tags(trial: Trial) -> str:
    """A resource has at most 50 tags."""
    outcomes = []
    for number in (50, 51):
        # One of them is this run's own tag.
        tags = [{"Key": f"tag {each}", "Value": ""} for each in range(number - 1)]
        outcome = trial.outcome(FILTER.create, TagSpecifications=_tags(FILTER, *tags))
        outcomes.append(f"{number}: {outcome}")
    return ", ".join(outcomes)


@documented(
    pages.TAGS, "refused: InvalidParameterValue", "refused: InvalidTagKey.Malformed"
)
def reserved_tag(trial: Trial) -> str:
    """Tag keys that begin with aws: are refused; both codes are known."""
    reserved = {"Key": "aws:probe", "Value": ""}
    return trial.outcome(FILTER.create, TagSpecifications=_tags(FILTER, reserved))


@seen(pages.AUTHORIZATION, "refused: UnauthorizedOperation, and nothing is created")
def tags_without_permission(trial: Trial) -> str:
    """Without ec2:CreateTags, a create call with tags is refused as a whole."""
    client = trial.machines.client_allowed("ec2:CreateTrafficMirrorFilter")
    description = f"untagged {trial.calls.run_id}"
    outcome = trial.outcome(FILTER.create, client, Description=description)
    found = trial.find(FILTER, ("description", description))
    return f"{outcome}, and {'something' if found else 'nothing'} is created"


@documented(pages.ERRORS, "refused: UnauthorizedOperation, an encoded message")
def missing_permission(trial: Trial) -> str:
    """A call without the permission is refused, with an encoded message."""
    client = trial.machines.client_allowed("ec2:DescribeTrafficMirrorFilters")
    fields = {FILTER.id: trial.filter_id}
    error = trial.refusal(FILTER.delete, client, **fields)
    encoded = "Encoded authorization failure message" in str(error)
    return f"refused: {code_of(error)}, {'an' if encoded else 'no'} encoded message"


@documented(pages.DRY_RUN, "refused: UnauthorizedOperation")
def dry_run_without_permission(trial: Trial) -> str:
    """A dry run without the permission is answered UnauthorizedOperation."""
    client = trial.machines.client_allowed("ec2:DescribeTrafficMirrorFilters")
    fields = {FILTER.id: trial.filter_id}
    return trial.outcome(FILTER.delete, client, DryRun=True, **fields)


@unknown(pages.DRY_RUN)
def dry_run_on_an_unknown_id_without_permission(trial: Trial) -> str:
    """A dry run without the permission names an id that does not exist."""
    client = trial.machines.client_allowed("ec2:DescribeTrafficMirrorFilters")
    fields = {FILTER.id: trial.deleted(FILTER)}
    return trial.outcome(FILTER.delete, client, DryRun=True, **fields)
