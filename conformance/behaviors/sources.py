"""The sources, targets and filters of new sessions: how many, and in which state."""

from __future__ import annotations

from conformance import pages
from conformance.behavior import documented, seen, unknown
from conformance.calls import code_of
from conformance.kinds import FILTER, NIC, SESSION, TARGET
from conformance.trial import ACCEPTED, Trial

_UNDOCUMENTED = "refused: *"


@documented(pages.LIMITS, "refused: TrafficMirrorSessionsPerInterfaceLimitExceeded")
def fourth_session_of_a_source(trial: Trial) -> str:
    """A network interface is the source of at most 3 sessions."""
    for number in (1, 2, 3):
        other = trial.filter()[FILTER.id]
        trial.session(SessionNumber=number, TrafficMirrorFilterId=other)
    return trial.try_session(SessionNumber=4)


@documented(
    pages.LIMITS, "refused: TrafficMirrorSourcesPerTargetLimitExceeded, the count 11"
)
def eleventh_source_of_a_target(trial: Trial) -> str:
    """A target on an interface takes 10 sources; the refusal's text has the count."""
    for _ in range(10):
        trial.session(NetworkInterfaceId=trial.machines.run_instance().nic)
    error = trial.refusal(SESSION.create, **trial.session_fields())
    counted = "(11)" in str(error)
    return f"refused: {code_of(error)}, {'the' if counted else 'no'} count 11"


@documented(pages.LIMITS, ACCEPTED)
def eleventh_source_of_a_large_target(trial: Trial) -> str:
    """A target on an instance of the largest types, as m5.24xlarge, takes 100."""
    nic = trial.machines.run_instance("m5.24xlarge").nic
    target = trial.target(NetworkInterfaceId=nic)[TARGET.id]
    return _eleven_sources(trial, target)


@documented(pages.LIMITS, ACCEPTED)
def eleventh_source_of_a_load_balancer(trial: Trial) -> str:
    """A target on a network load balancer takes any number of sources."""
    answer = trial.call(TARGET.create, NetworkLoadBalancerArn=trial.balancer)
    return _eleven_sources(trial, answer[TARGET.member][TARGET.id])


def _eleven_sources(trial: Trial, target: str) -> str:
    to_target = {"TrafficMirrorTargetId": target}
    for _ in range(10):
        nic = trial.machines.run_instance().nic
        trial.session(NetworkInterfaceId=nic, **to_target)
    return trial.try_session(**to_target)


@unknown(pages.CREATE_SESSION)
def sessions_with_equal_target_and_filter(trial: Trial) -> str:
    """A source has two sessions with the same target and filter."""
    trial.session()
    return trial.try_session(SessionNumber=2)


@documented(pages.FILTERS, ACCEPTED)
def filter_of_two_sessions(trial: Trial) -> str:
    """A filter can be used by several sessions."""
    other = trial.machines.run_instance().nic
    trial.session()
    return trial.try_session(NetworkInterfaceId=other)


@documented(pages.CONSIDERATIONS, _UNDOCUMENTED)
def source_is_its_own_target(trial: Trial) -> str:
    """A session from an interface to itself is refused, by an undocumented code."""
    target = trial.target(NetworkInterfaceId=trial.place.source)[TARGET.id]
    return trial.try_session(TrafficMirrorTargetId=target)


@documented(pages.CONSIDERATIONS, _UNDOCUMENTED)
def source_is_a_target(trial: Trial) -> str:
    """An interface that has a target can't be a source; the code is undocumented."""
    trial.target(NetworkInterfaceId=trial.place.source)
    return trial.try_session()


@unknown(pages.CREATE_SESSION)
def source_is_detached(trial: Trial) -> str:
    """The source of a session is an interface that is not attached."""
    return trial.try_session(NetworkInterfaceId=trial.nic()[NIC.id])


@seen(pages.CREATE_SESSION, ACCEPTED)
def source_is_stopped(trial: Trial) -> str:
    """The source of a session may be on an instance that is stopped."""
    instance = trial.machines.run_instance()
    trial.machines.stop(instance)
    return trial.try_session(NetworkInterfaceId=instance.nic)


@unknown(pages.CONSIDERATIONS)
def source_of_a_type_without_mirroring(trial: Trial) -> str:
    """The source of a session is on a t2.micro, whose packets can't be mirrored."""
    nic = trial.machines.run_instance("t2.micro").nic
    return trial.try_session(NetworkInterfaceId=nic)


@documented(pages.CONSIDERATIONS, ACCEPTED)
def source_of_a_database(trial: Trial) -> str:
    """The source of a session may be an interface that Amazon RDS manages."""
    nic = trial.machines.service_interface("amazon-rds")
    return trial.try_session(NetworkInterfaceId=nic)


@seen(pages.CONSIDERATIONS, _UNDOCUMENTED)
def source_is_a_nat_gateway(trial: Trial) -> str:
    """A source that is not of the type interface is refused; the code is unknown."""
    nic = trial.machines.service_interface("amazon-aws", "nat_gateway")
    return trial.try_session(NetworkInterfaceId=nic)


@unknown(pages.CONSIDERATIONS)
def source_of_a_load_balancer(trial: Trial) -> str:
    """The source of a session is an interface that Elastic Load Balancing manages."""
    nic = trial.machines.service_interface("amazon-elb")
    return trial.try_session(NetworkInterfaceId=nic)


@seen(pages.CREATE_SESSION, "refused: InvalidTrafficMirrorTarget")
def target_is_stopped(trial: Trial) -> str:
    """A session to an instance that is not running is refused."""
    instance = trial.machines.run_instance()
    target = trial.target(NetworkInterfaceId=instance.nic)[TARGET.id]
    trial.machines.stop(instance)
    return trial.try_session(TrafficMirrorTargetId=target)


@seen(pages.CREATE_SESSION, "refused: InvalidTrafficMirrorTarget")
def target_is_detached(trial: Trial) -> str:
    """A session to an interface that is not attached is refused."""
    target = trial.target(NetworkInterfaceId=trial.nic()[NIC.id])[TARGET.id]
    return trial.try_session(TrafficMirrorTargetId=target)


@seen(pages.CREATE_SESSION, "refused: InvalidNetworkInterface*NotFound")
def source_is_checked_first(trial: Trial) -> str:
    """If source, target and filter are unknown, the error is about the source."""
    return trial.outcome(
        SESSION.create,
        SessionNumber=1,
        NetworkInterfaceId=trial.deleted(NIC),
        TrafficMirrorTargetId=trial.deleted(TARGET),
        TrafficMirrorFilterId=trial.deleted(FILTER),
    )


@seen(
    pages.ERRORS,
    "refused: InvalidTrafficMirrorTargetId.NotFound",
    "refused: InvalidTrafficMirrorTargetNoFound",
)
def session_to_an_unknown_target(trial: Trial) -> str:
    """A session to an unknown target is refused."""
    return trial.try_session(TrafficMirrorTargetId=trial.deleted(TARGET))


@seen(
    pages.ERRORS,
    "refused: InvalidTrafficMirrorFilterId.NotFound",
    "refused: InvalidTrafficMirrorFilterNotFound",
)
def session_with_an_unknown_filter(trial: Trial) -> str:
    """A session with an unknown filter is refused."""
    return trial.try_session(TrafficMirrorFilterId=trial.deleted(FILTER))
