"""Zips and runs the setup and teardown scripts of examples/ as CloudShell does."""

from __future__ import annotations

import json
import os
import re
import subprocess
import zipfile
from dataclasses import replace

from emulator.cloudshell import ADMIN
from tests.scenario.ec2_resources import attach_nic
from tools.checkout import ROOT

EXAMPLES = ROOT / "examples"
REQUIREMENTS = EXAMPLES / "requirements.txt"


class Scripts:
    """A sandbox whose setup deploys its Apps, and its setup and teardown scripts."""

    def __init__(self, world, python, folder) -> None:
        self.world = world
        self.sandbox = world.new_sandbox("web", "db", "capture", "mail")
        self.nics = {app.name: app.nics for app in self.sandbox.apps}
        self.sandbox.requested = [
            replace(app, name=f"{app.name}_1a2b3c4{number}", app_name=app.name)
            for number, app in enumerate(self.sandbox.apps)
        ]
        self.sandbox.apps = []
        self._python = python
        self._folder = folder

    @property
    def output(self):
        """The text in the sandbox's output."""
        return "\n".join(self.sandbox.output)

    def nic(self, app, number=0):
        """Return the id of an App's NIC."""
        return self.nics[app][number].id

    def add_nic(self, app):
        """Attach another NIC to an App's instance; return its id."""
        requested = next(a for a in self.sandbox.requested if a.app_name == app)
        return attach_nic(self.world.client, requested)

    def set_up(self, *mirrors, provider=""):
        """Run the setup script; replace its table if mirrors are given."""
        table = {"MIRRORS": list(mirrors)} if mirrors else {}
        return self._run("sandbox_setup", PROVIDER=provider, **table)

    def tear_down(self, provider=""):
        """Run the teardown script."""
        return self._run("sandbox_teardown", PROVIDER=provider)

    def mirrored(self):
        """Return the source and target NICs of all sessions in EC2."""
        targets = {
            each["TrafficMirrorTargetId"]: each["NetworkInterfaceId"]
            for each in self.world.targets
        }
        return {
            (each["NetworkInterfaceId"], targets[each["TrafficMirrorTargetId"]])
            for each in self.world.sessions
        }

    def _run(self, script, **constants):
        text = (EXAMPLES / script / "__main__.py").read_text()
        for name, value in constants.items():
            text = edit(text, name, value)
        archive = self._folder / f"{script}.zip"
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("__main__.py", text)
            file.write(EXAMPLES / "mirroring.py", "mirroring.py")
            file.write(REQUIREMENTS, "requirements.txt")
        return subprocess.run(
            [self._python, archive],
            env={
                **os.environ,
                "LOG_PATH": str(self._folder),
                **script_environment(self.world, self.sandbox),
            },
            capture_output=True,
            text=True,
            check=False,
        )


def edit(text, name, value):
    """Replace the value of a constant at the top of a script, as its user would."""
    pattern = rf"^{name} = (\[$.*?^\]|.*?)$"
    edited, count = re.subn(
        pattern, lambda _: f"{name} = {value!r}", text, flags=re.MULTILINE | re.DOTALL
    )
    assert count == 1
    return edited


def script_environment(world, sandbox):
    """Return the variables that CloudShell sets for a setup or teardown script."""
    contexts = {
        "qualiConnectivityContext": {
            "serverAddress": world.lab.cloudshell.host,
            "tsAPIPort": "8029",
            "tsAPIScheme": "http",
            "useWebapiEndpoint": "false",
            "adminUser": ADMIN.name,
            "adminPass": ADMIN.password,
            "adminAuthToken": world.session.authentication.xmlrpc_token,
        },
        "reservationContext": {
            "id": sandbox.id,
            "environmentName": sandbox.environment_name,
            "environmentPath": sandbox.environment_name,
            "domain": sandbox.domain,
            "description": sandbox.description,
            "ownerUser": sandbox.owner,
            "ownerPass": "",
            "runningUser": sandbox.owner,
            "savedSandboxId": "",
            "permittedUsers": [{"userName": sandbox.owner, "email": ADMIN.email}],
            "parameters": {
                "globalInputs": [],
                "resourceRequirements": [],
                "resourceAdditionalInfo": [],
            },
        },
        "reservationLifecycleContext": {
            "reservationId": sandbox.id,
            "savedSandboxName": "",
            "savedSandboxDescription": "",
            "currentUserName": sandbox.owner,
        },
    }
    return {name: json.dumps(context) for name, context in contexts.items()}
