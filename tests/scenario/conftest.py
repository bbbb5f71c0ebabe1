"""A lab for each test file; each test starts with empty EC2 and pools and a sandbox."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from cloudshell.api.cloudshell_api import InputNameValue
from cloudshell.api.common_cloudshell_api import CloudShellAPIError

from emulator.cloudshell import Reservation, Resource
from emulator.lab import RESOURCE
from tests.request_texts import create_action, remove_action, request
from tests.scenario.watched_lab import RUNNING, WatchedLab, end_kept_lab, kept_lab
from tests.troubleshooting import check_explained

FOLDER = Path(__file__).parent

TCP = {"direction": "ingress", "protocol": "tcp"}
"""A filter rule that accepts all incoming TCP packets."""

EMPTY = (set(), set(), set(), {})
"""`World.state` if EC2 has no traffic mirroring and no session number is in use."""


class World:
    """EC2, CloudShell and a sandbox, with the commands that a caller can run in it."""

    def __init__(self, lab: WatchedLab) -> None:
        self.lab = lab
        self.ec2 = lab.ec2
        self.client = lab.client
        self.pools = lab.cloudshell.pools
        self.session = lab.session
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
        Run a command with CloudShell's own client; return its action results.

        Checks that docs/troubleshooting.md explains every message.
        """
        try:
            results = self.execute_unchecked(command, text, sandbox)
        except CloudShellAPIError as error:
            check_explained(error.message)
            raise
        for each in results:
            check_explained(each["infoMessage"])
            check_explained(each["errorMessage"])
            for mirror in each.get("mirrors", ()):
                for warning in mirror["warnings"]:
                    check_explained(warning)
        return results

    def execute_unchecked(
        self, command: str, text: str, sandbox: Reservation | None = None
    ):
        """Run a command, in whose messages EC2 may have written anything."""
        result = self.session.ExecuteCommand(
            (sandbox or self.sandbox).id,
            RESOURCE,
            "Resource",
            command,
            [InputNameValue("request", text)],
        )
        return json.loads(result.Output)["driverResponse"]["actionResults"]

    def create(self, *actions, sandbox: Reservation | None = None):
        """Run CreateTrafficMirroring with these actions."""
        text = request(*actions)
        return self.execute("CreateTrafficMirroring", text, sandbox)

    def remove(self, sandbox: Reservation | None = None, **fields):
        """Run RemoveTrafficMirroring with one action."""
        text = request(remove_action(**fields))
        return self.execute("RemoveTrafficMirroring", text, sandbox)

    def list_mirrors(self, sandbox: Reservation | None = None):
        """Run GetTrafficMirroring; return its one result."""
        text = request({"type": "GetTrafficMirroring", "actionId": "list"})
        (result,) = self.execute("GetTrafficMirroring", text, sandbox)
        return result

    def mirror(self, source: str = "web", target: str = "capture", **params):
        """Return a Create action between two Apps."""
        nics = {"sourceNicId": self.nic(source), "targetNicId": self.nic(target)}
        return create_action(**{**nics, **params})

    @property
    def sessions(self):
        """The traffic mirror sessions in EC2."""
        return self.ec2.existing("TrafficMirrorSessions")

    @property
    def filters(self):
        """The traffic mirror filters in EC2."""
        return self.ec2.existing("TrafficMirrorFilters")

    @property
    def targets(self):
        """The traffic mirror targets in EC2."""
        return self.ec2.existing("TrafficMirrorTargets")

    @property
    def held(self):
        """The session numbers that are checked out, by NIC."""
        return {nic: set(numbers) for nic, numbers in self.pools.held().items()}

    @property
    def state(self):
        """The ids of all targets, filters and sessions, and the numbers checked out."""
        return (
            {each["TrafficMirrorTargetId"] for each in self.targets},
            {each["TrafficMirrorFilterId"] for each in self.filters},
            {each["TrafficMirrorSessionId"] for each in self.sessions},
            self.held,
        )


def new_testbed(lab: WatchedLab) -> World:
    """Delete everything in EC2 and the pools, and start a new sandbox."""
    lab.reset()
    return World(lab)


def create_foreign_session(
    world: World, app: str, number: int, target: str = "ids"
) -> str:
    """Create a session between two Apps outside CloudShell; return its id."""
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


def pytest_configure(config: pytest.Config) -> None:
    """Register this folder's marker."""
    config.addinivalue_line(
        "markers", "short_waits: run the driver without retries and with short waits"
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """Fail a test after which a log or an answer contains a secret."""
    yield
    for each in RUNNING:
        each.check()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files with the short_wait_lab last, so that the kept lab changes once."""
    ours = [place for place, item in enumerate(items) if item.path.parent == FOLDER]
    late = {items[place].path for place in ours if _has_short_waits(items[place])}
    in_order = sorted((items[each] for each in ours), key=lambda it: it.path in late)
    for place, item in zip(ours, in_order):
        items[place] = item


def _has_short_waits(item: pytest.Item) -> bool:
    names = getattr(item, "fixturenames", ())
    return "short_wait_lab" in names or bool(item.get_closest_marker("short_waits"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> Iterator[None]:
    """End the kept lab after the last test of this folder."""
    yield
    if nextitem is None or nextitem.path.parent != FOLDER:
        end_kept_lab()


@pytest.fixture(scope="module")
def lab() -> Iterator[WatchedLab]:
    """
    Run the emulators and a driver process.

    DRIVER_PYTHON can name another interpreter for the driver; src/requirements.txt
    must be installed in its environment.
    """
    with kept_lab(python=os.environ.get("DRIVER_PYTHON", sys.executable)) as lab:
        yield lab


@pytest.fixture(scope="module")
def short_wait_lab() -> Iterator[WatchedLab]:
    """
    Run a lab whose driver calls everything once and waits only milliseconds.

    A module can use this lab or `lab`, but not both: a process has one emulator.
    """
    with kept_lab(driver_folder=FOLDER / "short_wait_driver") as lab:
        yield lab


@pytest.fixture
def world(request: pytest.FixtureRequest) -> World:
    """Start with empty EC2 and pools; tests marked short_waits use short_wait_lab."""
    short_waits = request.node.get_closest_marker("short_waits")
    lab = request.getfixturevalue("short_wait_lab" if short_waits else "lab")
    return new_testbed(lab)


@pytest.fixture(scope="module")
def shared_testbed(lab: WatchedLab) -> World:
    """Set up once for all tests of a file: none of them changes anything."""
    return new_testbed(lab)


@pytest.fixture
def unchanged_world(shared_testbed: World) -> World:
    """Return the shared testbed, without the calls of the tests before."""
    shared_testbed.ec2.clear_calls()
    shared_testbed.pools.calls.clear()
    return shared_testbed


@pytest.fixture
def traffic(world: World):
    """Return the traffic of the App web."""
    # Importing Scapy takes long, and few tests need it.
    from tests.scenario.mirrored_traffic import Traffic

    return Traffic(world)


@pytest.fixture
def quick_world(short_wait_lab: WatchedLab) -> World:
    """Start with empty EC2 and pools in the short_wait_lab."""
    return new_testbed(short_wait_lab)


def create_mirrors(world: World, *actions, sandbox: Reservation | None = None):
    """Create mirrors, all of which must succeed; return the results."""
    results = world.create(*actions, sandbox=sandbox)
    assert [result["errorMessage"] for result in results] == [""] * len(actions)
    return results


def add_provider(world: World, attributes: dict[str, str]) -> str:
    """Add a cloud provider resource with these attributes; return its name."""
    name = f"AWS {uuid4()}"
    world.lab.cloudshell.add_resource(
        Resource(name=name, shell=world.lab.execution.shell, attributes=attributes)
    )
    return name


def clean_up(world: World, sandbox: Reservation | None = None):
    """Run CleanupSandboxInfra; return its one result."""
    text = request({"type": "cleanupNetwork", "actionId": "1", "actionTarget": None})
    (result,) = world.execute("CleanupSandboxInfra", text, sandbox)
    return result
