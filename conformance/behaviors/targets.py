"""Traffic mirror targets: destinations, what an answer shows, what is refused."""

from __future__ import annotations

from conformance import pages
from conformance.behavior import documented, seen, unknown
from conformance.kinds import FILTER, NIC, SESSION, TARGET
from conformance.trial import AS_REQUESTED, Trial, compare

_ARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/"
_NO_BALANCER = f"{_ARN}net/absent/0123456789abcdef"
_NO_ENDPOINT = "vpce-0123456789abcdef0"


@documented(pages.CREATE_TARGET, f"network-interface, {AS_REQUESTED}")
def target_on_an_interface(trial: Trial) -> str:
    """The answer shows the type network-interface, the interface, the description."""
    requested = {"NetworkInterfaceId": trial.place.target, "Description": "a probe"}
    target = trial.target(**requested)
    return f"{target['Type']}, {compare(target, requested)}"


@seen(pages.CREATE_TARGET, "network-load-balancer, no NetworkInterfaceId")
def target_on_a_load_balancer(trial: Trial) -> str:
    """A target on a network load balancer has that type, and no NetworkInterfaceId."""
    answer = trial.call(TARGET.create, NetworkLoadBalancerArn=trial.balancer)
    target = answer["TrafficMirrorTarget"]
    absent = "no" if "NetworkInterfaceId" not in target else "a"
    return f"{target['Type']}, {absent} NetworkInterfaceId"


@documented(pages.CREATE_TARGET, "gateway-load-balancer-endpoint")
def target_on_an_endpoint(trial: Trial) -> str:
    """A target may be on a Gateway Load Balancer endpoint."""
    answer = trial.call(TARGET.create, GatewayLoadBalancerEndpointId=trial.endpoint)
    return str(answer["TrafficMirrorTarget"]["Type"])


@seen(pages.CREATE_TARGET, "accepted")
def target_on_a_detached_interface(trial: Trial) -> str:
    """A target can be created on an interface that is not attached yet."""
    nic = trial.nic()[NIC.id]
    return trial.outcome(TARGET.create, NetworkInterfaceId=nic)


@seen(pages.CONSIDERATIONS, "accepted")
def target_of_a_type_that_cannot_be_a_source(trial: Trial) -> str:
    """A target instance may be of a type that cannot be a source, such as t2.micro."""
    nic = trial.machines.run_instance("t2.micro").nic
    target = trial.target(NetworkInterfaceId=nic)
    return trial.try_session(TrafficMirrorTargetId=target[TARGET.id])


@seen(pages.CREATE_TARGET, "tmt-, tmf-, tmfr-, tms-; 17 hex digits")
def ids(trial: Trial) -> str:
    """Ids are tmt-, tmf-, tmfr- and tms- with 17 hex digits."""
    found = [
        trial.target_id,
        trial.filter_id,
        trial.rule()["TrafficMirrorFilterRuleId"],
        trial.session()[SESSION.id],
    ]
    parts = [each.partition("-") for each in found]
    digits = {len(number) for _, _, number in parts}
    prefixes = ", ".join(f"{prefix}-" for prefix, _, _ in parts)
    return f"{prefixes}; {', '.join(map(str, digits))} hex digits"


@seen(pages.CREATE_TARGET, "refused: InvalidParameterCombination")
def target_without_a_destination(trial: Trial) -> str:
    """A target without a destination is refused."""
    return trial.outcome(TARGET.create)


@unknown(pages.CREATE_TARGET)
def target_with_two_destinations(trial: Trial) -> str:
    """A target names an interface and a Gateway Load Balancer endpoint."""
    return trial.outcome(
        TARGET.create,
        NetworkInterfaceId=trial.place.target,
        GatewayLoadBalancerEndpointId=_NO_ENDPOINT,
    )


@unknown(pages.CREATE_TARGET)
def second_target_on_a_load_balancer(trial: Trial) -> str:
    """A network load balancer that has a target gets a second one."""
    destination = {"NetworkLoadBalancerArn": trial.balancer}
    trial.call(TARGET.create, **destination)
    return trial.outcome(TARGET.create, **destination)


@unknown(pages.CREATE_TARGET)
def second_target_on_an_endpoint(trial: Trial) -> str:
    """A Gateway Load Balancer endpoint that has a target gets a second one."""
    destination = {"GatewayLoadBalancerEndpointId": trial.endpoint}
    trial.call(TARGET.create, **destination)
    return trial.outcome(TARGET.create, **destination)


@unknown(pages.CONSIDERATIONS)
def target_on_a_source(trial: Trial) -> str:
    """A network interface that is the source of a session becomes a target."""
    trial.session()
    return trial.outcome(TARGET.create, NetworkInterfaceId=trial.place.source)


@unknown(pages.CREATE_TARGET)
def target_on_a_service_interface(trial: Trial) -> str:
    """An interface that an AWS service manages becomes a target."""
    nic = trial.machines.service_interface("amazon-elb")
    return trial.outcome(TARGET.create, NetworkInterfaceId=nic)


@documented(pages.CONSIDERATIONS, "refused: *")
def target_on_a_nat_gateway(trial: Trial) -> str:
    """A target on an interface of another type is refused, by an undocumented code."""
    nic = trial.machines.service_interface("amazon-aws", "nat_gateway")
    return trial.outcome(TARGET.create, NetworkInterfaceId=nic)


@documented(pages.ERRORS, "refused: InvalidNetworkInterface*NotFound")
def target_on_an_unknown_interface(trial: Trial) -> str:
    """A target on an unknown network interface is refused."""
    return trial.outcome(TARGET.create, NetworkInterfaceId=trial.deleted(NIC))


@documented(pages.ERRORS, "refused: InvalidNetworkInterfaceId.Malformed")
def target_on_a_malformed_interface(trial: Trial) -> str:
    """A target on a malformed network interface id is refused."""
    return trial.outcome(TARGET.create, NetworkInterfaceId="eni-xyz")


@documented(pages.ERRORS, "refused: InvalidNetworkLoadBalancerArn.NotFound")
def target_on_an_unknown_load_balancer(trial: Trial) -> str:
    """A target on an unknown network load balancer is refused."""
    return trial.outcome(TARGET.create, NetworkLoadBalancerArn=_NO_BALANCER)


@documented(pages.ERRORS, "refused: InvalidNetworkLoadBalancerArn.Malformed")
def target_on_a_malformed_load_balancer(trial: Trial) -> str:
    """A target on something that is no ARN is refused."""
    return trial.outcome(TARGET.create, NetworkLoadBalancerArn="balancer")


@documented(pages.ERRORS, "refused: InvalidVpcEndpointId.NotFound")
def target_on_an_unknown_endpoint(trial: Trial) -> str:
    """A target on an unknown endpoint is refused."""
    return trial.outcome(TARGET.create, GatewayLoadBalancerEndpointId=_NO_ENDPOINT)


@documented(pages.ERRORS, "refused: InvalidVpcEndpointId.Malformed")
def target_on_a_malformed_endpoint(trial: Trial) -> str:
    """A target on a malformed endpoint id is refused."""
    return trial.outcome(TARGET.create, GatewayLoadBalancerEndpointId="vpce-xyz")


@documented(pages.TARGETS, "accepted")
def target_of_two_sessions(trial: Trial) -> str:
    """A target can be used by several sessions."""
    trial.session()
    other = trial.filter()[FILTER.id]
    return trial.try_session(SessionNumber=2, TrafficMirrorFilterId=other)


@unknown(pages.CREATE_TARGET)
def long_description(trial: Trial) -> str:
    """A description has 256 characters."""
    return trial.outcome(FILTER.create, Description="x" * 256)
