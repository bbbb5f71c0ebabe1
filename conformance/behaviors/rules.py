"""Rules of traffic mirror filters."""

from __future__ import annotations

from typing import Any

from conformance import pages
from conformance.behavior import documented, seen, unknown
from conformance.kinds import RULE
from conformance.trial import ACCEPTED, AS_REQUESTED, Trial, compare

_ANY_IPV6 = {"SourceCidrBlock": "::/0", "DestinationCidrBlock": "::/0"}
_HTTPS = {"FromPort": 443, "ToPort": 443}
_UNDOCUMENTED = "refused: *"


@documented(pages.CREATE_RULE, AS_REQUESTED)
def rule_with_every_field(trial: Trial) -> str:
    """The answer shows every field of a rule as requested."""
    fields: dict[str, Any] = {
        "TrafficDirection": "egress",
        "RuleNumber": 100,
        "RuleAction": "reject",
        "Protocol": 6,
        "SourceCidrBlock": "10.0.0.0/8",
        "DestinationCidrBlock": "192.0.2.0/24",
        "SourcePortRange": {"FromPort": 0, "ToPort": 65535},
        "DestinationPortRange": _HTTPS,
        "Description": "a probe",
    }
    return compare(trial.rule(**fields), fields)


@seen(pages.CREATE_RULE, "no Protocol")
def rule_for_all_protocols(trial: Trial) -> str:
    """A rule without a protocol is for all protocols, and is shown without one."""
    return "a Protocol" if "Protocol" in trial.rule() else "no Protocol"


@seen(pages.CREATE_RULE, ACCEPTED)
def rule_for_ipv6(trial: Trial) -> str:
    """A rule may be for IPv6."""
    return trial.try_rule(**_ANY_IPV6)


@documented(pages.CREATE_RULE, _UNDOCUMENTED)
def rule_for_both_families(trial: Trial) -> str:
    """CIDRs of different IP versions are refused, by an undocumented code."""
    return trial.try_rule(SourceCidrBlock="10.0.0.0/8", DestinationCidrBlock="::/0")


@documented(pages.CREATE_RULE, ACCEPTED)
def same_number_in_the_other_direction(trial: Trial) -> str:
    """A rule number is unique per direction: ingress 1 and egress 1 coexist."""
    trial.rule()
    return trial.try_rule(TrafficDirection="egress")


@documented(pages.ERRORS, "refused: TrafficMirrorFilterRuleAlreadyExists")
def same_number_in_the_same_direction(trial: Trial) -> str:
    """A second rule with the same number and direction is refused."""
    trial.rule()
    return trial.try_rule(RuleAction="reject")


@documented(pages.LIMITS, "refused: TrafficMirrorFilterRuleLimitExceeded")
def eleventh_rule_of_a_filter(trial: Trial) -> str:
    """A filter has at most 10 rules, of both directions together."""
    for number in range(1, 6):
        trial.rule(RuleNumber=number)
        trial.rule(RuleNumber=number, TrafficDirection="egress")
    return trial.try_rule(RuleNumber=6)


@documented(pages.CREATE_RULE, _UNDOCUMENTED)
def other_rule_action(trial: Trial) -> str:
    """Actions other than accept and reject are refused, by an undocumented code."""
    return trial.try_rule(RuleAction="drop")


@documented(pages.CREATE_RULE, _UNDOCUMENTED)
def other_traffic_direction(trial: Trial) -> str:
    """Directions other than ingress and egress are refused, by an undocumented code."""
    return trial.try_rule(TrafficDirection="both")


@unknown(pages.CREATE_RULE)
def upper_case_enums(trial: Trial) -> str:
    """A rule has the direction INGRESS and the action REJECT, in upper case."""
    return trial.try_rule(TrafficDirection="INGRESS", RuleAction="REJECT")


@unknown(pages.CREATE_RULE)
def rule_number_0(trial: Trial) -> str:
    """A rule has the number 0."""
    return trial.try_rule(RuleNumber=0)


@unknown(pages.CREATE_RULE)
def rule_number_32767(trial: Trial) -> str:
    """A rule has the number 32767, one above the highest session number."""
    return trial.try_rule(RuleNumber=32767)


@unknown(pages.CREATE_RULE)
def rule_with_protocol_minus_1(trial: Trial) -> str:
    """A rule has protocol -1, which means all protocols elsewhere in EC2."""
    return trial.try_rule(Protocol=-1)


@unknown(pages.CREATE_RULE)
def rule_with_protocol_256(trial: Trial) -> str:
    """A rule has protocol 256, which no IP packet can have."""
    return trial.try_rule(Protocol=256)


@unknown(pages.CREATE_RULE)
def malformed_cidr(trial: Trial) -> str:
    """A rule has the CIDR 10.0.0.0/33."""
    return trial.try_rule(SourceCidrBlock="10.0.0.0/33")


@unknown(pages.CREATE_RULE)
def cidr_with_host_bits(trial: Trial) -> str:
    """A rule has the CIDR 192.0.2.1/24, which is not the start of a network."""
    outcome = trial.try_rule(SourceCidrBlock="192.0.2.1/24")
    if outcome != ACCEPTED:
        return outcome
    (rule,) = trial.call(RULE.describe, TrafficMirrorFilterId=trial.filter_id)[
        RULE.members
    ]
    return f"accepted as {rule['SourceCidrBlock']}"


@unknown(pages.CREATE_RULE)
def ports_without_a_protocol(trial: Trial) -> str:
    """A rule for all protocols has ports."""
    return trial.try_rule(DestinationPortRange=_HTTPS)


@unknown(pages.CREATE_RULE)
def ports_of_icmp(trial: Trial) -> str:
    """A rule for ICMP has ports, which only TCP and UDP have."""
    return trial.try_rule(Protocol=1, DestinationPortRange=_HTTPS)


@unknown(pages.CREATE_RULE)
def port_range_without_an_end(trial: Trial) -> str:
    """A port range has a FromPort only."""
    return trial.try_rule(Protocol=6, DestinationPortRange={"FromPort": 443})


@unknown(pages.CREATE_RULE)
def port_range_in_reverse(trial: Trial) -> str:
    """A port range is from 443 to 80."""
    ports = {"FromPort": 443, "ToPort": 80}
    return trial.try_rule(Protocol=6, DestinationPortRange=ports)


@unknown(pages.CREATE_RULE)
def port_65536(trial: Trial) -> str:
    """A port range ends with 65536."""
    ports = {"FromPort": 1, "ToPort": 65536}
    return trial.try_rule(Protocol=6, DestinationPortRange=ports)
