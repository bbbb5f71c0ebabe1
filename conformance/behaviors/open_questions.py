"""The three open questions that decide how careful a caller must be."""

from __future__ import annotations

from conformance import pages
from conformance.behavior import unknown
from conformance.kinds import FILTER, SESSION, TARGET
from conformance.trial import Trial


@unknown(pages.CREATE_TARGET)
def second_target_on_an_interface(trial: Trial) -> str:
    """A network interface that has a target gets a second one."""
    trial.target()
    return trial.outcome(TARGET.create, NetworkInterfaceId=trial.place.target)


@unknown(pages.DRY_RUN)
def dry_run_on_an_unknown_id(trial: Trial) -> str:
    """
    A permitted dry run names an id that does not exist.

    If it passes, ids are not looked up in a dry run, and its answer is about
    permissions only.
    """
    unknown_ids = [(kind, trial.deleted(kind)) for kind in (TARGET, FILTER, SESSION)]
    outcomes = [
        trial.outcome(kind.delete, DryRun=True, **{kind.id: unknown_id})
        for kind, unknown_id in unknown_ids
    ]
    return ", ".join(dict.fromkeys(outcomes))


@unknown(pages.CREATE_RULE)
def rule_with_protocol_0(trial: Trial) -> str:
    """A filter rule has protocol 0, which may be refused, HOPOPT, or all protocols."""
    outcome = trial.try_rule(Protocol=0)
    if outcome != "accepted":
        return outcome
    (rule,) = trial.one(FILTER, trial.filter_id)["IngressFilterRules"]
    return f"accepted, shown with protocol {rule.get('Protocol', 'absent')}"
