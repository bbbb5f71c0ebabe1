"""Deleting: what is refused, what goes with it, and when."""

from __future__ import annotations

from conformance import pages
from conformance.behavior import documented, seen, unknown
from conformance.calls import code_of, status_of
from conformance.kinds import FILTER, MIRRORING, RULE, SESSION, TARGET, Kind
from conformance.trial import Trial


@seen(pages.DELETE_TARGET, "refused: TrafficMirrorTargetInUse (400)")
def target_in_use(trial: Trial) -> str:
    """A target that a session uses can't be deleted."""
    trial.session()
    error = trial.refusal(TARGET.delete, TrafficMirrorTargetId=trial.target_id)
    return f"refused: {code_of(error)} ({status_of(error)})"


@seen(pages.ERRORS, "Cannot delete TARGET. Target is in use by SESSION")
def text_for_a_target_in_use(trial: Trial) -> str:
    """The refusal to delete a target names the sessions that use it."""
    session = trial.session()[SESSION.id]
    error = trial.refusal(TARGET.delete, TrafficMirrorTargetId=trial.target_id)
    text = str(error.response["Error"]["Message"])
    return text.replace(trial.target_id, "TARGET").replace(session, "SESSION")


@documented(pages.ERRORS, "refused: TrafficMirrorFilterInUse")
def filter_in_use(trial: Trial) -> str:
    """A filter that a session uses can't be deleted."""
    trial.session()
    return trial.outcome(FILTER.delete, TrafficMirrorFilterId=trial.filter_id)


@seen(pages.DELETE_SESSION, "target and filter are still there")
def session_is_deleted(trial: Trial) -> str:
    """Deleting a session deletes neither its target nor its filter."""
    trial.delete(SESSION, trial.session()[SESSION.id])
    trial.one(TARGET, trial.target_id)
    trial.one(FILTER, trial.filter_id)
    return "target and filter are still there"


@documented(pages.DELETE_SESSION, "the id, 4 times")
def answers_to_deletions(trial: Trial) -> str:
    """The answer to each deletion is the id of what was deleted."""
    session, rule = trial.session()[SESSION.id], trial.rule()[RULE.id]
    deletions: list[tuple[Kind, str]] = [
        (SESSION, session),
        (RULE, rule),
        (FILTER, trial.filter_id),
        (TARGET, trial.target_id),
    ]
    answered = 0
    for kind, resource_id in deletions:
        answer = trial.call(kind.delete, **{kind.id: resource_id})
        answer.pop("ResponseMetadata")
        answered += answer == {kind.id: resource_id}
    return f"the id, {answered} times"


@unknown(pages.CONSISTENCY)
def deletion_right_after_the_session(trial: Trial) -> str:
    """Target and filter are deleted right after their session, without a pause."""
    trial.delete(SESSION, trial.session()[SESSION.id])
    outcomes = [
        trial.outcome(FILTER.delete, TrafficMirrorFilterId=trial.filter_id),
        trial.outcome(TARGET.delete, TrafficMirrorTargetId=trial.target_id),
    ]
    return ", ".join(dict.fromkeys(outcomes))


@seen(
    pages.ERRORS,
    "target: InvalidTrafficMirrorTargetId.NotFound, "
    "filter: InvalidTrafficMirrorFilterId.NotFound, "
    "filter rule: InvalidTrafficMirrorFilterRuleId.NotFound, "
    "session: InvalidTrafficMirrorSessionId.NotFound",
)
def second_deletion(trial: Trial) -> str:
    """What is deleted can't be deleted again; the codes are not the documented ones."""
    codes = []
    for kind in MIRRORING:
        outcome = trial.outcome(kind.delete, **{kind.id: trial.deleted(kind)})
        codes.append(f"{kind.name}: {outcome.replace('refused: ', '')}")
    return ", ".join(codes)


@seen(pages.ERRORS, "refused: InvalidParameterValue")
def deletion_of_a_malformed_id(trial: Trial) -> str:
    """A malformed id of any of the four kinds is refused."""
    outcomes = [
        trial.outcome(kind.delete, **{kind.id: f"{kind.prefix}-xyz"})
        for kind in MIRRORING
    ]
    return ", ".join(dict.fromkeys(outcomes))


@documented(pages.CONSIDERATIONS, "no session, but target and filter")
def source_is_terminated(trial: Trial) -> str:
    """If the source's interface is deleted, so is the session, but nothing else."""
    instance = trial.machines.run_instance()
    session = trial.session(NetworkInterfaceId=instance.nic)[SESSION.id]
    trial.machines.terminate(instance)
    trial.calls.forget(session)
    trial.one(TARGET, trial.target_id)
    trial.one(FILTER, trial.filter_id)
    left = trial.find(SESSION, ("traffic-mirror-session-id", session))
    return f"{'a' if left else 'no'} session, but target and filter"


@documented(pages.TARGETS, "session and target are still there")
def target_is_terminated(trial: Trial) -> str:
    """If the target's interface is deleted, session and target stay."""
    instance = trial.machines.run_instance()
    target = trial.target(NetworkInterfaceId=instance.nic)[TARGET.id]
    session = trial.session(TrafficMirrorTargetId=target)[SESSION.id]
    trial.machines.terminate(instance)
    trial.one(TARGET, target)
    trial.one(SESSION, session)
    return "session and target are still there"


@documented(pages.CONSIDERATIONS, "the session is still there")
def source_is_stopped_later(trial: Trial) -> str:
    """If the source's instance is stopped, the session stays, and is billed."""
    instance = trial.machines.run_instance()
    session = trial.session(NetworkInterfaceId=instance.nic)[SESSION.id]
    trial.machines.stop(instance)
    trial.one(SESSION, session)
    return "the session is still there"
