"""Traffic mirror filters and their network services."""

from __future__ import annotations

from conformance import pages
from conformance.behavior import documented, seen, unknown
from conformance.kinds import FILTER, RULE
from conformance.trial import Trial

_SERVICES = "modify_traffic_mirror_filter_network_services"


@documented(pages.FILTERS, "no rules, no network services")
def new_filter(trial: Trial) -> str:
    """A new filter has no rules and no network services, and so mirrors nothing."""
    shown = trial.one(FILTER, trial.filter_id)
    rules = shown["IngressFilterRules"] + shown["EgressFilterRules"]
    amounts = {"rules": rules, "network services": shown["NetworkServices"]}
    return ", ".join(f"{len(found) or 'no'} {what}" for what, found in amounts.items())


@seen(pages.DESCRIBE_FILTERS, "1 ingress, 2 egress")
def rules_in_a_filter(trial: Trial) -> str:
    """Describe shows a filter with its rules, by direction."""
    trial.rule()
    for number in (1, 2):
        trial.rule(TrafficDirection="egress", RuleNumber=number)
    shown = trial.one(FILTER, trial.filter_id)
    ingress, egress = shown["IngressFilterRules"], shown["EgressFilterRules"]
    return f"{len(ingress)} ingress, {len(egress)} egress"


@seen(pages.DESCRIBE_FILTERS, "no Description, no Protocol, no ports")
def absent_values(trial: Trial) -> str:
    """An answer has no member for what has no value."""
    trial.rule()
    shown = trial.one(FILTER, trial.filter_id)
    rule = shown["IngressFilterRules"][0]
    present = {*shown, *rule}
    members = {
        "Description": "Description",
        "Protocol": "Protocol",
        "SourcePortRange": "ports",
    }
    return ", ".join(
        f"{'a' if member in present else 'no'} {name}"
        for member, name in members.items()
    )


@documented(pages.MODIFY_SERVICES, "amazon-dns, then none")
def network_services(trial: Trial) -> str:
    """The network service amazon-dns can be added and removed; the filter answers."""
    asked = {"TrafficMirrorFilterId": trial.filter_id}
    added = trial.call(_SERVICES, AddNetworkServices=["amazon-dns"], **asked)
    services = added["TrafficMirrorFilter"]["NetworkServices"]
    trial.call(_SERVICES, RemoveNetworkServices=["amazon-dns"], **asked)
    left = trial.one(FILTER, trial.filter_id)["NetworkServices"]
    return f"{', '.join(services)}, then {', '.join(left) or 'none'}"


@documented(pages.MODIFY_SERVICES, "refused: *")
def other_network_service(trial: Trial) -> str:
    """Network services other than amazon-dns are refused, by an undocumented code."""
    return trial.outcome(
        _SERVICES,
        TrafficMirrorFilterId=trial.filter_id,
        AddNetworkServices=["amazon-ntp"],
    )


@unknown(pages.MODIFY_SERVICES)
def network_services_unchanged(trial: Trial) -> str:
    """ModifyTrafficMirrorFilterNetworkServices neither adds nor removes anything."""
    return trial.outcome(_SERVICES, TrafficMirrorFilterId=trial.filter_id)


@unknown(pages.MODIFY_SERVICES)
def network_service_added_and_removed(trial: Trial) -> str:
    """A network service is both added and removed."""
    services = ["amazon-dns"]
    return trial.outcome(
        _SERVICES,
        TrafficMirrorFilterId=trial.filter_id,
        AddNetworkServices=services,
        RemoveNetworkServices=services,
    )


@documented(
    pages.ERRORS,
    "refused: InvalidTrafficMirrorFilterId.NotFound",
    "refused: InvalidTrafficMirrorFilterNotFound",
)
def rule_of_an_unknown_filter(trial: Trial) -> str:
    """A rule of an unknown filter is refused."""
    unknown_filter = trial.deleted(FILTER)
    return trial.try_rule(TrafficMirrorFilterId=unknown_filter)


@seen(pages.DELETE_FILTER, "the rule is gone")
def filter_with_rules_is_deleted(trial: Trial) -> str:
    """A filter that has rules can be deleted, and its rules with it."""
    rule = trial.rule()[RULE.id]
    trial.delete(FILTER, trial.filter_id)
    gone = trial.outcome(RULE.delete, **{RULE.id: rule})
    return "the rule is gone" if "NotFound" in gone else gone


@seen(pages.FILTERS, "accepted")
def rule_of_a_filter_in_use_changes(trial: Trial) -> str:
    """The rules of a filter can be added, changed and deleted while it is in use."""
    trial.session()
    rule = trial.rule()[RULE.id]
    modify = "modify_traffic_mirror_filter_rule"
    changed = trial.outcome(modify, RuleNumber=2, **{RULE.id: rule})
    trial.delete(RULE, rule)
    return changed
