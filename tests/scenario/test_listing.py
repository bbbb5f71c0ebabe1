"""GetTrafficMirroring lists the sandbox's mirrors as EC2 has them."""

from __future__ import annotations

from collections import Counter

import pytest
from scapy.layers import inet

from emulator.faults import Fault
from emulator.lab import ACCESS_KEY
from tests.request_texts import create_action
from tests.scenario import ec2_resources
from tests.scenario.barriers import CallSteps
from tests.scenario.conftest import (
    TCP,
    clean_up,
    create_foreign_session,
    create_mirrors,
)
from tests.scenario.test_large_requests import mirrors_between, run_apps

OPTIONS = {
    "everything": {},
    "rules": {
        "filterRules": [
            {**TCP, "destinationPortRange": {"fromPort": 443, "toPort": 443}},
            {"direction": "egress", "protocol": 47, "destinationCidr": "10.0.0.7/8"},
            {"direction": "ingress", "protocol": "icmpv6", "ruleAction": "reject"},
            {**TCP, "sourceCidr": "2001:db8::/32", "description": "IPv6"},
        ]
    },
    "options": {
        "packetLength": 96,
        "virtualNetworkId": 4711,
        "networkServices": ["amazon-dns"],
        "sessionNumber": 17,
    },
    "descriptions": {"description": "of web", "tags": {"Cost center": "12"}},
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_a_listed_mirror_can_be_sent_again_and_is_recognized(world, options):
    """The same session is the result, and EC2 gets no writing call."""
    (created,) = create_mirrors(world, world.mirror(**options))
    (listed,) = world.list_mirrors()["mirrors"]
    world.ec2.clear_calls()

    (again,) = world.create(create_action(**listed["actionParams"]))

    assert again["sessionId"] == listed["sessionId"] == created["sessionId"]
    assert world.ec2.writes() == []
    fields = ("sessionNumber", "virtualNetworkId", "targetId", "filterId")
    assert {each: listed[each] for each in fields} == {
        each: created[each] for each in fields
    }
    for field in ("sessionNumber", "virtualNetworkId"):
        assert listed["actionParams"][field] == listed[field]


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_a_removed_mirror_can_be_created_again_from_the_list(world, options):
    """The new mirror is listed like the old one, tags and descriptions included."""
    create_mirrors(world, world.mirror(**options))
    (before,) = world.list_mirrors()["mirrors"]
    clean_up(world)

    create_mirrors(
        world,
        {
            "type": "CreateTrafficMirroring",
            "actionId": "again",
            "actionParams": before["actionParams"],
        },
    )

    (after,) = world.list_mirrors()["mirrors"]
    assert after["actionParams"] == before["actionParams"]


@pytest.mark.parametrize(
    "kind", ["networkLoadBalancerArn", "gatewayLoadBalancerEndpointId"]
)
def test_mirrors_to_load_balancers_are_listed(world, kind):
    """They can be sent again like mirrors to NICs."""
    destination = (
        ec2_resources.create_load_balancer(world, 4789)
        if kind == "networkLoadBalancerArn"
        else ec2_resources.create_endpoint(world)
    )
    (created,) = create_mirrors(
        world, world.mirror(targetNicId=None, **{kind: destination})
    )

    (listed,) = world.list_mirrors()["mirrors"]
    action = create_action(targetNicId=None, **listed["actionParams"])
    (again,) = create_mirrors(world, action)

    assert listed["actionParams"][kind] == destination
    assert again["sessionId"] == created["sessionId"]


def test_nothing_is_changed_and_no_number_is_taken(world):
    """Neither a sandbox without mirrors nor one with mirrors is touched."""
    assert world.list_mirrors()["mirrors"] == []
    create_mirrors(world, world.mirror())
    state = world.state
    world.ec2.clear_calls()

    world.list_mirrors()

    assert world.state == state
    assert world.ec2.writes() == []


def test_only_mirrors_of_the_sandbox_are_listed(world):
    """Those of other sandboxes and tools are not, though they use the same target."""
    other = world.new_sandbox("client")
    client = world.nic("client", other)
    create_mirrors(world, world.mirror(sourceNicId=client), sandbox=other)
    (created,) = create_mirrors(world, world.mirror())
    create_foreign_session(world, "web", 9, target="capture")

    listed = world.list_mirrors()["mirrors"]

    assert [each["sessionId"] for each in listed] == [created["sessionId"]]
    assert listed[0]["targetId"] == created["targetId"]
    assert listed[0]["actionParams"]["targetNicId"] == world.nic("capture")


def test_a_mirror_that_was_changed_is_listed_as_it_is_now(world):
    """Its warnings, too, are those of its present state."""
    (created,) = create_mirrors(world, world.mirror(filterRules=[TCP]))
    session = {"TrafficMirrorSessionId": created["sessionId"]}
    world.client.modify_traffic_mirror_session(**session, PacketLength=64)
    (rule,) = world.filters[0]["IngressFilterRules"]
    world.client.modify_traffic_mirror_filter_rule(
        TrafficMirrorFilterRuleId=rule["TrafficMirrorFilterRuleId"], RuleAction="reject"
    )

    (listed,) = world.list_mirrors()["mirrors"]

    assert listed["actionParams"]["packetLength"] == 64
    assert listed["actionParams"]["filterRules"][0]["ruleAction"] == "reject"
    assert "no filter rule accepts anything" in listed["warnings"][0]


def test_a_mirror_without_rules_can_not_be_sent_again(world):
    """A request without rules asks for everything; the session has its number."""
    (created,) = create_mirrors(world, world.mirror(filterRules=[TCP]))
    (rule,) = world.filters[0]["IngressFilterRules"]
    world.client.delete_traffic_mirror_filter_rule(
        TrafficMirrorFilterRuleId=rule["TrafficMirrorFilterRuleId"]
    )

    (listed,) = world.list_mirrors()["mirrors"]
    (again,) = world.create(create_action(**listed["actionParams"]))

    assert listed["warnings"][0] == (
        "warning: no request can express this mirror: its filter "
        f"{created['filterId']} has no rules, and a request without rules mirrors "
        "everything"
    )
    assert not again["success"]


def test_warnings_are_of_now(world):
    """A closed group, a stopped target, a missing listener."""
    arn = ec2_resources.create_load_balancer(world)
    _, subnet, _ = ec2_resources.network_ids(world)
    closed_group = ec2_resources.create_closed_group(world)
    closed = ec2_resources.run_instance(world, subnet, closed_group)
    create_mirrors(
        world,
        world.mirror("web", targetNicId=closed),
        world.mirror("db", "ids"),
        world.mirror("web", targetNicId=None, networkLoadBalancerArn=arn),
    )
    (ids,) = (app for app in world.sandbox.apps if app.name == "ids")
    world.client.stop_instances(InstanceIds=[ids.instance_id])

    listed = {
        each["actionParams"].get("targetNicId"): each["warnings"]
        for each in world.list_mirrors()["mirrors"]
    }

    assert "is not open to" in listed[closed][0]
    assert "is stopped" in listed[world.nic("ids")][0]
    assert "has no UDP listener" in listed[None][0]


def test_what_exists_without_a_session_is_listed(world):
    """A cleanup removes it, and then the list is empty."""
    (created,) = create_mirrors(world, world.mirror())
    world.client.delete_traffic_mirror_session(
        TrafficMirrorSessionId=created["sessionId"]
    )

    result = world.list_mirrors()

    assert result["mirrors"] == []
    assert f"filter {created['filterId']} (number 1 of" in result["infoMessage"]
    assert f"target {created['targetId']} on" in result["infoMessage"]
    clean_up(world)
    assert world.list_mirrors()["infoMessage"] == "Sessions of this sandbox: 0"


def test_packets_that_were_mirrored_appear_in_traffic(world, traffic):
    """In and out are added up, for all mirrors of the source's instance."""
    create_mirrors(world, world.mirror(), world.mirror("db"))
    for packet in (traffic.inbound(inet.TCP()), traffic.outbound(inet.TCP())):
        assert traffic.is_mirrored(packet)
    world.ec2.settings.congested = True
    assert not traffic.is_mirrored(traffic.inbound(inet.TCP()))

    result = world.list_mirrors()

    figures = {
        each["actionParams"]["sourceNicId"]: each["traffic"]
        for each in result["mirrors"]
    }
    assert figures == {
        world.nic("web"): {
            "packetsMirrored": 2,
            "bytesMirrored": 108,
            "packetsSkipped": 1,
        },
        world.nic("db"): None,
    }
    (db,) = (app for app in world.sandbox.apps if app.name == "db")
    assert f"no traffic figures of {db.instance_id} (" in result["infoMessage"]


def test_without_data_there_are_no_figures(world, traffic):
    """AWS publishes them with a delay; the message says so."""
    world.ec2.settings.metrics = False
    create_mirrors(world, world.mirror())
    assert traffic.is_mirrored(traffic.inbound(inet.TCP()))

    result = world.list_mirrors()

    assert result["mirrors"][0]["traffic"] is None
    assert "CloudWatch has no data of the last 15 minutes" in result["infoMessage"]


def test_without_permission_there_are_no_figures(world):
    """Cloudwatch:GetMetricData is optional."""
    create_mirrors(world, world.mirror())
    allow = {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}
    world.ec2.restrict(ACCESS_KEY, {"Version": "2012-10-17", "Statement": [allow]})

    result = world.list_mirrors()

    assert result["success"]
    assert result["mirrors"][0]["traffic"] is None
    assert result["infoMessage"].endswith(
        "no traffic figures (cloudwatch:GetMetricData is not allowed)"
    )


def test_a_failing_look_up_fails_the_action(world):
    """The list would be incomplete."""
    create_mirrors(world, world.mirror())
    world.ec2.faults.append(
        Fault("DescribeTrafficMirrorFilters", "UnauthorizedOperation", status=403)
    )

    result = world.list_mirrors()

    assert not result["success"]
    assert "UnauthorizedOperation" in result["errorMessage"]
    assert result["mirrors"] == []


def test_one_mirror_is_listed_in_three_steps(world):
    """The steps are what the sandbox created, instances, and what lies between."""
    create_mirrors(world, world.mirror())
    world.ec2.settings.before_call = steps = CallSteps(
        [
            "DescribeTrafficMirrorFilters",
            "DescribeTrafficMirrorSessions",
            "DescribeTrafficMirrorTargets",
        ],
        ["DescribeInstances"],
        ["DescribeSecurityGroups", "GetMetricData"],
    )

    assert world.list_mirrors()["success"]
    assert steps.are_right


def test_a_target_of_another_sandbox_costs_no_further_step(world):
    """It is looked up beside the instances: the session's tags name its NIC."""
    other = world.new_sandbox("client")
    create_mirrors(
        world, world.mirror(sourceNicId=world.nic("client", other)), sandbox=other
    )
    create_mirrors(world, world.mirror())
    world.ec2.clear_calls()

    world.list_mirrors()

    steps = [call.operation for call in world.ec2.calls]
    assert {*steps[3:5]} == {"DescribeInstances", "DescribeTrafficMirrorTargets"}
    assert steps.count("DescribeInstances") == 1


def test_500_mirrors_are_listed_with_at_most_12_calls(world):
    """The look-ups are in batches of as many values as AWS takes."""
    nics = run_apps(world, 167 + 51)
    create_mirrors(world, *mirrors_between(nics[:167], nics[167:]))
    world.ec2.clear_calls()

    result = world.list_mirrors()

    assert len(result["mirrors"]) == 501
    # A call that the driver repeats, because this machine was slow, counts once.
    calls = {(call.operation, str(call.parameters)) for call in world.ec2.calls}
    operations = Counter(operation for operation, _ in calls)
    assert operations["GetMetricData"] == 3
    assert operations["DescribeInstances"] == 2
    assert operations.total() <= 12
