"""The optional fields that the vendor's page doesn't have reach EC2."""

from __future__ import annotations

import pytest

from emulator.faults import Fault
from tests.scenario.conftest import EMPTY, create_mirrors
from tests.scenario.ec2_resources import (
    create_endpoint,
    create_load_balancer,
)

TAGS = {"Cost center": "12", "team": "red"}


def only(items):
    """Return the only item."""
    (item,) = items
    return item


def tags_of(resource):
    """Return the tags of a resource in EC2."""
    return {tag["Key"]: tag["Value"] for tag in resource["Tags"]}


def test_the_sessions_options_reach_ec2(world):
    """The session has the packet length, VXLAN network and description."""
    create_mirrors(
        world,
        world.mirror(
            packetLength="96", virtualNetworkId=4711, description="web, headers only"
        ),
    )

    session = only(world.sessions)
    assert session["PacketLength"] == 96
    assert session["VirtualNetworkId"] == 4711
    assert session["Description"] == "web, headers only"


def test_without_options_the_session_has_ec2s_defaults(world):
    """The whole packet is mirrored, and EC2 chooses the VXLAN network."""
    create_mirrors(world, world.mirror())

    session = only(world.sessions)
    assert "PacketLength" not in session
    assert session["VirtualNetworkId"] > 0
    assert session["Description"] == f"1_{world.nic('web')}_{world.nic('capture')}"


def test_rules_can_reject_and_have_descriptions(world):
    """Rule numbers, actions and descriptions are those of the request."""
    create_mirrors(
        world,
        world.mirror(
            filterRules=[
                {
                    "direction": "egress",
                    "protocol": "tcp",
                    "destinationPortRange": {"fromPort": 22, "toPort": 22},
                    "ruleAction": "Reject",
                    "description": "no ssh",
                },
                {"direction": "egress", "protocol": "tcp"},
            ]
        ),
    )

    first, second = only(world.filters)["EgressFilterRules"]
    assert (first["RuleNumber"], first["RuleAction"]) == (1, "reject")
    assert first["Description"] == "no ssh"
    assert (second["RuleNumber"], second["RuleAction"]) == (2, "accept")
    assert "Description" not in second


def test_ipv6_rules_reach_ec2(world):
    """A missing CIDR means every address of the other CIDR's family."""
    create_mirrors(
        world,
        world.mirror(
            filterRules=[
                {
                    "direction": "ingress",
                    "protocol": "udp",
                    "sourceCidr": "2001:db8::1/64",
                }
            ]
        ),
    )

    rule = only(only(world.filters)["IngressFilterRules"])
    assert rule["SourceCidrBlock"] == "2001:db8::/64"
    assert rule["DestinationCidrBlock"] == "::/0"


def test_dns_can_be_mirrored(world):
    """The filter mirrors traffic to the VPC resolver, which rules can't do."""
    create_mirrors(
        world, world.mirror(networkServices=["amazon-dns"]), world.mirror("db")
    )

    services = {
        tags_of(each)["Name"].split("_")[1]: each["NetworkServices"]
        for each in world.filters
    }
    assert services == {world.nic("web"): ["amazon-dns"], world.nic("db"): []}


def test_the_requests_tags_are_on_every_resource(world):
    """They are added to the sandbox's tags, in the create calls themselves."""
    create_mirrors(world, world.mirror(tags=TAGS))

    rules = [
        rule
        for direction in ("Ingress", "Egress")
        for rule in only(world.filters)[f"{direction}FilterRules"]
    ]
    assert len(rules) == 4
    for resource in (*world.sessions, *world.filters, *world.targets, *rules):
        assert TAGS.items() <= tags_of(resource).items()
        assert tags_of(resource)["ReservationId"] == world.sandbox.id


def test_a_shared_target_keeps_its_creators_tags(world):
    """The second mirror's tags are not added to it."""
    create_mirrors(world, world.mirror("web"))
    create_mirrors(world, world.mirror("db", tags=TAGS))

    assert not TAGS.keys() & tags_of(only(world.targets)).keys()


def test_40_tags_fit_beside_the_sandboxs_own(world):
    """AWS allows 50 tags per resource."""
    create_mirrors(world, world.mirror(tags={str(number): "x" for number in range(40)}))

    assert len(tags_of(only(world.sessions))) == 50


@pytest.mark.parametrize(
    "options",
    [
        {"packetLength": 96},
        {"virtualNetworkId": 7},
        {"networkServices": ["amazon-dns"]},
        {
            "filterRules": [
                {"direction": "ingress", "protocol": "all", "ruleAction": "reject"}
            ]
        },
    ],
    ids=lambda options: next(iter(options)),
)
def test_different_options_make_different_mirrors(world, options):
    """A second mirror is created, and repeating the request finds it."""
    first = only(create_mirrors(world, world.mirror()))

    other = only(create_mirrors(world, world.mirror(**options)))
    again = only(create_mirrors(world, world.mirror(**options)))

    assert other["sessionId"] != first["sessionId"]
    assert other["sessionId"] == again["sessionId"]
    assert len(world.sessions) == 2


@pytest.mark.parametrize(
    "texts", [{"description": "words"}, {"tags": TAGS}], ids=["description", "tags"]
)
def test_descriptions_and_tags_make_no_other_mirror(world, texts):
    """An existing mirror is found whatever its description and tags are."""
    first = only(create_mirrors(world, world.mirror()))

    again = only(create_mirrors(world, world.mirror(**texts)))

    assert again["sessionId"] == first["sessionId"]
    assert len(world.sessions) == 1


def test_a_filter_that_accepts_nothing_gets_a_warning(world):
    """EC2 itself accepts the filter silently."""
    rules = [{"direction": "ingress", "protocol": "tcp", "ruleAction": "reject"}]

    result = only(create_mirrors(world, world.mirror(filterRules=rules)))

    assert "warning: no filter rule accepts anything" in result["infoMessage"]


def test_a_service_that_can_not_be_added_leaves_nothing(world):
    """The filter is rolled back if adding the service to it fails."""
    world.ec2.faults.append(
        Fault("ModifyTrafficMirrorFilterNetworkServices", code="InvalidParameter")
    )

    result = only(world.create(world.mirror(networkServices=["amazon-dns"])))

    assert "Adding amazon-dns to traffic mirror filter tmf-" in result["errorMessage"]
    assert world.state == EMPTY


def to(world, source, **destination):
    """Return an action from an App to a load balancer or an endpoint."""
    return world.mirror(source, targetNicId=None, **destination)


def test_a_load_balancer_can_be_a_shared_target(world):
    """Two mirrors use one target, which is deleted with the second of them."""
    arn = create_load_balancer(world, 4789)

    results = create_mirrors(
        world,
        to(world, "web", networkLoadBalancerArn=arn),
        to(world, "db", networkLoadBalancerArn=arn),
    )

    target = only(world.targets)
    assert target["NetworkLoadBalancerArn"] == arn
    assert tags_of(target)["Name"] == arn
    assert f"mirrors {world.nic('web')} to {arn}" in results[0]["infoMessage"]
    assert "warning" not in results[0]["infoMessage"]
    for result in results:
        world.remove(sessionId=result["sessionId"])
    assert world.state == EMPTY


def test_a_load_balancer_without_a_listener_gets_a_warning(world):
    """The mirror is created, but no packets would arrive."""
    arn = create_load_balancer(world)

    result = only(create_mirrors(world, to(world, "web", networkLoadBalancerArn=arn)))

    assert "has no UDP listener on port 4789" in result["infoMessage"]


def test_a_load_balancer_that_does_not_exist_fails_its_action(world):
    """The caller gets EC2's error, and nothing is left."""
    arn = create_load_balancer(world, 4789)[:-4] + "0000"

    result = only(world.create(to(world, "web", networkLoadBalancerArn=arn)))

    assert "InvalidNetworkLoadBalancerArn.NotFound" in result["errorMessage"]
    assert world.state == EMPTY


def test_an_endpoint_can_be_a_shared_target(world):
    """EC2 has no filter by endpoint, so the target is found among all targets."""
    gateway = create_endpoint(world)
    action = to(world, "web", gatewayLoadBalancerEndpointId=gateway)

    first = only(create_mirrors(world, action))
    world.ec2.settings.page_limit = 5
    again = only(create_mirrors(world, action))
    create_mirrors(world, to(world, "db", gatewayLoadBalancerEndpointId=gateway))

    assert again["sessionId"] == first["sessionId"]
    assert only(world.targets)["GatewayLoadBalancerEndpointId"] == gateway
    assert len(world.sessions) == 2


def test_one_request_can_mirror_to_all_kinds_of_targets(world):
    """One source is mirrored to a NIC, a load balancer and an endpoint."""
    results = create_mirrors(
        world,
        world.mirror("web", "capture"),
        to(world, "web", networkLoadBalancerArn=create_load_balancer(world, 4789)),
        to(world, "web", gatewayLoadBalancerEndpointId=create_endpoint(world)),
    )

    kinds = {each["Type"] for each in world.targets}
    assert kinds == {
        "network-interface",
        "network-load-balancer",
        "gateway-load-balancer-endpoint",
    }
    assert len({result["sessionId"] for result in results}) == 3
