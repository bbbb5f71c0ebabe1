"""docs/iam-policy.json allows exactly what the commands need."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path

import pytest
from cloudshell.api.common_cloudshell_api import CloudShellAPIError

from emulator.lab import ACCESS_KEY, RESOURCE
from tests.request_texts import request
from tests.scenario import ec2_resources, network_resources
from tests.scenario.conftest import EMPTY, clean_up
from tools.narrow_policy import narrow

POLICY = json.loads(
    (Path(__file__).resolve().parents[2] / "docs" / "iam-policy.json").read_text()
)
ACCOUNT, REGION = "123456789012", "us-east-1"
"""Of the lab's keys and resource."""


def actions_of(statement):
    """Return a statement's actions as a list."""
    actions = statement["Action"]
    return [actions] if isinstance(actions, str) else actions


REQUIRED, OPTIONAL = (
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
def run_all_commands(world):
    """Return a function that runs every command, with every option, under a policy."""
    vpc, subnet, open_group = ec2_resources.network_ids(world)
    group = ec2_resources.create_closed_group(world)
    prefixes = ec2_resources.create_prefix_list(world, "192.168.0.0/16")
    ec2_resources.allow_mirrored_packets(
        world, group, PrefixListIds=[{"PrefixListId": prefixes}]
    )
    table = network_resources.main_table(world, vpc)
    far_vpc, *far_place = ec2_resources.create_other_vpc(world)
    far = ec2_resources.run_instance(world, *far_place)
    peering = network_resources.peer(world, vpc, far_vpc)
    network_resources.route(world, table, "10.9.0.0/16", peering)
    _, *unattached_place = ec2_resources.create_other_vpc(world, "10.8.0.0/16")
    unattached = ec2_resources.run_instance(world, *unattached_place)
    transit_gateway = network_resources.attach_to_gateway(world, subnet)
    network_resources.route(world, table, "10.8.0.0/16", transit_gateway)
    closed = ec2_resources.run_instance(world, subnet, group)
    old = ec2_resources.run_instance(world, subnet, open_group, "t2.micro")
    no_listener = ec2_resources.create_load_balancer(world)
    unhealthy = ec2_resources.create_load_balancer(world, 4789, targets=[])
    gateway = ec2_resources.create_endpoint(world)

    def run(policy):
        world.ec2.restrict(ACCESS_KEY, policy)
        results = world.create(
            world.mirror("web", networkServices=["amazon-dns"], tags={"team": "red"}),
            world.mirror("web", targetNicId=closed),
            world.mirror("web", targetNicId=far),
            world.mirror("db", targetNicId=None, networkLoadBalancerArn=no_listener),
            world.mirror("db", targetNicId=None, networkLoadBalancerArn=unhealthy),
            world.mirror("ids", targetNicId=unattached),
            world.mirror("db", targetNicId=None, gatewayLoadBalancerEndpointId=gateway),
            world.mirror(sourceNicId=old),
        )
        text = request({"type": "GetTrafficMirroring"})
        results += world.execute("GetTrafficMirroring", text)
        for session in world.sessions[:1]:
            results += world.remove(sessionId=session["TrafficMirrorSessionId"])
        results += world.remove(targetNicId=closed)
        return [*results, clean_up(world)]

    return run


def succeeded(results):
    """Return whether each result is a success."""
    return [result["success"] for result in results]


@pytest.mark.parametrize(
    "policy", [POLICY, narrow(POLICY, ACCOUNT, REGION)], ids=["policy", "narrowed"]
)
def test_the_policy_is_enough(world, run_all_commands, policy):
    """Every command succeeds with all of its warnings, and so does discovery."""
    results = run_all_commands(policy)

    assert succeeded(results) == [True] * len(results)
    messages = " ".join(result["infoMessage"] for result in results)
    assert "not checked" not in messages
    assert messages.count("warning") == 5
    assert world.state == EMPTY
    world.session.AutoLoad(RESOURCE)


@pytest.mark.parametrize(
    ("account", "region", "still_allowed"),
    [(ACCOUNT, "eu-west-1", ""), ("111122223333", REGION, "ec2:Describe")],
    ids=["region", "account"],
)
def test_a_narrowed_policy_allows_no_mirror_elsewhere(
    world, account, region, still_allowed
):
    """Discovery misses every permission, in an account of its own but look-ups."""
    world.ec2.restrict(ACCESS_KEY, narrow(POLICY, account, region))

    with pytest.raises(CloudShellAPIError, match="lack permissions") as failed:
        world.session.AutoLoad(RESOURCE)
    (refused,) = world.create(world.mirror())

    missing = failed.value.message.partition("lack permissions: ")[2].partition(";")[0]
    assert missing.split(", ") == [
        action
        for action in REQUIRED
        # A dry run can't tell CreateTags from the missing Create.
        if action != "ec2:CreateTags"
        and not (still_allowed and action.startswith(still_allowed))
    ]
    assert "UnauthorizedOperation" in refused["errorMessage"]
    world.ec2.restrict(ACCESS_KEY, POLICY)
    assert world.state == EMPTY


@pytest.mark.parametrize("action", REQUIRED)
def test_without_a_required_permission_a_command_fails(run_all_commands, action):
    """The required statements allow nothing that isn't needed."""
    assert False in succeeded(run_all_commands(without(action)))


@pytest.mark.parametrize(
    "action", [each for each in OPTIONAL if each != "ec2:DescribeNetworkInterfaces"]
)
def test_without_an_optional_permission_a_field_or_warning_is_missing(
    run_all_commands, action
):
    """The commands succeed and report the checks that they skipped."""
    results = run_all_commands(without(action))

    if action == "ec2:ModifyTrafficMirrorFilterNetworkServices":
        assert succeeded(results) == [False] + [True] * (len(results) - 1)
    else:
        assert succeeded(results) == [True] * len(results)
        messages = " ".join(result["infoMessage"] for result in results)
        assert f"({action} is not allowed)" in messages


def test_without_the_nic_permission_ec2_rejects_unknown_nics(world):
    """NICs of instances are found by their instance, without this permission."""
    missing = "ec2:DescribeNetworkInterfaces"
    world.ec2.restrict(ACCESS_KEY, without(missing))

    known, unknown = world.create(
        world.mirror(), world.mirror("db", targetNicId="eni-00000000000000001")
    )

    assert known["success"]
    assert "InvalidNetworkInterfaceID.NotFound" in unknown["errorMessage"]
    assert f"({missing} is not allowed)" in unknown["infoMessage"]


def test_the_policy_can_be_limited_to_tagged_nics(world):
    """With the statement that SECURITY.md describes, others can't be sources."""
    policy = deepcopy(POLICY)
    (sources,) = (each for each in policy["Statement"] if each["Sid"] == "MirrorFrom")
    nics = "arn:aws:ec2:*:*:network-interface/*"
    sources["Resource"].remove(nics)
    allowed = {"StringEquals": {"aws:ResourceTag/Mirroring": "allowed"}}
    tagged = {**sources, "Sid": "MirrorFromTagged", "Resource": nics}
    policy["Statement"].append({**tagged, "Condition": allowed})
    world.client.create_tags(
        Resources=[world.nic("web")], Tags=[{"Key": "Mirroring", "Value": "allowed"}]
    )
    world.ec2.restrict(ACCESS_KEY, policy)

    created, refused = world.create(world.mirror("web"), world.mirror("db"))

    assert created["errorMessage"] == ""
    assert "UnauthorizedOperation" in refused["errorMessage"]


def test_the_policy_protects_resources_of_other_tools(world):
    """A filter that another tool tagged can't be deleted with this policy."""
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


def test_an_account_may_refuse_untagged_resources(world):
    """The request's tags are on every resource, in the create call itself."""
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    kinds = {
        "Target": "target",
        "Filter": "filter",
        "FilterRule": "filter-rule",
        "Session": "session",
    }
    deny = [
        {
            "Effect": "Deny",
            "Action": f"ec2:CreateTrafficMirror{name}",
            "Resource": f"arn:aws:ec2:*:*:traffic-mirror-{kind}/*",
            "Condition": {"Null": {"aws:RequestTag/CostCenter": "true"}},
        }
        for name, kind in kinds.items()
    ]
    policy = {"Version": "2012-10-17", "Statement": [allow, *deny]}
    world.ec2.restrict(ACCESS_KEY, policy)

    (refused,) = world.create(world.mirror())
    (created,) = world.create(world.mirror(tags={"CostCenter": "12"}))

    assert "UnauthorizedOperation" in refused["errorMessage"]
    assert created["errorMessage"] == ""
