"""The sample shell, its execution server, and a CloudShell around it."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from emulator.cloudshell import (
    App,
    CloudShellServer,
    Nic,
    Reservation,
    Resource,
    free_address,
)
from emulator.execution import (
    CommandRequest,
    Connectivity,
    ExecutionServer,
    ReservationDetails,
    ResourceDetails,
    load_shell,
)

SAMPLE = Path(__file__).with_name("sample_shell")


@pytest.fixture
def shell():
    """Return the sample shell, whose commands may run in parallel."""
    return load_shell(SAMPLE / "shell-definition.yaml", driver_folder=SAMPLE / "src")


@pytest.fixture
def serial_shell(shell):
    """Return the sample shell without the concurrency capability."""
    return replace(shell, concurrent=False)


@pytest.fixture
def start(tmp_path):
    """Return a function that starts an execution server, closed after the test."""
    servers = []

    def start_server(shell, **options):
        options = {"python": sys.executable, "log_path": tmp_path / "log", **options}
        server = ExecutionServer(shell, **options)
        servers.append(server)
        return server

    yield start_server
    for server in servers:
        server.close()


@pytest.fixture
def execution(shell, start):
    """Return an execution server for the sample shell."""
    return start(shell)


@pytest.fixture
def request_for():
    """Return a function that makes requests as CloudShell would."""

    def make(command, resource="AWS", reservation="res-1", **inputs):
        return CommandRequest(
            command=command,
            inputs=inputs,
            resource=ResourceDetails(
                "r-1", resource, "NA", "M", "F", {"M.Region": "x"}
            ),
            connectivity=Connectivity("127.0.0.1", "token", "1.0"),
            reservation=ReservationDetails(
                reservation, "blueprint", "blueprint", "Global", "", "ann", "", "ann"
            ),
        )

    return make


@pytest.fixture
def run(request_for):
    """Return a function that runs a command on an execution server to its end."""

    def run_command(server, command, **details):
        return server.enqueue(request_for(command, **details)).wait(20)

    return run_command


@pytest.fixture
def cloudshell(execution):
    """Return a CloudShell with the sample resource AWS, its Secret set."""
    with CloudShellServer(free_address(), execution) as server:
        attributes = {"Secret": "open sesame"}
        server.add_resource(
            Resource("AWS", shell=execution.shell, attributes=attributes)
        )
        yield server


@pytest.fixture
def sandbox(cloudshell):
    """Return a sandbox with one app."""
    nic = Nic("eni-1", "subnet-1", "10.0.0.4", primary=True)
    apps = [App("web", instance_id="i-1", nics=[nic])]
    return cloudshell.add_reservation(Reservation("demo", apps=apps))
