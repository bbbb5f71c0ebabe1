"""docs/iam-policy.json allows what the commands need, and nothing else."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path

import pytest

from emulator.lab import ACCESS_KEY, RESOURCE
from tests.scenario import ec2_resources as places
from tests.scenario.conftest import EMPTY, cleanup

POLICY = json.loads(
    (Path(__file__).resolve().parents[2] / "docs" / "iam-policy.json").read_text()
)


def actions_of(statement):
    """Return a statement's actions as a list."""
    actions = statement["Action"]
    return [actions] if isinstance(actions, str) else actions


NEEDED, OPTIONAL = (
    sorted(
        {
            action
            for statement in POLICY["Statement"]
            if statement["Sid"].startswith("Optional") == optional
            for action in actions_of(statement)
        }
    )
    for optional in (False, True)
)


def without(action):
    """Return the policy without one permission."""
    policy = deepcopy(POLICY)
    for statement in policy["Statement"]:
        statement["Action"] = [each for each in actions_of(statement) if each != action]
    policy["Statement"] = [each for each in policy["Statement"] if each["Action"]]
    return policy


@pytest.fixture
def story(world):
    """Return a function that runs all commands in all their ways under a policy."""
    _, subnet, open_group = places.network(world)
    group = places.closed_group(world)
    prefixes = places.prefix_list(world, "192.168.0.0/16")
    places.allow(world, group, PrefixListIds=[{"PrefixListId": prefixes}])
    _, far_subnet, far_group = places.other_vpc(world)
    far = places.run(world, far_subnet, far_group)
    closed = places.run(world, subnet, group)
    old = places.run(world, subnet, open_group, "t2.micro")
    deaf = places.balancer(world)
    gateway = places.endpoint(world)

    def run(policy):
        world.ec2.restrict(ACCESS_KEY, policy)
        results = world.create(
            world.mirror("web", networkServices=["amazon-dns"], tags={"team": "red"}),
            world.mirror("web", targetNicId=closed),
            world.mirror("web", targetNicId=far),
            world.mirror("db", targetNicId=None, networkLoadBalancerArn=deaf),
            world.mirror("db", targetNicId=None, gatewayLoadBalancerEndpointId=gateway),
            world.mirror(sourceNicId=old),
        )
        for session in world.sessions[:1]:
            results += world.remove(sessionId=session["TrafficMirrorSessionId"])
        results += world.remove(targetNicId=closed)
        return [*results, cleanup(world)]

    return run


def succeeded(results):
    """Tell of each result whether it succeeded."""
    return [result["success"] for result in results]


def test_the_policy_is_enough(world, story):
    """Every command succeeds, every warning is there, and discovery is content."""
    results = story(POLICY)

    assert succeeded(results) == [True] * len(results)
    told = " ".join(result["infoMessage"] for result in results)
    assert "not checked" not in told
    assert told.count("warning") == 4
    assert world.standing == EMPTY
    world.session.AutoLoad(RESOURCE)


@pytest.mark.parametrize("action", NEEDED)
def test_without_a_needed_permission_something_breaks(story, action):
    """No permission of the required statements is there for nothing."""
    assert False in succeeded(story(without(action)))


@pytest.mark.parametrize(
    "action", [each for each in OPTIONAL if each != "ec2:DescribeNetworkInterfaces"]
)
def test_without_an_optional_permission_a_field_or_a_warning_is_lost(story, action):
    """The commands do their work, and say what they could not look at."""
    results = story(without(action))

    if action == "ec2:ModifyTrafficMirrorFilterNetworkServices":
        assert succeeded(results) == [False] + [True] * (len(results) - 1)
    else:
        assert succeeded(results) == [True] * len(results)
        told = " ".join(result["infoMessage"] for result in results)
        assert f"({action} is not allowed)" in told


def test_without_the_look_up_of_nics_ec2_refuses_unknown_ones(world):
    """NICs on instances are found with these; only the others need the permission."""
    missing = "ec2:DescribeNetworkInterfaces"
    world.ec2.restrict(ACCESS_KEY, without(missing))

    good, bad = world.create(
        world.mirror(), world.mirror("db", targetNicId="eni-00000000000000001")
    )

    assert good["success"]
    assert "InvalidNetworkInterfaceID.NotFound" in bad["errorMessage"]
    assert f"({missing} is not allowed)" in bad["infoMessage"]


def test_the_policy_touches_nothing_of_others(world):
    """With these permissions what another tool has tagged can't be deleted."""
    client = world.client
    tagged = client.create_traffic_mirror_filter(
        TagSpecifications=[
            {
                "ResourceType": "traffic-mirror-filter",
                "Tags": [{"Key": "CreatedBy", "Value": "Terraform"}],
            }
        ]
    )["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    world.ec2.restrict(ACCESS_KEY, POLICY)
    driver = world.ec2.client(aws_access_key_id=ACCESS_KEY)

    with pytest.raises(driver.exceptions.ClientError, match="UnauthorizedOperation"):
        driver.delete_traffic_mirror_filter(TrafficMirrorFilterId=tagged)
