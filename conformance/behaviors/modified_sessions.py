"""ModifyTrafficMirrorSession."""

from __future__ import annotations

from conformance import pages
from conformance.behavior import documented, seen, unknown
from conformance.kinds import FILTER, SESSION, TARGET
from conformance.trial import ACCEPTED, AS_REQUESTED, Trial, compare

_MODIFY = "modify_traffic_mirror_session"


@documented(pages.MODIFY_SESSION, AS_REQUESTED)
def session_is_modified(trial: Trial) -> str:
    """Filter, number, length, network and description of a session can be changed."""
    session = trial.session()
    changes = {
        "TrafficMirrorFilterId": trial.filter()[FILTER.id],
        "SessionNumber": 7,
        "PacketLength": 200,
        "VirtualNetworkId": 43,
        "Description": "a probe",
    }
    trial.call(_MODIFY, TrafficMirrorSessionId=session[SESSION.id], **changes)
    return compare(trial.one(SESSION, session[SESSION.id]), changes)


@seen(pages.MODIFY_SESSION, "the same session with the other target")
def target_of_a_session_is_changed(trial: Trial) -> str:
    """The target can be changed; the session keeps its id."""
    session = trial.session()[SESSION.id]
    nic = trial.machines.run_instance().nic
    other = trial.target(NetworkInterfaceId=nic)[TARGET.id]
    changed = trial.call(
        _MODIFY, TrafficMirrorSessionId=session, TrafficMirrorTargetId=other
    )[SESSION.member]
    which = "the same" if changed[SESSION.id] == session else "another"
    whose = "other" if changed[TARGET.id] == other else "old"
    return f"{which} session with the {whose} target"


@documented(pages.MODIFY_SESSION, "no Description, no PacketLength, another network")
def fields_of_a_session_are_removed(trial: Trial) -> str:
    """RemoveFields removes length and description, and makes the network random."""
    session = trial.session(
        PacketLength=100, VirtualNetworkId=42, Description="a probe"
    )
    removals = ["packet-length", "description", "virtual-network-id"]
    trial.call(
        _MODIFY, TrafficMirrorSessionId=session[SESSION.id], RemoveFields=removals
    )
    shown = trial.one(SESSION, session[SESSION.id])
    words = [
        f"{'a' if name in shown else 'no'} {name}"
        for name in ("Description", "PacketLength")
    ]
    network = "the same" if shown.get("VirtualNetworkId") == 42 else "another"
    return ", ".join([*words, f"{network} network"])


@seen(pages.MODIFY_SESSION, "refused: *")
def session_gets_a_number_in_use(trial: Trial) -> str:
    """A session can't get the number of another session of its source."""
    trial.session()
    other = trial.filter()[FILTER.id]
    second = trial.session(SessionNumber=2, TrafficMirrorFilterId=other)[SESSION.id]
    return trial.outcome(_MODIFY, TrafficMirrorSessionId=second, SessionNumber=1)


@unknown(pages.MODIFY_SESSION)
def session_keeps_its_number(trial: Trial) -> str:
    """ModifyTrafficMirrorSession sets the number that the session has already."""
    session = trial.session()[SESSION.id]
    return trial.outcome(_MODIFY, TrafficMirrorSessionId=session, SessionNumber=1)


@unknown(pages.MODIFY_SESSION)
def field_of_a_session_is_set_and_removed(trial: Trial) -> str:
    """ModifyTrafficMirrorSession both sets and removes the description."""
    session = trial.session()[SESSION.id]
    return trial.outcome(
        _MODIFY,
        TrafficMirrorSessionId=session,
        Description="a probe",
        RemoveFields=["description"],
    )


@unknown(pages.MODIFY_SESSION)
def session_is_modified_by_nothing(trial: Trial) -> str:
    """ModifyTrafficMirrorSession names a session and no change."""
    session = trial.session()[SESSION.id]
    return trial.outcome(_MODIFY, TrafficMirrorSessionId=session)


@documented(pages.TARGETS, ACCEPTED)
def target_with_a_deleted_interface_is_replaced(trial: Trial) -> str:
    """A session whose target's interface was deleted can get another target."""
    instance = trial.machines.run_instance()
    target = trial.target(NetworkInterfaceId=instance.nic)[TARGET.id]
    session = trial.session(TrafficMirrorTargetId=target)[SESSION.id]
    trial.machines.terminate(instance)
    other = trial.target()[TARGET.id]
    return trial.outcome(
        _MODIFY, TrafficMirrorSessionId=session, TrafficMirrorTargetId=other
    )
