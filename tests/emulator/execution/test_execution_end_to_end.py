"""From the real client through CloudShell to a driver process and back."""

import http.client
import json
import threading
import time

import pytest
from cloudshell.api.cloudshell_api import CloudShellAPISession, InputNameValue
from cloudshell.api.common_cloudshell_api import CloudShellAPIError

from emulator.cloudshell import Reservation, Resource, User


@pytest.fixture
def call(cloudshell, sandbox):
    """Return a function that calls ExecuteCommand on AWS with the real client."""
    session = cloudshell.session()

    def execute(command, print_output=False, **inputs):
        values = [InputNameValue(name, value) for name, value in inputs.items()]
        return session.ExecuteCommand(
            sandbox.id, "AWS", "Resource", command, values, print_output
        ).Output

    return execute


@pytest.mark.parametrize(
    "text", ["", "plain", ' {"a": "<&>"}\n\ttwo ', "gr\u00fc\u00df \U0001f600", "True"]
)
def test_text_survives_the_round_trip(call, text):
    """The client's Output is what the driver returns."""
    assert call("echo", text=text) == text


def test_empty_output_is_empty_text(call):
    """A command without a result has the Output '' and not the client's type object."""
    assert call("nothing") == ""


def test_control_characters_are_dropped_from_output(call):
    """Output that XML can't hold arrives without the characters in question."""
    assert call("control_characters") == "abcd"


def test_a_driver_s_exception_reaches_the_caller(call):
    """The client's error has code 100 and the exception's class and message."""
    with pytest.raises(CloudShellAPIError) as caught:
        call("fail", message="a<b>&\"c'\nline two")
    assert caught.value.code == "100"
    assert caught.value.message == (
        "Command execution failed with error: 'ValueError'.\n"
        "Error description: a<b>&\"c'\nline two"
    )


def test_unknown_commands_have_their_own_code(call):
    """A command that the driver does not have is refused with code 101."""
    with pytest.raises(CloudShellAPIError, match="no command 'nothing_such'") as caught:
        call("nothing_such")
    assert caught.value.code == "101"


def test_output_is_printed_on_demand(call, sandbox):
    """Only with printOutput does a result show in the sandbox's output."""
    call("echo", text="quiet")
    call("echo", print_output=True, text="loud")
    assert sandbox.output == ["loud"]


def test_the_platform_s_own_packages_work_inside_the_driver(call, cloudshell, sandbox):
    """A driver can log, decrypt its password and write messages as in production."""
    answer = json.loads(call("use_platform"))
    assert answer["plain"] == "open sesame"
    assert "open sesame" not in answer["stored"]
    assert sandbox.output == ["from the driver"]
    logs = list((cloudshell.execution.log_path / sandbox.id).rglob("AWS--*.log"))
    text = "".join(log.read_text() for log in logs)
    assert "logged by the driver" in text
    assert "Shell Version       : 1.2.3" in text


def test_context_describes_resource_and_sandbox(call, cloudshell, sandbox):
    """A driver is told the address, the model's attributes and the sandbox's data."""
    context = json.loads(call("describe_context"))
    assert context["connectivity"]["server_address"] == cloudshell.host
    attributes = context["resource"]["attributes"]
    assert attributes["Sample Provider 2G.Region"] == "us-east-1"
    assert context["resource"]["model"] == "Sample Provider 2G"
    reservation = context["reservation"]
    assert reservation["reservation_id"] == sandbox.id
    assert reservation["environment_name"] == "demo"
    assert (reservation["owner_user"], reservation["domain"]) == ("admin", "Global")


def test_a_command_s_token_dies_with_it(call, cloudshell):
    """After the command, its token is refused with 118 at logon and in any call."""
    token = call("hand_out_token")
    with pytest.raises(CloudShellAPIError) as caught:
        CloudShellAPISession(cloudshell.host, token_id=token, domain="Global")
    assert caught.value.code == "118"
    session = cloudshell.session()
    session.authentication._xmlrpc_token = token
    with pytest.raises(CloudShellAPIError) as caught:
        session.GetResourceDetails("AWS")
    assert caught.value.code == "118"


def test_a_command_s_token_is_an_administrator_s(cloudshell, sandbox):
    """Somebody who may not decrypt can still run a command that does."""
    user = cloudshell.add_user(User("bob", "pw"))
    session = cloudshell.session(user)
    stored = cloudshell.resource("AWS").attributes
    secret = next(each.value for each in stored if each.type == "Password")
    with pytest.raises(CloudShellAPIError, match="administrators"):
        session.DecryptPassword(secret)
    output = session.ExecuteCommand(sandbox.id, "AWS", "Resource", "use_platform")
    assert json.loads(output.Output)["plain"] == "open sesame"


def test_enqueue_returns_an_id_at_once(cloudshell, sandbox, execution):
    """EnqueueCommand answers while the command runs; its outcome can be had later."""
    session = cloudshell.session()
    inputs = [InputNameValue("name", "queued")]
    identity = session.EnqueueCommand(
        sandbox.id, "AWS", "Resource", "wait_for_cancel", inputs
    ).Id
    assert not execution.execution(identity).ended
    assert execution.cancel(identity)
    assert execution.execution(identity).wait(10) == "cancelled"


def test_calls_of_many_threads_do_not_mix(call):
    """Parallel calls over one session get each their own answer."""
    answers = {}

    def work(number):
        answers[number] = call("echo", text=f"text {number}")

    threads = [threading.Thread(target=work, args=(n,)) for n in range(25)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert answers == {number: f"text {number}" for number in range(25)}


def test_autoload_runs_the_discovery(cloudshell, execution):
    """AutoLoad calls get_inventory with an AutoLoadCommandContext and no sandbox."""
    cloudshell.session().AutoLoad("AWS")
    console = execution.console_log("AWS").read_text()
    assert "inventory by AutoLoadCommandContext" in console


@pytest.mark.parametrize(
    ("position", "value", "text", "code"),
    [
        (0, "no-such-id", "no reservation 'no-such-id'", "100"),
        (1, "Azure", "no resource 'Azure'", "100"),
        (1, "Plain", "has no driver", "129"),
        (2, "Service", "only Resource", "100"),
    ],
)
def test_wrong_targets_are_refused(cloudshell, sandbox, position, value, text, code):
    """An unknown sandbox, resource or target type is an error that names it."""
    cloudshell.add_resource(Resource("Plain", model="Server", family="Servers"))
    target = [sandbox.id, "AWS", "Resource", "nothing"]
    target[position] = value
    with pytest.raises(CloudShellAPIError, match=text) as caught:
        cloudshell.session().ExecuteCommand(*target)
    assert caught.value.code == code


def test_commands_of_an_ended_sandbox_are_refused_unless_switched(
    cloudshell, sandbox, call
):
    """An ended sandbox runs no commands, unless the test wants it to."""
    cloudshell.end_reservation(sandbox.id)
    with pytest.raises(CloudShellAPIError, match="reservation has ended"):
        call("nothing")
    cloudshell.refuse_commands_after_end = False
    assert call("nothing") == ""


def test_stopping_cloudshell_ends_the_drivers(call, cloudshell, execution):
    """No driver outlives the CloudShell it belongs to."""
    call("nothing")
    cloudshell.stop()
    assert execution.driver_pid("AWS") is None


def test_a_request_that_is_sent_again_runs_again(cloudshell, sandbox, execution):
    """As the client repeats itself after a lost connection, so does the command."""
    token = cloudshell.session().authentication.xmlrpc_token
    body = (
        f"<ExecuteCommand><reservationId>{sandbox.id}</reservationId>"
        "<targetName>AWS</targetName><targetType>Resource</targetType>"
        "<commandName>wait_for_cancel</commandName><commandInputs><InputNameValue>"
        "<Name>name</Name><Value>lost</Value></InputNameValue></commandInputs>"
        "<printOutput>false</printOutput></ExecuteCommand>"
    )
    path = "/ResourceManagerApiService/ExecuteCommand"
    for count in (1, 2):
        connection = http.client.HTTPConnection(cloudshell.host, 8029)
        connection.request("POST", path, body, {"Authorization": f"Token={token}"})
        deadline = time.monotonic() + 10
        while len(execution.executions(sandbox.id)) < count:
            assert time.monotonic() < deadline
            time.sleep(0.005)
        connection.close()
    assert execution.cancel_reservation(sandbox.id) == 2
    outcomes = [each.wait(10) for each in execution.executions(sandbox.id)]
    assert outcomes == ["cancelled", "cancelled"]


def test_commands_are_listed_cancelled_and_cleared(cloudshell, sandbox, execution):
    """Clearing a resource also ends the commands of other sandboxes (API 2026.2)."""
    session = cloudshell.session()
    other = cloudshell.add_reservation(Reservation("other"))
    first, second = (
        session.EnqueueCommand(
            each.id,
            "AWS",
            "Resource",
            "wait_for_cancel",
            [InputNameValue("name", each.name)],
        ).Id
        for each in (sandbox, other)
    )

    (listed,) = session.GetRunningCommands(sandbox.id).Commands
    of_resource = session.GetResourceCommandExecutions("AWS").Commands
    session.CancelResourceCommand(first)
    assert execution.execution(first).wait(10) == "cancelled"
    (cleared,) = session.ClearResourceCommands("AWS").Commands

    assert (listed.ExecutionId, listed.CommandName) == (first, "wait_for_cancel")
    assert (listed.ResourceFullName, listed.ReservationId) == ("AWS", sandbox.id)
    assert {each.ExecutionId for each in of_resource} == {first, second}
    assert (cleared.ExecutionId, cleared.ReservationId) == (second, other.id)
    assert execution.execution(second).wait(10) == "cancelled"
    assert session.GetResourceCommandExecutions("AWS").Commands == []


@pytest.mark.parametrize(
    ("method", "argument"),
    [
        ("CancelResourceCommand", "c-1"),
        ("GetRunningCommands", "res-1"),
        ("GetResourceCommandExecutions", "AWS"),
        ("ClearResourceCommands", "AWS"),
    ],
)
def test_only_administrators_control_commands(cloudshell, method, argument):
    """The client's documentation says so."""
    session = cloudshell.session(cloudshell.add_user(User("bob", "pw")))
    with pytest.raises(CloudShellAPIError, match="administrators") as caught:
        getattr(session, method)(argument)
    assert caught.value.code == "118"


def test_an_unknown_command_cannot_be_cancelled(cloudshell):
    """The error has its id."""
    with pytest.raises(CloudShellAPIError, match="c-1"):
        cloudshell.session().CancelResourceCommand("c-1")


def test_the_execution_server_selector_has_no_prefix(call):
    """Other attributes begin with the model's name."""
    names = json.loads(call("describe_context"))["resource"]["attributes"]
    assert "Execution Server Selector" in names
    assert "Sample Provider 2G.Region" in names


def test_contexts_have_the_port_and_the_scheme_of_the_api(call, cloudshell):
    """The port is text; the scheme may be empty."""
    cloudshell.api_scheme = ""
    connectivity = json.loads(call("describe_context"))["connectivity"]
    assert connectivity["cloudshell_api_port"] == "8029"
    assert connectivity["cloudshell_api_scheme"] == ""
