"""CreateTrafficMirroring, from CloudShell's client to EC2 and back."""

from __future__ import annotations

import json

from cloudshell.api.cloudshell_api import InputNameValue

from emulator.faults import Fault
from tests.request_texts import DOCUMENTED_CREATE, request
from tests.scenario.conftest import TCP, create_foreign_session


def test_the_documented_request_creates_the_mirror_it_describes(world):
    """The vendor's sample works unchanged; the host bits of its CIDR are cleared."""
    sandbox = world.lab.deploy(
        "sample", {"web": "eni-008322622e675cd80", "capture": "eni-05fc8d0b34b762305"}
    )

    (result,) = world.execute("CreateTrafficMirroring", DOCUMENTED_CREATE, sandbox)

    (session,) = world.sessions
    (mirror_filter,) = world.filters
    (target,) = world.targets
    (rule,) = mirror_filter["IngressFilterRules"]
    assert result == {
        "type": "CreateTrafficMirroring",
        "actionId": "41f206a1-a6c0-4603-90f7-6492cd0fb00d",
        "success": True,
        "infoMessage": f"Session {session['TrafficMirrorSessionId']} mirrors "
        "eni-008322622e675cd80 to eni-05fc8d0b34b762305 with session number 5 and "
        f"VXLAN network {session['VirtualNetworkId']}",
        "errorMessage": "",
        "sessionId": session["TrafficMirrorSessionId"],
        "sessionNumber": 5,
        "virtualNetworkId": session["VirtualNetworkId"],
        "targetId": target["TrafficMirrorTargetId"],
        "filterId": mirror_filter["TrafficMirrorFilterId"],
    }
    assert session["NetworkInterfaceId"] == "eni-008322622e675cd80"
    assert session["SessionNumber"] == 5
    assert session["TrafficMirrorTargetId"] == target["TrafficMirrorTargetId"]
    assert session["TrafficMirrorFilterId"] == mirror_filter["TrafficMirrorFilterId"]
    assert target["NetworkInterfaceId"] == "eni-05fc8d0b34b762305"
    assert mirror_filter["EgressFilterRules"] == []
    assert rule["SourceCidrBlock"] == "192.168.0.0/24"
    assert rule["DestinationCidrBlock"] == "0.0.0.0/0"
    assert rule["Protocol"] == 6
    assert rule["RuleAction"] == "accept"
    assert rule["SourcePortRange"] == {"FromPort": 50000, "ToPort": 65535}
    assert "DestinationPortRange" not in rule
    assert world.held == {"eni-008322622e675cd80": {5}}


def test_rules_are_numbered_in_the_order_of_the_request(world):
    """AWS evaluates rules by their number, so the order of the request decides."""
    protocols = ["udp", "tcp", "icmp"]
    rules = [{"direction": "egress", "protocol": name} for name in protocols]

    world.create(world.mirror(filterRules=rules))

    (mirror_filter,) = world.filters
    numbered = {
        rule["RuleNumber"]: rule["Protocol"]
        for rule in mirror_filter["EgressFilterRules"]
    }
    assert numbered == {1: 17, 2: 6, 3: 1}


def test_without_rules_everything_is_mirrored(world):
    """The filter accepts both directions, IPv4 and IPv6, and every protocol."""
    world.create(world.mirror())

    (mirror_filter,) = world.filters
    for name in ("IngressFilterRules", "EgressFilterRules"):
        rules = mirror_filter[name]
        assert {rule["SourceCidrBlock"] for rule in rules} == {"0.0.0.0/0", "::/0"}
        assert [rule for rule in rules if "Protocol" in rule] == []


def test_everything_created_has_the_stock_shells_tags(world):
    """Target, filter and session are tagged by the call that creates them."""
    world.create(world.mirror(sessionNumber=7))

    source, target = world.nic("web"), world.nic("capture")
    common = {
        "CreatedBy": "Cloudshell",
        "Blueprint": "a blueprint",
        "Owner": "admin",
        "Domain": "Global",
        "ReservationId": world.sandbox.id,
    }
    names = {
        "target": target,
        "filter": f"filter-7_{source}_{target}",
        "session": f"session-7_{source}_{target}",
    }
    created = {
        "target": world.targets,
        "filter": world.filters,
        "session": world.sessions,
    }
    for kind, (thing,) in created.items():
        tags = {tag["Key"]: tag["Value"] for tag in thing["Tags"]}
        assert common.items() <= tags.items()
        assert tags["Name"] == names[kind]
    assert "CreateTags" not in {call.operation for call in world.ec2.calls}


def test_each_target_nic_has_one_target_that_all_mirrors_share(world):
    """Actions share the targets they create and reuse those that already exist."""
    made = world.client.create_traffic_mirror_target(
        NetworkInterfaceId=world.nic("ids")
    )
    world.create(world.mirror("web"), world.mirror("db"))

    results = world.create(world.mirror("web", "ids"), world.mirror("db", "ids"))

    assert [result["success"] for result in results] == [True, True]
    assert len(world.targets) == 2
    used = {each["TrafficMirrorTargetId"] for each in world.sessions}
    assert made["TrafficMirrorTarget"]["TrafficMirrorTargetId"] in used


def test_a_repeated_request_creates_nothing(world):
    """A repeated command returns the existing session."""
    first = world.create(world.mirror(filterRules=[TCP]))
    before = world.state
    world.ec2.clear_calls()

    again = world.create(world.mirror(filterRules=[TCP]))

    assert again[0]["success"]
    assert first[0]["sessionId"] == again[0]["sessionId"]
    assert before == world.state
    assert world.ec2.writes() == []


def test_equal_actions_create_one_mirror(world):
    """Both results have the same session id."""
    first, second = world.create(world.mirror(), world.mirror(action_id="2"))

    assert first["sessionId"] == second["sessionId"] != ""
    assert (first["actionId"], second["actionId"]) == ("1", "2")
    assert len(world.sessions) == 1


def test_an_unknown_nic_fails_only_its_action(world):
    """Two of three actions succeed; the error of the third is EC2's."""
    world.ec2.faults.append(Fault("DescribeNetworkInterfaces", code="AccessDenied"))

    results = world.create(
        world.mirror("web"),
        world.mirror("db", targetNicId="eni-0123456789abcdef0"),
        world.mirror("ids"),
    )

    assert [result["success"] for result in results] == [True, False, True]
    failed = results[1]
    assert failed["sessionId"] == ""
    assert "InvalidNetworkInterfaceID.NotFound" in failed["errorMessage"]
    assert "eni-0123456789abcdef0" in failed["errorMessage"]
    assert "request id" in failed["errorMessage"]
    assert len(world.sessions) == len(world.filters) == 2
    assert set(world.held) == {world.nic("web"), world.nic("ids")}


def test_a_fourth_session_on_a_source_is_rejected_before_any_write(world):
    """The error names the three existing sessions."""
    for number in (1, 2):
        create_foreign_session(world, "web", number)
    first = world.create(world.mirror())[0]
    before = world.state
    world.ec2.clear_calls()

    (result,) = world.create(world.mirror(target="ids"))

    assert first["sessionId"] in result["errorMessage"]
    assert "outside CloudShell" in result["errorMessage"]
    assert before == world.state
    assert world.ec2.writes() == []


def test_all_pages_of_an_answer_are_read(world):
    """A target on the second page is found and reused."""
    apps = [f"app-{number}" for number in range(12)]
    sandbox = world.new_sandbox("web", *apps)
    client = world.client
    for app in apps:
        client.create_traffic_mirror_target(NetworkInterfaceId=world.nic(app, sandbox))
    world.ec2.settings.page_limit = 5
    actions = [
        world.mirror(
            sourceNicId=world.nic("web", sandbox), targetNicId=world.nic(app, sandbox)
        )
        for app in apps[-3:]
    ]

    results = world.create(*actions, sandbox=sandbox)

    assert [result["success"] for result in results] == [True] * 3
    world.ec2.settings.page_limit = None
    assert len(world.targets) == 12


def test_the_answer_is_one_json_document(world):
    """A script can parse the output of ExecuteCommand."""
    output = world.session.ExecuteCommand(
        world.sandbox.id,
        "AWS",
        "Resource",
        "CreateTrafficMirroring",
        [InputNameValue("request", request(world.mirror()))],
    ).Output

    assert list(json.loads(output)) == ["driverResponse"]
