"""A CloudShell without drivers, a session of the real client, a plain HTTP client."""

import http.client
import sys

import pytest
from cloudshell.rest.api import PackagingRestApiClient

from emulator.cloudshell import (
    App,
    CloudShellServer,
    Nic,
    Reservation,
    Resource,
    free_address,
)
from emulator.execution import ExecutionServer, load_shell


@pytest.fixture
def cloudshell():
    """Return a running CloudShell."""
    with CloudShellServer(free_address()) as server:
        yield server


@pytest.fixture
def session(cloudshell):
    """Return the real client, logged on as administrator."""
    return cloudshell.session()


@pytest.fixture
def client(cloudshell):
    """Return shellfoundry's client, logged on as administrator."""
    return PackagingRestApiClient.login(cloudshell.host, "admin", "admin")


@pytest.fixture
def sandbox(cloudshell):
    """Return a sandbox with an App with two NICs, and the resource AWS."""
    cloudshell.add_resource(Resource("AWS", model="M2", family="CS_CloudProvider"))
    nics = [
        Nic("eni-1", "subnet-1", "10.0.0.4", primary=True),
        Nic("eni-2", "subnet-2", "10.0.1.4"),
    ]
    apps = [App("web", instance_id="i-1", nics=nics)]
    return cloudshell.add_reservation(
        Reservation("demo", apps=apps, resources=["AWS"], environment_name="bp")
    )


@pytest.fixture
def post(cloudshell):
    """Return a function that posts bytes to the XML API: status and body."""

    def send(method, body, headers=None, port=8029, verb="POST"):
        connection = http.client.HTTPConnection(cloudshell.host, port, timeout=10)
        path = (
            method if method.startswith("/") else f"/ResourceManagerApiService/{method}"
        )
        connection.request(verb, path, body, headers or {})
        reply = connection.getresponse()
        content = reply.read().decode()
        connection.close()
        return reply.status, content

    return send


@pytest.fixture
def shell_with_password(tmp_path):
    """Return a shell with Password attributes, whose driver is never started."""
    metadata = '<Driver MainClass="driver.Driver" PythonVersion="3"/>'
    (tmp_path / "drivermetadata.xml").write_text(metadata)
    definition = tmp_path / "shell-definition.yaml"
    definition.write_text(
        "metadata: {template_name: Shell X, template_version: 2.0.0}\n"
        "node_types:\n"
        "  vendor.resource.Model X:\n"
        "    derived_from: cloudshell.nodes.CustomCloudProvider\n"
        "    properties:\n"
        "      Key: {type: cloudshell.datatypes.Password}\n"
        "      Empty: {type: cloudshell.datatypes.Password}\n"
        "      Region: {type: string, default: here}\n"
    )
    return load_shell(definition, driver_folder=tmp_path)


@pytest.fixture
def execution_for(tmp_path):
    """Return a function that makes an execution server for a shell."""

    def make(shell):
        return ExecutionServer(shell, python=sys.executable, log_path=tmp_path / "log")

    return make
