"""CreateTrafficMirroring, from the real client to EC2 and back."""

from __future__ import annotations

import json

from cloudshell.api.cloudshell_api import InputNameValue

from emulator.faults import Fault
from tests.request_texts import DOCUMENTED_CREATE, request
from tests.scenario.conftest import EMPTY, foreign_session

TCP = {"direction": "ingress", "protocol": "tcp"}


def test_the_documented_request_makes_the_mirror_it_describes(world):
    """The vendor's sample, as it stands, gives one rule with its host bits cleared."""
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
        "eni-008322622e675cd80 to eni-05fc8d0b34b762305 with session number 5",
        "errorMessage": "",
        "sessionId": session["TrafficMirrorSessionId"],
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


def test_rules_are_numbered_in_the_order_given(world):
    """AWS evaluates rules by number, so the order in the request is what counts."""
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
    """Both directions, IPv4 and IPv6, every protocol."""
    world.create(world.mirror())

    (mirror_filter,) = world.filters
    for name in ("IngressFilterRules", "EgressFilterRules"):
        rules = mirror_filter[name]
        assert {rule["SourceCidrBlock"] for rule in rules} == {"0.0.0.0/0", "::/0"}
        assert [rule for rule in rules if "Protocol" in rule] == []


def test_everything_made_carries_the_stock_shells_tags(world):
    """Target, filter and session are tagged in the very call that creates them."""
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
    made = {"target": world.targets, "filter": world.filters, "session": world.sessions}
    for kind, (thing,) in made.items():
        tags = {tag["Key"]: tag["Value"] for tag in thing["Tags"]}
        assert common.items() <= tags.items()
        assert tags["Name"] == names[kind]
    assert "CreateTags" not in {call.operation for call in world.ec2.calls}


def test_a_number_is_allocated_where_none_is_given(world):
    """The lowest free one, after the given ones of the same request."""
    results = world.create(
        world.mirror(target="capture"), world.mirror(target="ids", sessionNumber="1")
    )

    numbers = {
        each["TrafficMirrorSessionId"]: each["SessionNumber"] for each in world.sessions
    }
    assert [numbers[result["sessionId"]] for result in results] == [2, 1]
    assert world.held == {world.nic("web"): {1, 2}}


def test_a_number_that_a_session_in_ec2_has_is_skipped_and_not_kept(world):
    """The pool knows nothing of sessions made outside CloudShell."""
    foreign_session(world, "web", 1)

    (result,) = world.create(world.mirror())

    assert result["success"]
    assert world.held == {world.nic("web"): {2}}


def test_a_skipped_number_that_can_not_be_given_back_is_named(world):
    """The mirror stands, and the message says which number is left out."""
    foreign_session(world, "web", 1)
    world.pools.faults.append(Fault("ReleaseFromPool", message="no"))

    (result,) = world.create(world.mirror())

    assert result["success"]
    left = (
        "; left behind until the sandbox is cleaned up: session number 1 of "
        f"{world.nic('web')}"
    )
    assert result["infoMessage"].endswith(left)
    assert world.held == {world.nic("web"): {1, 2}}


def test_a_given_number_that_a_session_has_is_an_error_that_says_which(world):
    """The error names the session, and nothing is made."""
    session_id = foreign_session(world, "web", 5)
    before = world.standing

    (result,) = world.create(world.mirror(sessionNumber=5))

    assert not result["success"]
    assert session_id in result["errorMessage"]
    assert "number 5" in result["errorMessage"]
    assert before == world.standing


def test_a_given_number_that_the_pool_has_given_away_is_an_error(world):
    """The action fails alone and leaves nothing."""
    world.create(world.mirror(target="ids", sessionNumber=5))
    (session,) = world.sessions
    world.client.delete_traffic_mirror_session(
        TrafficMirrorSessionId=session["TrafficMirrorSessionId"]
    )
    before = world.standing

    results = world.create(
        world.mirror(sessionNumber=5), world.mirror("db", sessionNumber=5)
    )

    assert [result["success"] for result in results] == [False, True]
    assert "Taking session number 5" in results[0]["errorMessage"]
    assert len(world.sessions) == len(before[2]) + 1


def test_a_target_is_shared_by_the_actions_and_with_what_stood_before(world):
    """There is one target per NIC, whoever made it."""
    made = world.client.create_traffic_mirror_target(
        NetworkInterfaceId=world.nic("ids")
    )
    world.create(world.mirror("web"), world.mirror("db"))

    results = world.create(world.mirror("web", "ids"), world.mirror("db", "ids"))

    assert [result["success"] for result in results] == [True, True]
    assert len(world.targets) == 2
    used = {each["TrafficMirrorTargetId"] for each in world.sessions}
    assert made["TrafficMirrorTarget"]["TrafficMirrorTargetId"] in used


def test_the_same_request_again_makes_nothing(world):
    """A repeated command answers with the session that stands."""
    first = world.create(world.mirror(filterRules=[TCP]))
    before = world.standing
    world.ec2.clear_calls()

    again = world.create(world.mirror(filterRules=[TCP]))

    assert again[0]["success"]
    assert first[0]["sessionId"] == again[0]["sessionId"]
    assert before == world.standing
    assert world.ec2.writes() == []


def test_equal_actions_make_one_mirror(world):
    """Both results carry the one session id."""
    first, second = world.create(world.mirror(), world.mirror(action_id="2"))

    assert first["sessionId"] == second["sessionId"] != ""
    assert (first["actionId"], second["actionId"]) == ("1", "2")
    assert len(world.sessions) == 1


def test_an_action_stands_or_falls_alone(world):
    """Of three actions the one fails whose NIC EC2 doesn't know, in EC2's words."""
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


def test_whichever_call_fails_nothing_is_left(world):
    """For every writing call k of a request, failing k leaves an empty world."""
    rules = [TCP, {**TCP, "protocol": "udp"}]
    world.create(world.mirror(filterRules=rules))
    writes = len(world.ec2.writes())
    assert writes == 5
    world.remove(targetNicId=world.nic("capture"))
    assert world.standing == EMPTY

    for k in range(writes):
        world.ec2.faults.append(
            Fault(code="UnsupportedOperation", message="no", skip=k)
        )
        (result,) = world.create(world.mirror(filterRules=rules))
        assert "UnsupportedOperation: no" in result["errorMessage"], k
        assert world.standing == EMPTY, k


def test_what_could_not_be_undone_is_named(world):
    """The error of the action comes first, then what is left behind."""
    world.ec2.faults.extend(
        [
            Fault(
                operation="CreateTrafficMirrorSession", code="Unsupported", message="a"
            ),
            Fault(
                operation="DeleteTrafficMirrorFilter", code="Unsupported", message="b"
            ),
        ]
    )

    (result,) = world.create(world.mirror())

    (mirror_filter,) = world.filters
    assert world.targets == world.sessions == []
    assert world.held == {}
    error, left = result["errorMessage"].split("; left behind until the sandbox is ")
    assert "Unsupported: a" in error
    assert left == f"cleaned up: filter {mirror_filter['TrafficMirrorFilterId']}"


def test_a_number_goes_back_when_the_pool_answers_again(world):
    """A pool that refuses fails its action alone."""
    world.pools.faults.append(Fault("CheckoutFromPool", message="The pool is shut"))

    results = world.create(world.mirror("web"), world.mirror("db"))

    failed, made = sorted(results, key=lambda result: result["success"])
    assert "The pool is shut" in failed["errorMessage"]
    assert made["success"]
    assert len(world.held) == len(world.sessions) == 1


def test_a_target_that_stood_before_survives_a_failing_create(world):
    """What was merely found is never deleted."""
    world.client.create_traffic_mirror_target(NetworkInterfaceId=world.nic("capture"))
    before = world.standing
    world.ec2.faults.append(
        Fault(operation="CreateTrafficMirrorSession", code="Unsupported", message="no")
    )

    (result,) = world.create(world.mirror())

    assert not result["success"]
    assert before == world.standing


def test_a_fourth_session_on_a_source_is_refused_before_anything_is_made(world):
    """The error names the three that occupy it."""
    for number in (1, 2):
        foreign_session(world, "web", number)
    first = world.create(world.mirror())[0]
    before = world.standing
    world.ec2.clear_calls()

    (result,) = world.create(world.mirror(target="ids"))

    assert first["sessionId"] in result["errorMessage"]
    assert "outside CloudShell" in result["errorMessage"]
    assert before == world.standing
    assert world.ec2.writes() == []


def test_pages_of_answers_are_all_read(world):
    """A target on the second page is found and reused."""
    apps = [f"app-{number}" for number in range(12)]
    sandbox = world.new_sandbox("web", *apps)
    client = world.client
    for app in apps:
        client.create_traffic_mirror_target(NetworkInterfaceId=world.nic(app, sandbox))
    world.ec2.settings.page_size = 5
    actions = [
        world.mirror(
            sourceNicId=world.nic("web", sandbox), targetNicId=world.nic(app, sandbox)
        )
        for app in apps[-3:]
    ]

    results = world.create(*actions, sandbox=sandbox)

    assert [result["success"] for result in results] == [True] * 3
    world.ec2.settings.page_size = None
    assert len(world.targets) == 12


def test_the_answer_is_text_that_a_script_can_read(world):
    """The output of ExecuteCommand is one JSON document."""
    output = world.session.ExecuteCommand(
        world.sandbox.id,
        "AWS",
        "Resource",
        "CreateTrafficMirroring",
        [InputNameValue("request", request(world.mirror()))],
    ).Output

    assert list(json.loads(output)) == ["driverResponse"]
