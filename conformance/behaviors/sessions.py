"""Creating traffic mirror sessions: numbers, lengths, networks, limits."""

from __future__ import annotations

from conformance import pages
from conformance.behavior import documented, seen, unknown
from conformance.kinds import FILTER, TARGET
from conformance.trial import ACCEPTED, AS_REQUESTED, Trial, compare

_UNDOCUMENTED = "refused: *"
_HIGHEST_NETWORK = 2**24 - 1


@documented(pages.CREATE_SESSION, AS_REQUESTED)
def session_with_every_field(trial: Trial) -> str:
    """The answer shows every field of a session as requested."""
    fields = trial.session_fields(
        SessionNumber=5, PacketLength=100, VirtualNetworkId=42, Description="a probe"
    )
    return compare(trial.session(**fields), fields)


@documented(pages.CREATE_SESSION, "two different networks of 24 bits")
def session_without_a_network(trial: Trial) -> str:
    """A session without VirtualNetworkId gets a random one, unique in the account."""
    second = {"SessionNumber": 2, "TrafficMirrorFilterId": trial.filter()[FILTER.id]}
    networks = {
        session["VirtualNetworkId"]
        for session in (trial.session(), trial.session(**second))
    }
    if max(networks) > _HIGHEST_NETWORK:
        return "a network of more than 24 bits"
    return "two different networks of 24 bits" if len(networks) == 2 else "one network"


@seen(pages.CREATE_SESSION, ACCEPTED)
def sessions_with_one_network(trial: Trial) -> str:
    """Two sessions may have the same VirtualNetworkId if it is chosen."""
    trial.session(VirtualNetworkId=42)
    other = trial.filter()[FILTER.id]
    return trial.try_session(
        SessionNumber=2, VirtualNetworkId=42, TrafficMirrorFilterId=other
    )


@documented(pages.CREATE_SESSION, ACCEPTED)
def highest_network(trial: Trial) -> str:
    """A VirtualNetworkId has 24 bits: 16777215 is accepted."""
    return trial.try_session(VirtualNetworkId=_HIGHEST_NETWORK)


@unknown(pages.CREATE_SESSION)
def network_above_24_bits(trial: Trial) -> str:
    """A session has the VirtualNetworkId 16777216, one too high for 24 bits."""
    return trial.try_session(VirtualNetworkId=_HIGHEST_NETWORK + 1)


@unknown(pages.CREATE_SESSION)
def network_0(trial: Trial) -> str:
    """A session has the VirtualNetworkId 0."""
    return trial.try_session(VirtualNetworkId=0)


@documented(pages.CREATE_SESSION, "no PacketLength")
def session_without_a_length(trial: Trial) -> str:
    """A session without PacketLength is shown without one."""
    return "a PacketLength" if "PacketLength" in trial.session() else "no PacketLength"


@documented(pages.CREATE_SESSION, "PacketLength 8500")
def session_to_a_load_balancer_without_a_length(trial: Trial) -> str:
    """A session to a network load balancer has the PacketLength 8500 by default."""
    target = trial.call(TARGET.create, NetworkLoadBalancerArn=trial.balancer)
    target_id = target[TARGET.member][TARGET.id]
    session = trial.session(TrafficMirrorTargetId=target_id)
    return f"PacketLength {session.get('PacketLength', 'absent')}"


@documented(pages.CREATE_SESSION, "1: accepted, 8500: accepted")
def lengths_at_the_limits(trial: Trial) -> str:
    """PacketLength may be from 1 to 8500."""
    lengths = []
    for length in (1, 8500):
        fields = {"SessionNumber": length, "PacketLength": length}
        other = {"TrafficMirrorFilterId": trial.filter()[FILTER.id]}
        lengths.append(f"{length}: {trial.try_session(**fields, **other)}")
    return ", ".join(lengths)


@seen(pages.CREATE_SESSION, ACCEPTED)
def length_below_the_headers(trial: Trial) -> str:
    """AWS's examples have a PacketLength of 20, less than the guide's minimum of 35."""
    return trial.try_session(PacketLength=20)


@documented(pages.CREATE_SESSION, _UNDOCUMENTED)
def length_above_the_limit(trial: Trial) -> str:
    """A PacketLength above 8500 is refused, by an undocumented code."""
    return trial.try_session(PacketLength=8501)


@documented(pages.CREATE_SESSION, _UNDOCUMENTED)
def length_0(trial: Trial) -> str:
    """A PacketLength of 0 is refused, by an undocumented code."""
    return trial.try_session(PacketLength=0)


@documented(pages.CREATE_SESSION, "1: accepted, 32766: accepted")
def session_numbers_at_the_limits(trial: Trial) -> str:
    """Session numbers are from 1 to 32766."""
    outcomes = []
    for number in (1, 32766):
        other = trial.filter()[FILTER.id]
        outcome = trial.try_session(SessionNumber=number, TrafficMirrorFilterId=other)
        outcomes.append(f"{number}: {outcome}")
    return ", ".join(outcomes)


@documented(pages.CREATE_SESSION, _UNDOCUMENTED)
def session_number_0(trial: Trial) -> str:
    """The session number 0 is refused, by an undocumented code."""
    return trial.try_session(SessionNumber=0)


@documented(pages.CREATE_SESSION, _UNDOCUMENTED)
def session_number_32767(trial: Trial) -> str:
    """The session number 32767 is refused, by an undocumented code."""
    return trial.try_session(SessionNumber=32767)


@seen(pages.SESSIONS, _UNDOCUMENTED)
def session_number_in_use(trial: Trial) -> str:
    """A source's session number can't be used twice; the code was not recorded."""
    trial.session()
    return trial.try_session(TrafficMirrorFilterId=trial.filter()[FILTER.id])


@seen(pages.SESSIONS, ACCEPTED)
def session_number_on_another_source(trial: Trial) -> str:
    """Another source may use the same session number."""
    other = trial.machines.run_instance().nic
    trial.session()
    return trial.try_session(NetworkInterfaceId=other)
