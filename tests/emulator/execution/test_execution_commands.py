"""Commands: their inputs, results, failures, order and cancellation."""

import json
import time

import pytest

from emulator.execution import ExecutionError


def wait_for_text(path, text, seconds=10):
    """Wait until the file holds the text."""
    deadline = time.monotonic() + seconds
    while not (path.exists() and text in path.read_text()):
        assert time.monotonic() < deadline, f"{text!r} never came"
        time.sleep(0.005)


@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("nothing", ""),
        ("structure", '{"numbers": [1, 2], "yes": true}'),
        ("thing", '{"name": "thing", "parts": [1]}'),
    ],
)
def test_results_become_text(execution, run, command, output):
    """None becomes empty text, other objects become JSON."""
    assert run(execution, command) == output


def test_text_passes_unchanged(execution, run):
    """Text is passed unchanged, including line ends."""
    text = '{"a": "ü<&>\\n"}\r\n\tend '
    assert run(execution, "echo", text=text) == text


def test_failure_names_class_and_message(execution, run):
    """The caller gets an exception's class and message, the log its traceback."""
    with pytest.raises(ExecutionError) as caught:
        run(execution, "fail", message="NIC eni-1 is gone")
    assert caught.value.message == (
        "Command execution failed with error: 'ValueError'.\n"
        "Error description: NIC eni-1 is gone"
    )
    assert "Traceback" in execution.console_log("AWS").read_text()


def test_a_driver_can_not_end_its_process_by_exit(execution, run):
    """SystemExit fails the command only."""
    before = run(execution, "process")
    with pytest.raises(ExecutionError, match="SystemExit"):
        run(execution, "leave")
    assert run(execution, "process") == before


@pytest.mark.parametrize(
    ("command", "inputs", "text", "code"),
    [
        ("echo", {}, "lacks mandatory parameter 'text'", "100"),
        ("echo", {"text": "a", "txt": "b"}, "no parameter 'txt'", "100"),
        ("echo", {"text": "a", "context": "b"}, "no parameter 'context'", "100"),
        ("fail", {}, "lacks mandatory parameter 'message'", "100"),
        ("_private", {}, "no command '_private'", "101"),
        ("initialize", {}, "no command 'initialize'", "101"),
        ("cleanup", {}, "no command 'cleanup'", "101"),
        ("nonsense", {}, "no command 'nonsense'", "101"),
        ("promised", {}, "no such function", "151"),
    ],
)
def test_wrong_calls_are_refused(execution, request_for, command, inputs, text, code):
    """Unknown commands and wrong inputs are rejected before they run."""
    request = request_for(command)
    object.__setattr__(request, "inputs", inputs)
    with pytest.raises(ExecutionError, match=text) as caught:
        execution.enqueue(request).wait(20)
    assert caught.value.code == code


def test_an_optional_parameter_gets_its_declared_default(execution, run):
    """A parameter that is not mandatory gets the default of the metadata."""
    assert run(execution, "optional") == "from metadata"
    assert run(execution, "optional", text="given") == "given"


def test_concurrent_shells_run_commands_side_by_side(execution, request_for, tmp_path):
    """With the capability, two commands of one resource run at the same time."""
    folder = str(tmp_path)
    pair = [
        execution.enqueue(request_for("meet", folder=folder, own=own, other=other))
        for own, other in (("a", "b"), ("b", "a"))
    ]
    assert [each.wait(20) for each in pair] == ["met", "met"]


def test_serial_shells_run_commands_one_by_one_in_order(
    serial_shell, start, request_for
):
    """Without the capability, commands run one after the other, in order."""
    execution = start(serial_shell)
    names = [str(number) for number in range(12)]
    queued = [execution.enqueue(request_for("take_turn", name=name)) for name in names]
    outcomes = [json.loads(each.wait(20)) for each in queued]
    assert all(outcome["alone"] for outcome in outcomes)
    assert outcomes[-1]["order"] == names


def test_cancel_reaches_a_running_command(execution, request_for):
    """Cancelling sets the flag of a running command."""
    running = execution.enqueue(request_for("wait_for_cancel", name="one"))
    wait_for_text(execution.console_log("AWS"), "waiting one")
    assert execution.cancel(running.id)
    assert running.wait(10) == "cancelled"
    assert not execution.cancel(running.id)


def test_cancel_of_a_reservation_leaves_others_alone(execution, request_for):
    """Cancelling the commands of a reservation cancels no others."""
    mine = execution.enqueue(request_for("wait_for_cancel", name="m"))
    other = execution.enqueue(
        request_for("wait_for_cancel", name="o", reservation="res-2")
    )
    assert execution.cancel_reservation("res-1") == 1
    assert mine.wait(10) == "cancelled"
    assert not other.ended
    execution.cancel(other.id)
    assert other.wait(10) == "cancelled"


def test_cancel_of_a_waiting_command_counts_once_it_starts(
    serial_shell, start, request_for
):
    """A command that is cancelled in the queue starts with its flag set."""
    execution = start(serial_shell)
    first = execution.enqueue(request_for("wait_for_cancel", name="first"))
    second = execution.enqueue(request_for("wait_for_cancel", name="second"))
    assert execution.cancel(second.id)
    assert not first.ended
    execution.cancel(first.id)
    assert [first.wait(10), second.wait(10)] == ["cancelled", "cancelled"]


def test_cancel_needs_the_metadata_s_consent(execution, request_for):
    """Without EnableCancellation a command's flag is never set."""
    running = execution.enqueue(request_for("look_at_cancel", name="x"))
    assert not execution.cancel(running.id)
    assert running.wait(10) == "False"


def test_unknown_executions_are_errors(execution):
    """An unknown id is an error."""
    with pytest.raises(ExecutionError, match="no execution 'x'"):
        execution.cancel("x")


def test_context_has_the_platform_s_names(execution, run):
    """A command's context has the class and fields that drivers need."""
    context = json.loads(run(execution, "describe_context"))
    assert context["class"] == "ResourceCommandContext"
    assert context["connectivity"] == {
        "server_address": "127.0.0.1",
        "cloudshell_api_port": "8029",
        "quali_api_port": "9000",
        "admin_auth_token": "token",
        "cloudshell_version": "1.0",
        "cloudshell_api_scheme": "http",
        "use_webapi_endpoint": "False",
    }
    assert context["resource"]["attributes"] == {"M.Region": "x"}
    assert context["resource"]["fullname"] == "AWS"
    assert context["reservation"]["reservation_id"] == "res-1"
