"""A cloud provider resource's commands on an execution server with AWS settings."""

from __future__ import annotations

import json

import pytest
from cloudshell.api.cloudshell_api import InputNameValue
from cloudshell.api.common_cloudshell_api import CloudShellAPIError

from emulator.cloudshell import Resource
from emulator.secret_values import SECRET_MARK
from tests.request_texts import request
from tests.scenario.conftest import World, new_testbed
from tests.scenario.watched_lab import WatchedLab
from tests.troubleshooting import check_explained

KEYS = {
    "AWS Access Key ID": "AKIAOURS",
    "AWS Secret Access Key": f"{SECRET_MARK}-of-ours",
}
UNSET = dict.fromkeys(KEYS, "")
SERVER_KEYS = {
    "AWS_ACCESS_KEY_ID": "AKIASERVER",
    "AWS_SECRET_ACCESS_KEY": f"{SECRET_MARK}-of-the-server",
}
SELECTOR = "the execution server that 'Execution Server Selector' chooses"


class Server:
    """A lab whose execution server has AWS settings of its own."""

    def __init__(self, lab: WatchedLab) -> None:
        self.world: World = new_testbed(lab)
        self._resources = 0

    def add(self, **attributes: str) -> str:
        """Add a cloud provider resource in us-east-1; return its name."""
        self._resources += 1
        name = f"AWS {self.world.sandbox.id} {self._resources}"
        lab = self.world.lab
        given = {key.replace("_", " "): value for key, value in attributes.items()}
        attributes = {"Region": "us-east-1", **given}
        lab.cloudshell.add_resource(
            Resource(name=name, shell=lab.execution.shell, attributes=attributes)
        )
        self.world.ec2.clear_calls()
        return name

    def create(self, resource: str) -> dict:
        """Mirror web to capture; return the result."""
        output = self.world.session.ExecuteCommand(
            self.world.sandbox.id,
            resource,
            "Resource",
            "CreateTrafficMirroring",
            [InputNameValue("request", request(self.world.mirror()))],
        ).Output
        (result,) = json.loads(output)["driverResponse"]["actionResults"]
        check_explained(result["errorMessage"])
        return result

    def failure(self, resource: str) -> str:
        """Run the discovery of a resource that can't work; return its error."""
        with pytest.raises(CloudShellAPIError, match="InvalidConfiguration") as failed:
            self.world.session.AutoLoad(resource)
        check_explained(failed.value.message)
        return failed.value.message

    @property
    def keys(self) -> set[str]:
        """The access keys that signed the calls to EC2."""
        return {each.access_key for each in self.world.ec2.calls}

    @property
    def texts(self) -> str:
        """All files that the driver and the execution server have written."""
        files = self.world.lab.execution.log_path.rglob("*.log")
        return "".join(path.read_text() for path in files)
