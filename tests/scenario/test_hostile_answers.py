"""Whatever EC2 writes into an answer, CloudShell's client can read ours."""

from __future__ import annotations

import pytest
from cloudshell.api.common_cloudshell_api import CloudShellAPIError

from emulator.faults import Fault
from emulator.lab import RESOURCE
from tests.request_texts import remove_action, request
from tests.scenario.conftest import EMPTY, clean_up, create_mirrors
from tests.scenario.watched_lab import XML_REFUSES

pytestmark = pytest.mark.short_waits

MESSAGES = {
    "CDATA's end": "]]>",
    "markup": "</Error></Response><Response x='y'>&amp;&#0;<!-- <![CDATA[ <?x?>",
    "line breaks": "no\r\n2026-11-26 [INFO]: all is well\n\ttabbed",
    "formats": "%s %n {0.__class__} {error} ${HOME} \\u0000 \\",
    "other planes": "\u2028\u0085\U0010fffd\ufffd\u202e",
    "10 MB": "x" * 10_000_000,
}
UNREADABLE = {
    "empty": b"",
    "a page": b"<!doctype html><html><body>Please log on<br></body></html>",
    "a control character": b"<Response><Errors><Error><Code>a\x00b</Code></Error>",
    "a lone surrogate": b"<Response>\xed\xa0\x80</Response>",
    "cut off": b"<AssumeRoleResponse><SecretAccessKey>cut",
    "binary": bytes(range(256)),
    "10 MB": b"x" * 10_000_000,
}
LIST = {"type": "GetTrafficMirroring", "actionId": "list"}
_SESSION = """<DescribeTrafficMirrorSessionsResponse><trafficMirrorSessionSet><item>
<trafficMirrorSessionId>tms-{text}</trafficMirrorSessionId>
<trafficMirrorTargetId>tmt-{text}</trafficMirrorTargetId>
<trafficMirrorFilterId>tmf-{text}</trafficMirrorFilterId>
<networkInterfaceId>eni-{text}</networkInterfaceId>
<ownerId>{text}</ownerId><sessionNumber>5</sessionNumber><description>{text}</description>
<tagSet><item><key>{text}</key><value>{text}</value></item></tagSet>
</item></trafficMirrorSessionSet></DescribeTrafficMirrorSessionsResponse>"""


def fail(world, operation, **fault):
    """Let all calls of an operation fail."""
    world.ec2.faults.append(Fault(operation=operation, times=None, **fault))


def run(world, command, action):
    """Run a command with one action; return its result."""
    (result,) = world.execute_unchecked(command, request(action))
    return result


def error_of(result):
    """Return the error of a failed action, which must not be long."""
    assert not result["success"]
    assert len(result["errorMessage"]) < 50_000
    return result["errorMessage"]


@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES)
def test_any_message_of_ec2_is_in_a_readable_answer(world, message):
    """Of a result and of a command that fails as a whole; long ones are cut."""
    (created,) = create_mirrors(world, world.mirror())
    for operation in ("CreateTrafficMirrorSession", "DeleteTrafficMirrorSession"):
        fail(world, operation, code=f"No{message[:20]}", message=message)
    fail(world, "DescribeTrafficMirrorTargets", code="No", message=message)

    errors = [
        error_of(run(world, f"{command}TrafficMirroring", action))
        for command, action in (
            ("Create", world.mirror("db")),
            ("Remove", remove_action(sessionId=created["sessionId"])),
        )
    ]
    with pytest.raises(CloudShellAPIError) as failed:
        world.session.AutoLoad(RESOURCE)

    # HTTP and XML change \\r\\n to \\n.
    beginning = message[:1_000].replace("\r\n", "\n")
    assert [error for error in errors if beginning not in error] == []
    assert beginning.split("\n")[0] in failed.value.message
    assert len(failed.value.message) < 50_000


@pytest.mark.parametrize("reply", UNREADABLE.values(), ids=UNREADABLE)
def test_an_unreadable_answer_of_ec2_counts_as_lost(world, reply):
    """What the call created is found by its tags, and rolled back."""
    fail(
        world,
        "CreateTrafficMirrorFilter",
        status=200,
        reply=reply,
        after_effect=True,
    )

    result = run(world, "CreateTrafficMirroring", world.mirror())

    assert error_of(result)
    assert world.state == EMPTY


def test_any_text_in_a_session_of_ec2_is_in_a_readable_answer(world):
    """Ids, tags and descriptions that no AWS account has are listed."""
    text = "]]&gt;&lt;x&gt;&amp;#0;{0.__class__}%s&#10;\u2028\U0010fffd"
    fail(
        world,
        "DescribeTrafficMirrorSessions",
        status=200,
        reply=_SESSION.format(text=text).encode(),
    )

    (mirror,) = run(world, "GetTrafficMirroring", LIST)["mirrors"]

    assert mirror["sessionId"] == ("tms-]]><x>&#0;{0.__class__}%s\n\u2028\U0010fffd")


def test_control_characters_of_cloudwatch_are_in_a_readable_answer(world):
    """It answers in JSON, which can carry what XML can't."""
    create_mirrors(world, world.mirror())
    fail(world, "GetMetricData", code="No", message="a\x00b\ud800c\x1b[31m")

    listed = run(world, "GetTrafficMirroring", LIST)

    assert "a\\x00b\\ud800c\\x1b[31m" in listed["infoMessage"]
    assert XML_REFUSES.search(listed["infoMessage"]) is None
    assert clean_up(world)["success"]
