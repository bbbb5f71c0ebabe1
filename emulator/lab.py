"""
EC2, CloudShell and the execution server together, for tests and the demo.

Owns: starting and connecting them, cloud provider resources, deployed Apps.
Must not know: mirroring, how the servers work.

It serves the shell of this checkout and adds a cloud provider resource; add_provider()
adds more. Each resource has a driver process of its own, so several resources are
several processes that work on one AWS account. deploy() adds Apps: a sandbox in
CloudShell, and instances with network interfaces in EC2. It can also start without a
shell, so that one can be installed.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from shutil import rmtree
from types import TracebackType
from typing import TYPE_CHECKING

from emulator.cloudshell import (
    API_PORT,
    App,
    CloudShellServer,
    Nic,
    Reservation,
    Resource,
    StoredResource,
    free_address,
)
from emulator.ec2 import Ec2Emulator
from emulator.execution import ExecutionServer, Shell, load_shell
from emulator.secret_values import SECRET_MARK
from tools.checkout import ROOT

if TYPE_CHECKING:
    from emulator.ec2.moto.deployment import DeployedInstance

RESOURCE = "AWS"

ACCESS_KEY = "AKIAINVENTEDFORTHELAB"

LAB_LOGS = "LAB_LOGS"
"""The environment variable that names a folder in which labs keep their logs."""

_SECRET_KEY = f"{SECRET_MARK}-of-the-lab"


class Lab:
    """
    EC2, CloudShell and the execution server, with the shell installed.

    `client` is a boto3 EC2 client for reading EC2's state.

    `python` runs the driver; it must have the driver's requirements. The execution
    server has the variables of `environment`. Each lab has loopback addresses of its
    own.

    Without a `driver_folder` there are no shell and no resource. If a shell is
    installed later, `python` makes the driver's virtual environment, with packages from
    pip's index, or from the folder `packages` only.

    The drivers' logs are deleted when the lab ends. If the environment variable
    LAB_LOGS names a folder, each lab keeps its logs in a new folder in that one.
    """

    def __init__(
        self,
        *,
        python: str | Path = sys.executable,
        driver_folder: Path | None = ROOT / "src",
        packages: Path | None = None,
        environment: Mapping[str, str] | None = None,
        api_port: int = API_PORT,
    ) -> None:
        self.ec2 = Ec2Emulator()
        self._environment = environment or {}
        self._api_port = api_port
        self._python = python
        self._driver_folder = driver_folder
        self._packages = packages

    def __enter__(self) -> Lab:
        self.ec2.start()
        self._folder = _new_folder()
        self.client = self.ec2.client()
        shell = self._checkout_shell()
        self.execution = ExecutionServer(
            shell,
            python=self._python,
            environment={
                "AWS_ENDPOINT_URL": self.ec2.endpoint_url,
                "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_CONFIG_FILE": os.devnull,
                "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
                **self._environment,
            },
            log_path=self._folder,
            packages=self._packages,
        )
        self.cloudshell = CloudShellServer(
            free_address(), self.execution, self._api_port
        )
        self.cloudshell.start()
        if shell:
            self.add_provider(shell)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.cloudshell.stop()
        self.ec2.stop()
        # The virtual environments of installed shells are no logs.
        kept = bool(os.environ.get(LAB_LOGS))
        rmtree(self._folder / "venv" if kept else self._folder, ignore_errors=True)

    def add_provider(
        self,
        shell: Shell | None = None,
        name: str = RESOURCE,
        access_key: str = ACCESS_KEY,
    ) -> StoredResource:
        """
        Add a cloud provider resource, by default of the shell of this checkout.

        All keys belong to the same account; by its key a resource can be recognized in
        EC2's calls.
        """
        # CloudShell encrypts the keys, and the driver decrypts them.
        attributes = {
            "Region": self.ec2.region,
            "AWS Access Key ID": access_key,
            "AWS Secret Access Key": _SECRET_KEY,
        }
        shell = shell or self.execution.shell
        return self.cloudshell.add_resource(
            Resource(name=name, shell=shell, attributes=attributes)
        )

    def deploy(
        self, name: str, apps: Mapping[str, str | None], account: str | None = None
    ) -> Reservation:
        """
        Start a sandbox with Apps, given by name; each App gets a NIC.

        A value that is not None is the id for the App's NIC. The instances are in the
        default account or the given one.
        """
        instances = self.ec2.deploy_instances(len(apps), account)
        deployed = [
            self._app(app, nic_id, instance)
            for (app, nic_id), instance in zip(apps.items(), instances)
        ]
        return self.cloudshell.add_reservation(Reservation(name, apps=deployed))

    def _checkout_shell(self) -> Shell | None:
        if self._driver_folder is None:
            return None
        definition = ROOT / "shell-definition.yaml"
        return load_shell(definition, driver_folder=self._driver_folder)

    def _app(self, app: str, nic_id: str | None, instance: DeployedInstance) -> App:
        if nic_id:
            self.ec2.rename_interface(instance.interface_id, nic_id)
        nic_id = nic_id or instance.interface_id
        nic = Nic(nic_id, instance.subnet_id, instance.address, primary=True)
        return App(app, instance.id, [nic])


def _new_folder() -> Path:
    """Create a folder for a lab's logs."""
    place = os.environ.get(LAB_LOGS)
    if place:
        Path(place).mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix="traffic-mirroring-lab-", dir=place)).resolve()
