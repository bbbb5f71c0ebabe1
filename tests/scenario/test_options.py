"""The fields beyond the vendor's page: each reaches EC2, and tells mirrors apart."""

from __future__ import annotations

import pytest

from emulator.faults import Fault
from tests.scenario.conftest import EMPTY
from tests.scenario.places import balancer, endpoint

TAGS = {"Cost center": "12", "team": "red"}


def only(found):
    """Return the one thing that was found."""
    (thing,) = found
    return thing


def tags_of(thing):
    """Return the tags of a thing in EC2."""
    return {tag["Key"]: tag["Value"] for tag in thing["Tags"]}


def created(world, *actions):
    """Create mirrors that must come to stand; return the results."""
    results = world.create(*actions)
    assert [result["errorMessage"] for result in results] == [""] * len(actions)
    return results


def test_the_sessions_options_reach_ec2(world):
    """Length, VXLAN network and description are the session's."""
    created(
        world,
        world.mirror(
            packetLength="96", virtualNetworkId=4711, description="web, headers only"
        ),
    )

    session = only(world.sessions)
    assert session["PacketLength"] == 96
    assert session["VirtualNetworkId"] == 4711
    assert session["Description"] == "web, headers only"


def test_without_options_ec2_decides(world):
    """The whole packet is mirrored, in a VXLAN network that EC2 chooses."""
    created(world, world.mirror())

    session = only(world.sessions)
    assert "PacketLength" not in session
    assert session["VirtualNetworkId"] > 0
    assert session["Description"] == f"1_{world.nic('web')}_{world.nic('capture')}"


def test_rules_can_reject_and_are_described(world):
    """AWS tries the rules in their order, and the first that matches decides."""
    created(
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
    """An absent CIDR is every address of the other's family."""
    created(
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
    """The filter lets the VPC resolver's traffic through, which rules can't."""
    created(world, world.mirror(networkServices=["amazon-dns"]), world.mirror("db"))

    services = {
        tags_of(each)["Name"].split("_")[1]: each["NetworkServices"]
        for each in world.filters
    }
    assert services == {world.nic("web"): ["amazon-dns"], world.nic("db"): []}


def test_a_users_tags_are_on_session_and_filter(world):
    """They stand beside the sandbox's own; the shared target has none of them."""
    created(world, world.mirror(tags=TAGS))

    for thing in (only(world.sessions), only(world.filters)):
        assert TAGS.items() <= tags_of(thing).items()
        assert tags_of(thing)["ReservationId"] == world.sandbox.id
    assert not TAGS.keys() & tags_of(only(world.targets)).keys()


def test_as_many_tags_as_allowed_fit_beside_the_sandboxs_own(world):
    """AWS takes 50 tags on a thing."""
    created(world, world.mirror(tags={str(number): "x" for number in range(43)}))

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
def test_an_option_makes_another_mirror(world, options):
    """What differs in an option stands beside the first; the same again is the same."""
    first = only(created(world, world.mirror()))

    other = only(created(world, world.mirror(**options)))
    again = only(created(world, world.mirror(**options)))

    assert other["sessionId"] != first["sessionId"]
    assert other["sessionId"] == again["sessionId"]
    assert len(world.sessions) == 2


@pytest.mark.parametrize(
    "texts", [{"description": "words"}, {"tags": TAGS}], ids=["description", "tags"]
)
def test_texts_and_tags_make_no_other_mirror(world, texts):
    """A mirror that stands is found whatever it is called."""
    first = only(created(world, world.mirror()))

    again = only(created(world, world.mirror(**texts)))

    assert again["sessionId"] == first["sessionId"]
    assert len(world.sessions) == 1


def test_a_filter_that_accepts_nothing_is_warned_of(world):
    """EC2 takes it without a word."""
    rules = [{"direction": "ingress", "protocol": "tcp", "ruleAction": "reject"}]

    result = only(created(world, world.mirror(filterRules=rules)))

    assert "warning: no filter rule accepts anything" in result["infoMessage"]


def test_a_service_that_can_not_be_added_leaves_nothing(world):
    """The call after the filter's creation is undone with it."""
    world.ec2.faults.append(
        Fault("ModifyTrafficMirrorFilterNetworkServices", code="InvalidParameter")
    )

    result = only(world.create(world.mirror(networkServices=["amazon-dns"])))

    assert "Adding amazon-dns to traffic mirror filter tmf-" in result["errorMessage"]
    assert world.standing == EMPTY


def to(world, source, **destination):
    """Return an action from an App to a destination that isn't a NIC."""
    return world.mirror(source, targetNicId=None, **destination)


def test_a_load_balancer_is_a_target_and_shared(world):
    """Two mirrors use one target, and the last to go takes it with it."""
    arn = balancer(world, 4789)

    results = created(
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
    assert world.standing == EMPTY


def test_a_load_balancer_that_does_not_listen_is_warned_of(world):
    """EC2 makes the mirror, and nothing arrives."""
    arn = balancer(world)

    result = only(created(world, to(world, "web", networkLoadBalancerArn=arn)))

    assert "has no UDP listener on port 4789" in result["infoMessage"]


def test_a_load_balancer_that_does_not_exist_fails_its_action(world):
    """EC2's own error reaches the caller, and nothing is left."""
    arn = balancer(world, 4789)[:-4] + "0000"

    result = only(world.create(to(world, "web", networkLoadBalancerArn=arn)))

    assert "InvalidNetworkLoadBalancerArn.NotFound" in result["errorMessage"]
    assert world.standing == EMPTY


def test_an_endpoint_is_a_target_and_found_again(world):
    """EC2 has no filter by endpoint; the target is found among all there are."""
    gateway = endpoint(world)
    action = to(world, "web", gatewayLoadBalancerEndpointId=gateway)

    first = only(created(world, action))
    world.ec2.settings.page_size = 5
    again = only(created(world, action))
    created(world, to(world, "db", gatewayLoadBalancerEndpointId=gateway))

    assert again["sessionId"] == first["sessionId"]
    assert only(world.targets)["GatewayLoadBalancerEndpointId"] == gateway
    assert len(world.sessions) == 2


def test_a_nic_a_balancer_and_an_endpoint_in_one_request(world):
    """Three mirrors of one source, each to another kind of target."""
    results = created(
        world,
        world.mirror("web", "capture"),
        to(world, "web", networkLoadBalancerArn=balancer(world, 4789)),
        to(world, "web", gatewayLoadBalancerEndpointId=endpoint(world)),
    )

    kinds = {each["Type"] for each in world.targets}
    assert kinds == {
        "network-interface",
        "network-load-balancer",
        "gateway-load-balancer-endpoint",
    }
    assert len({result["sessionId"] for result in results}) == 3
