"""A lab for each module; each test starts with an empty EC2 and a new sandbox."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cloudshell.api.cloudshell_api import InputNameValue
from cloudshell.api.common_cloudshell_api import CloudShellAPIError

from emulator.cloudshell import Reservation
from emulator.lab import RESOURCE, Lab
from tests.request_texts import create_action, remove_action, request
from tests.troubleshooting import check_explained


class World:
    """What a lab engineer's script sees, and what stands behind it."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.ec2 = lab.ec2
        self.client = lab.client
        self.pools = lab.cloudshell.pools
        self.session = lab.cloudshell.session()
        self.sandbox = self.new_sandbox()
        self.ec2.clear_calls()

    def new_sandbox(self, *apps: str) -> Reservation:
        """Start a sandbox; by default with the Apps web, db, capture and ids."""
        names = apps or ("web", "db", "capture", "ids")
        return self.lab.deploy("a blueprint", dict.fromkeys(names))

    def nic(self, app: str, sandbox: Reservation | None = None) -> str:
        """Return the id of an App's NIC."""
        apps = (sandbox or self.sandbox).apps
        return next(each.nics[0].id for each in apps if each.name == app)

    def execute(self, command: str, text: str, sandbox: Reservation | None = None):
        """
        Run a command by the real client; return its action results.

        Whatever they say, docs/troubleshooting.md explains.
        """
        try:
            result = self.session.ExecuteCommand(
                (sandbox or self.sandbox).id,
                RESOURCE,
                "Resource",
                command,
                [InputNameValue("request", text)],
            )
        except CloudShellAPIError as error:
            check_explained(error.message)
            raise
        results = json.loads(result.Output)["driverResponse"]["actionResults"]
        for each in results:
            check_explained(each["infoMessage"])
            check_explained(each["errorMessage"])
        return results

    def create(self, *actions, sandbox: Reservation | None = None):
        """Run CreateTrafficMirroring with these actions."""
        text = request(*actions)
        return self.execute("CreateTrafficMirroring", text, sandbox)

    def remove(self, sandbox: Reservation | None = None, **fields):
        """Run RemoveTrafficMirroring with one action."""
        text = request(remove_action(**fields))
        return self.execute("RemoveTrafficMirroring", text, sandbox)

    def mirror(self, source: str = "web", target: str = "capture", **params):
        """Return a Create action between two Apps."""
        nics = {"sourceNicId": self.nic(source), "targetNicId": self.nic(target)}
        return create_action(**{**nics, **params})

    @property
    def sessions(self):
        """The traffic mirror sessions in EC2."""
        answer = self.client.describe_traffic_mirror_sessions()
        return answer["TrafficMirrorSessions"]

    @property
    def filters(self):
        """The traffic mirror filters in EC2."""
        answer = self.client.describe_traffic_mirror_filters()
        return answer["TrafficMirrorFilters"]

    @property
    def targets(self):
        """The traffic mirror targets in EC2."""
        answer = self.client.describe_traffic_mirror_targets()
        return answer["TrafficMirrorTargets"]

    @property
    def held(self):
        """The numbers that are out: NIC -> numbers."""
        return {nic: set(numbers) for nic, numbers in self.pools.held().items()}

    @property
    def standing(self):
        """The ids of all that stands, with the numbers that are out."""
        return (
            {each["TrafficMirrorTargetId"] for each in self.targets},
            {each["TrafficMirrorFilterId"] for each in self.filters},
            {each["TrafficMirrorSessionId"] for each in self.sessions},
            self.held,
        )


def fresh(lab: Lab) -> World:
    """Empty EC2 and the pools, and start a new sandbox."""
    lab.ec2.reset()
    lab.cloudshell.pools.reset()
    return World(lab)


EMPTY = (set(), set(), set(), {})


def foreign_session(world: World, app: str, number: int, target: str = "ids") -> str:
    """Make a session outside CloudShell, from an App to another; return its id."""
    client = world.client
    nic = world.nic(target)
    target_id = next(
        (
            each["TrafficMirrorTargetId"]
            for each in world.targets
            if each["NetworkInterfaceId"] == nic
        ),
        None,
    )
    if not target_id:
        made = client.create_traffic_mirror_target(NetworkInterfaceId=nic)
        target_id = made["TrafficMirrorTarget"]["TrafficMirrorTargetId"]
    mirror_filter = client.create_traffic_mirror_filter()["TrafficMirrorFilter"]
    return client.create_traffic_mirror_session(
        NetworkInterfaceId=world.nic(app),
        TrafficMirrorTargetId=target_id,
        TrafficMirrorFilterId=mirror_filter["TrafficMirrorFilterId"],
        SessionNumber=number,
    )["TrafficMirrorSession"]["TrafficMirrorSessionId"]


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """
    Run the emulators, and one driver process for all scenarios of a module.

    DRIVER_PYTHON names another interpreter for the driver, whose environment must
    hold src/requirements.txt.
    """
    with Lab(python=os.environ.get("DRIVER_PYTHON", sys.executable)) as lab:
        yield lab


@pytest.fixture(scope="module")
def quick_lab() -> Iterator[Lab]:
    """Run a lab whose driver tries every call once and waits for milliseconds."""
    with Lab(driver_folder=Path(__file__).parent / "quick_driver") as lab:
        yield lab


@pytest.fixture
def quick_world(quick_lab: Lab) -> World:
    """Begin with nothing, and a driver in a hurry."""
    return fresh(quick_lab)


@pytest.fixture
def world(lab: Lab) -> World:
    """Begin with nothing in EC2 and nothing checked out."""
    return fresh(lab)


def cleanup(world: World, sandbox: Reservation | None = None):
    """Run CleanupSandboxInfra; return its one result."""
    text = request({"type": "cleanupNetwork", "actionId": "1", "actionTarget": None})
    (result,) = world.execute("CleanupSandboxInfra", text, sandbox)
    return result


def settled(world: World) -> World:
    """Look often enough that EC2 lists whatever it was still slow to list."""
    for _ in range(world.ec2.settings.propagation_requests):
        assert world.standing
    return world
