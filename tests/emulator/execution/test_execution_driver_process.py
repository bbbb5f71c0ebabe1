"""The driver's own process: how it starts, what it sees, how it ends."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from emulator.execution import ExecutionError
from emulator.execution.driver_process import DriverProcess, Launch
from emulator.execution.errors import DriverProcessEndedError
from tests.environments import need_python

HOST = Path(__file__).parents[3] / "emulator/execution/driver_host.py"


def is_running(pid):
    """Whether the process still runs; a zombie does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until(condition, seconds=10):
    """Wait for the condition to come true, within bounds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


def test_one_process_serves_a_resource_after_one_initialize(execution, run):
    """A resource's commands share one process, initialized once before the first."""
    first = json.loads(run(execution, "process"))
    second = json.loads(run(execution, "process", reservation="res-2"))
    assert first == second
    assert first["initialized"] == ["InitCommandContext"]
    assert first["pid"] == execution.driver_pid("AWS") != os.getpid()


def test_each_resource_has_a_process_of_its_own(execution, run):
    """Two resources of one shell never share a process."""
    pids = {
        json.loads(run(execution, "process", resource=name))["pid"]
        for name in ("AWS one", "AWS two")
    }
    assert len(pids) == 2


def test_driver_sees_its_own_folder_first_and_nothing_of_the_emulator(execution, run):
    """The driver's folder leads sys.path; the emulator's modules can't be reached."""
    seen = json.loads(run(execution, "surroundings"))
    assert seen["path"][0] == str(execution.shell.driver_folder)
    assert str(HOST.parent) not in seen["path"]
    assert seen["emulator"] == []


def test_environment_is_given_and_not_inherited(shell, start, run, monkeypatch):
    """A driver sees the given variables, none of this machine's AWS or proxy ones."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of this machine")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid")
    execution = start(shell, environment={"AWS_ENDPOINT_URL": "http://127.0.0.1:1"})
    seen = json.loads(run(execution, "environment"))
    assert seen["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert seen["LOG_PATH"] == str(execution.log_path)
    assert seen["LOG_LEVEL"] == "DEBUG"
    assert not {"AWS_SECRET_ACCESS_KEY", "HTTPS_PROXY"} & set(seen)
    assert Path(seen["HOME"]).is_relative_to(execution.log_path)


def test_prints_land_in_the_console_log_and_disturb_nothing(execution, run):
    """Whatever a driver, or a child of it, prints goes to its console log alone."""
    assert run(execution, "talk") == "undisturbed"
    assert run(execution, "echo", text="next") == "next"
    console = execution.console_log("AWS").read_bytes()
    for text in (b"forged", b"caf", b"raw bytes \xff", b"from a child"):
        assert text in console


def test_a_process_that_dies_fails_its_command_and_is_replaced(execution, run):
    """A command whose process ends fails clearly; the next one gets a new process."""
    before = json.loads(run(execution, "process"))["pid"]
    with pytest.raises(ExecutionError, match=r"process ended .*exit code 3"):
        run(execution, "die")
    assert json.loads(run(execution, "process"))["pid"] != before


def test_terminate_ends_what_runs(execution, request_for, run):
    """Terminating a driver fails every command that runs in its process."""
    run(execution, "process")
    running = execution.enqueue(request_for("wait_for_cancel", name="a"))
    wait_until(lambda: "waiting a" in execution.console_log("AWS").read_text())
    execution.terminate("AWS")
    with pytest.raises(ExecutionError, match="process ended"):
        running.wait(10)


@pytest.mark.parametrize(
    ("stage", "text"),
    [
        ("import", "LoadDriver.*ModuleNotFoundError"),
        ("initialize", "initialize.*no Reg"),
    ],
)
def test_a_driver_that_does_not_start_says_why(shell, start, run, stage, text):
    """A failing import or initialize fails the command, by name, leaving nothing."""
    execution = start(shell, environment={"SAMPLE_FAILS": stage})
    with pytest.raises(ExecutionError) as caught:
        run(execution, "process")
    assert all(part in caught.value.message for part in text.split(".*"))
    assert execution.driver_pid("AWS") is None


def test_a_python_that_is_not_there_fails_the_command(shell, start, run, tmp_path):
    """An interpreter that can't be started is a clear error of the command."""
    execution = start(shell, python=tmp_path / "nothing")
    with pytest.raises(ExecutionError, match="can't be started"):
        run(execution, "process")


def test_close_cleans_up_and_leaves_no_process(execution, run):
    """Closing calls cleanup and ends the process; later commands fail."""
    pid = json.loads(run(execution, "process"))["pid"]
    execution.close()
    assert "cleaned up" in execution.console_log("AWS").read_text()
    assert not is_running(pid)
    with pytest.raises(ExecutionError, match="closed"):
        run(execution, "process")


def test_close_kills_a_driver_that_is_busy(execution, request_for):
    """Closing fails running and queued commands at once."""
    running = execution.enqueue(request_for("wait_for_cancel", name="b"))
    wait_until(lambda: execution.driver_pid("AWS") and running)
    wait_until(lambda: "waiting b" in execution.console_log("AWS").read_text())
    pid = execution.driver_pid("AWS")
    execution.close()
    with pytest.raises(ExecutionError):
        running.wait(10)
    assert not is_running(pid)


def test_an_idle_driver_is_stopped_and_started_again(shell, start, run):
    """An idle driver is stopped; the next command starts another process."""
    execution = start(shell, idle_seconds=0.02)
    first = json.loads(run(execution, "process"))["pid"]
    wait_until(lambda: execution.driver_pid("AWS") is None)
    assert "cleaned up" in execution.console_log("AWS").read_text()
    assert json.loads(run(execution, "process"))["pid"] != first


def test_the_host_ends_when_its_channel_closes(shell):
    """A host ends when its channel closes."""
    host = subprocess.Popen(
        [sys.executable, HOST],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    load = {"action": "load", "id": "1", "folder": str(shell.driver_folder)}
    load.update({"module": "driver", "class": "SampleDriver"})
    host.stdin.write(json.dumps(load).encode() + b"\n")
    host.stdin.flush()
    assert b"echo" in host.stdout.readline()
    host.stdin.close()
    assert host.wait(10) == 0
    host.stdout.close()


def test_a_stopped_process_ends_by_itself(shell, tmp_path):
    """Nothing that it does at its end is lost, as it would be if it were killed."""
    process = DriverProcess(
        Launch(Path(sys.executable), shell.driver_folder, {}, tmp_path / "console.log")
    )

    process.stop()

    with pytest.raises(DriverProcessEndedError, match="exit code 0"):
        process.request("cleanup").result()


def test_the_host_runs_on_python_39(shell, start, run):
    """The host works with the oldest interpreter that CloudShell bundles."""
    execution = start(shell, python=need_python("3.9"))
    assert json.loads(run(execution, "surroundings"))["version"] == [3, 9]
    with pytest.raises(ExecutionError, match="Error description: why"):
        run(execution, "fail", message="why")
