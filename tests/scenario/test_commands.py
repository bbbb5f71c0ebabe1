"""
The public door: the commands as a plug-in's driver calls them, in the tests' process.

`make mutants` runs them for each changed function that they reach.
"""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import replace
from types import SimpleNamespace

import pytest

from emulator.cloudshell import ADMIN, CloudShellServer, Resource, free_address
from emulator.faults import Fault
from emulator.lab import ACCESS_KEY, RESOURCE, Lab
from tests.request_texts import create, request
from tests.scenario.barriers import max_concurrency
from tests.scenario.conftest import EMPTY, World, add_provider, clean_up
from tests.scenario.watched_lab import WatchedLab
from tests.troubleshooting import check_explained
from traffic_mirroring import Commands, Limits
from traffic_mirroring.aws.retries import RetryPolicy
from traffic_mirroring.errors import InvalidConfiguration

LIMITS = Limits(
    max_attempts=1,
    throttle_patience=0,
    retry_policy=RetryPolicy(first_wait=1, longest_wait=5),
    start_policy=RetryPolicy(first_wait=1, longest_wait=5),
)

HALF_A_KEY = {"Region": "us-east-1", "AWS Access Key ID": "AKIAINVENTED"}
"""Attributes of a resource whose secret key is not set."""


class Host(World):
    """A driver with this package's commands, called with the contexts it gets."""

    def __init__(self, lab: Lab, commands: Commands) -> None:
        super().__init__(lab)
        self.commands = commands
        self.cancellation = SimpleNamespace(is_cancelled=False)
        self.log = logging.getLogger("tests.commands")

    def context(self, sandbox=None, resource=RESOURCE, server=None, **connectivity):
        """Return a command's context; without a sandbox, that of a discovery."""
        server = server or self.lab.cloudshell
        provider = server.resource(resource)
        answer = server.session().Logon(ADMIN.name, ADMIN.password)
        attributes = {each.name: each.value for each in provider.attributes}
        context = SimpleNamespace(
            resource=SimpleNamespace(
                name=provider.name, model=provider.model, attributes=attributes
            ),
            connectivity=SimpleNamespace(
                server_address=server.host,
                admin_auth_token=answer.Token.Token,
                **connectivity,
            ),
        )
        if sandbox:
            context.reservation = SimpleNamespace(
                reservation_id=sandbox.id,
                environment_name=sandbox.environment_name,
                owner_user=sandbox.owner,
                domain=sandbox.domain,
            )
        return context

    def execute(self, command, text, sandbox=None):
        """Call a command; return its action results."""
        context = self.context(sandbox or self.sandbox)
        call = {
            "CreateTrafficMirroring": lambda: self.commands.create_traffic_mirroring(
                context, self.log, text, self.cancellation
            ),
            "RemoveTrafficMirroring": lambda: self.commands.remove_traffic_mirroring(
                context, self.log, text
            ),
            "GetTrafficMirroring": lambda: self.commands.get_traffic_mirroring(
                context, self.log, text
            ),
            "CleanupSandboxInfra": lambda: self.commands.cleanup_sandbox_infra(
                context, self.log, text
            ),
        }[command]
        results = json.loads(call())["driverResponse"]["actionResults"]
        for each in results:
            check_explained(each["infoMessage"])
            check_explained(each["errorMessage"])
        return results


@pytest.fixture(scope="module")
def lab():
    """Run EC2 and CloudShell; AWS's clients in this process find EC2 as a driver's."""
    with WatchedLab() as lab, pytest.MonkeyPatch.context() as variables:
        variables.setenv("AWS_ENDPOINT_URL", lab.ec2.endpoint_url)
        yield lab


@pytest.fixture(scope="module")
def commands():
    """Return the commands as a driver keeps them for the life of its process."""
    return Commands(LIMITS)


@pytest.fixture
def host(lab, commands):
    """Return a driver in a new sandbox; EC2 and the pools are empty."""
    lab.ec2.reset()
    lab.cloudshell.pools.reset()
    return Host(lab, commands)


def test_a_mirror_is_created_listed_and_removed(host):
    """Afterwards EC2 and the pools are as before."""
    (created,) = host.create(host.mirror(sessionNumber="7"))
    (listed,) = host.list_mirrors()["mirrors"]
    assert host.held == {host.nic("web"): {7}}
    (removed,) = host.remove(sessionId=created["sessionId"])

    assert (created["success"], created["errorMessage"]) == (True, "")
    assert listed["sessionId"] == created["sessionId"]
    assert listed["actionParams"]["sessionNumber"] == 7
    assert removed["success"]
    assert host.state == EMPTY


def test_everything_carries_the_sandboxs_tags(host):
    """By them an admin finds whose it is, and Cleanup finds it."""
    host.create(host.mirror())

    for (each,) in (host.sessions, host.filters, host.targets):
        tags = {tag["Key"]: tag["Value"] for tag in each["Tags"]}
        assert tags["CreatedBy"] == "Cloudshell"
        assert tags["ReservationId"] == host.sandbox.id
        assert tags["Blueprint"] == host.sandbox.environment_name
        assert tags["Owner"] == host.sandbox.owner
        assert tags["Domain"] == host.sandbox.domain


def test_ec2_is_called_with_the_resources_keys(host):
    """CloudShell decrypts them for the command."""
    host.create(host.mirror())

    assert {each.access_key for each in host.ec2.calls} == {ACCESS_KEY}


def test_apps_can_be_named(host):
    """CloudShell knows their NICs."""
    (created,) = host.create(
        {
            "actionId": "1",
            "type": "CreateTrafficMirroring",
            "actionParams": {"sourceAppName": "web", "targetAppName": "capture"},
        }
    )

    assert created["success"]
    (session,) = host.sessions
    assert session["NetworkInterfaceId"] == host.nic("web")


def test_cleanup_removes_all_that_the_sandbox_created(host):
    """Not what another sandbox did."""
    other = host.new_sandbox()
    host.create(host.mirror(), host.mirror("db"))
    (kept,) = host.create(
        {
            **host.mirror(),
            "actionParams": {
                "sourceNicId": host.nic("web", other),
                "targetNicId": host.nic("capture", other),
            },
        },
        sandbox=other,
    )

    result = clean_up(host)

    assert result["success"]
    assert result["infoMessage"] == (
        "Removed of this sandbox: sessions 2, filters 2, targets 1"
    )
    assert [each["TrafficMirrorSessionId"] for each in host.sessions] == [
        kept["sessionId"]
    ]
    assert set(host.held) == {host.nic("web", other)}


def test_a_cancelled_create_leaves_nothing(host):
    """The result of each action says so."""
    host.cancellation.is_cancelled = True

    results = host.create(host.mirror(), {**host.mirror("db"), "actionId": "2"})

    assert [each["success"] for each in results] == [False, False]
    assert all("was cancelled" in each["errorMessage"] for each in results)
    assert host.state == EMPTY


def test_a_create_that_ec2_refuses_leaves_nothing(host):
    """Its result has EC2's code."""
    host.ec2.faults.append(
        Fault(
            "CreateTrafficMirrorSession",
            code="TrafficMirrorSessionsPerInterfaceLimitExceeded",
            times=9,
        )
    )

    (result,) = host.create(host.mirror())

    assert "TrafficMirrorSessionsPerInterfaceLimitExceeded" in result["errorMessage"]
    assert host.state == EMPTY


@pytest.mark.parametrize(
    "fault",
    [
        {"code": "InternalError", "status": 500},
        {"code": "RequestLimitExceeded", "status": 503},
    ],
    ids=["transient", "throttled"],
)
def test_a_call_is_repeated_as_the_limits_say(host, fault):
    """Here not at all; then its error is that of the action."""
    host.commands = Commands(LIMITS)
    host.ec2.faults.append(Fault("CreateTrafficMirrorFilter", times=None, **fault))

    (result,) = host.create(host.mirror())

    assert fault["code"] in result["errorMessage"]
    calls = [each.operation for each in host.ec2.calls]
    assert calls.count("CreateTrafficMirrorFilter") == 1


def test_a_checkout_whose_answer_is_lost_is_repeated_once(host):
    """The API's client itself sends it once, or it could take many numbers."""
    host.pools.faults.append(
        Fault("CheckoutFromPool", times=None, drop_connection=True)
    )

    (result,) = host.create(host.mirror())

    assert "may stay checked out until the sandbox ends" in result["errorMessage"]
    assert len(host.pools.calls) == 2


def test_a_cancelled_command_gives_up_a_throttled_call(host):
    """However long it would wait."""
    host.commands = Commands(replace(LIMITS, throttle_patience=3_600))
    host.ec2.faults.append(
        Fault("CreateTrafficMirrorFilter", "RequestLimitExceeded", times=None)
    )

    class OnceThrottled:
        """A cancellation context of a user who sees that nothing happens."""

        @property
        def is_cancelled(self):
            calls = [each.operation for each in host.ec2.calls]
            return "CreateTrafficMirrorFilter" in calls

    host.cancellation = OnceThrottled()

    (result,) = host.create(host.mirror())

    assert "was cancelled" in result["errorMessage"]
    assert host.state == EMPTY


RULES = [{"direction": "ingress", "protocol": number} for number in range(1, 6)]


@pytest.mark.parametrize(
    "run",
    [
        lambda host: host.create(host.mirror(filterRules=RULES)),
        lambda host: host.commands.get_inventory(host.context(), host.log),
    ],
    ids=["creation", "discovery"],
)
def test_no_more_calls_run_at_once_than_the_limits_allow(host, run):
    """One in the thread that waits for the others, and the others in a pool."""
    host.commands = Commands(replace(LIMITS, max_concurrency=1))
    host.ec2.settings.latency = 0.01
    try:
        run(host)
    finally:
        host.ec2.settings.latency = 0

    assert 1 <= max_concurrency(host.ec2.calls) <= 2


def test_a_check_without_permission_is_mentioned_and_logged(host, caplog):
    """It is no reason to fail."""
    caplog.set_level(logging.INFO, logger=host.log.name)
    host.ec2.faults.append(
        Fault("DescribeSecurityGroups", "UnauthorizedOperation", status=403, times=None)
    )

    (created,) = host.create(host.mirror())

    assert created["success"]
    assert "ec2:DescribeSecurityGroups is not allowed" in created["infoMessage"]
    assert "Looking up security groups: UnauthorizedOperation" in caplog.text


def test_metrics_that_cannot_be_looked_up_are_mentioned_and_logged(host, caplog):
    """The list is complete without them."""
    host.create(host.mirror())
    host.ec2.faults.append(Fault("GetMetricData", "InternalServiceFault", status=400))

    listed = host.list_mirrors()

    assert [each["traffic"] for each in listed["mirrors"]] == [None]
    assert "InternalServiceFault" in listed["infoMessage"]
    assert "Could not look up metrics" in caplog.text


def test_a_dry_run_changes_nothing(host):
    """It says what it would do."""
    (result,) = host.create(host.mirror(dryRun=True))

    assert result["success"]
    assert host.state == EMPTY


def test_a_valid_resource_passes_discovery(host):
    """It needs no sandbox and changes nothing."""
    assert host.commands.get_inventory(host.context(), host.log) is None

    assert host.ec2.writes() == []


def test_discovery_of_rejected_keys_is_an_error(host):
    """With AWS's code."""
    host.ec2.reject_key(ACCESS_KEY)

    with pytest.raises(InvalidConfiguration, match="InvalidClientTokenId"):
        host.commands.get_inventory(host.context(), host.log)


@pytest.mark.parametrize("reservation", [None, SimpleNamespace(reservation_id="")])
def test_a_command_without_a_sandbox_is_an_error(host, reservation):
    """Cleanup could not find what it created."""
    context = host.context()
    context.reservation = reservation

    with pytest.raises(InvalidConfiguration, match="called without a sandbox"):
        host.commands.create_traffic_mirroring(
            context, host.log, create(), host.cancellation
        )
    assert host.state == EMPTY


def test_names_that_cloudshell_leaves_out_are_empty_tags(host):
    """A context may have None for blueprint and owner."""
    context = host.context(host.sandbox, cloudshell_api_scheme="http")
    context.reservation.environment_name = None
    context.reservation.owner_user = None
    host.commands.create_traffic_mirroring(
        context, host.log, request(host.mirror()), host.cancellation
    )

    (session,) = host.sessions
    tags = {tag["Key"]: tag["Value"] for tag in session["Tags"]}
    assert (tags["Blueprint"], tags["Owner"]) == ("", "")


@pytest.mark.parametrize("port", ["8029", "", None])
def test_the_apis_port_is_the_contexts_or_the_default(host, port):
    """CloudShell may leave it empty."""
    context = host.context(host.sandbox, cloudshell_api_port=port)

    answer = host.commands.get_traffic_mirroring(
        context, host.log, request({"type": "GetTrafficMirroring", "actionId": "1"})
    )

    assert json.loads(answer)["driverResponse"]["actionResults"][0]["success"]


def test_the_api_can_have_another_port(host):
    """It is in the context."""
    with CloudShellServer(free_address(), api_port=8031) as server:
        server.add_resource(Resource(RESOURCE, host.lab.execution.shell, HALF_A_KEY))
        context = host.context(server=server, cloudshell_api_port="8031")

        with pytest.raises(InvalidConfiguration, match="has only one of"):
            host.commands.get_inventory(context, host.log)

    assert "DecryptPassword" in server.calls


def test_an_unset_key_is_no_key(host):
    """CloudShell encrypts empty text, too."""
    context = host.context(resource=add_provider(host, HALF_A_KEY))

    with pytest.raises(InvalidConfiguration, match="has only one of"):
        host.commands.get_inventory(context, host.log)


def test_two_equal_creates_of_a_sandbox_make_one_mirror(host):
    """The commands of a sandbox run one after another."""
    host.ec2.settings.latency = 0.01
    try:
        threads = [
            threading.Thread(target=host.create, args=(host.mirror(),))
            for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        host.ec2.settings.latency = 0

    assert [len(each) for each in (host.sessions, host.filters, host.targets)] == [
        1
    ] * 3


def test_commands_of_different_sandboxes_run_at_the_same_time(host):
    """One ends while another has not begun to create."""
    other, results = host.new_sandbox("web", "capture"), []
    nics = {
        "sourceNicId": host.nic("web", other),
        "targetNicId": host.nic("capture", other),
    }

    def create_in_the_other_sandbox():
        results.extend(host.create(host.mirror(**nics), sandbox=other))

    class Beside:
        """A cancellation context that is asked in the middle of a command."""

        def __init__(self):
            self._thread = threading.Thread(target=create_in_the_other_sandbox)
            self._lock = threading.Lock()

        @property
        def is_cancelled(self):
            with self._lock:
                if not self._thread.ident:
                    host.cancellation = SimpleNamespace(is_cancelled=False)
                    self._thread.start()
                    self._thread.join(10)
                    ended.append(not self._thread.is_alive())
            return False

    ended = []
    host.cancellation = Beside()

    (result,) = host.create(host.mirror())

    assert ended == [True]
    assert [each["success"] for each in (result, *results)] == [True, True]


def test_a_stopped_target_is_found_before_anything_is_created(host):
    """By its instance, which the command looks up."""
    other = host.new_sandbox("web", "capture")
    apps = {app.name: app.instance_id for app in other.apps}
    host.client.stop_instances(InstanceIds=[apps["capture"]])
    host.ec2.clear_calls()

    (result,) = host.create(
        host.mirror(
            sourceNicId=host.nic("web", other), targetNicId=host.nic("capture", other)
        )
    )

    assert f"{apps['capture']} is stopped: start it first" in result["errorMessage"]
    assert host.ec2.writes() == []


def test_a_target_that_is_starting_is_waited_for(host):
    """EC2 says that it is pending, and then that it is running."""
    (capture,) = (app for app in host.sandbox.apps if app.name == "capture")
    host.ec2.keep_pending(capture.instance_id, requests=2)

    (result,) = host.create(host.mirror())

    assert result["success"]


def test_the_list_has_what_cloudwatch_says_of_the_traffic(host):
    """Here that there is none yet."""
    host.create(host.mirror())

    listed = host.list_mirrors()

    assert "CloudWatch has no data of the last 15 minutes" in listed["infoMessage"]


def test_the_log_has_whose_the_credentials_are_and_what_failed(host, caplog):
    """An admin reads it."""
    caplog.set_level(logging.INFO, logger=host.log.name)
    host.commands.get_inventory(host.context(), host.log)
    (created,) = host.create(host.mirror())
    host.ec2.faults.append(
        Fault("DeleteTrafficMirrorSession", code="Unsupported", times=9)
    )

    (removed,) = host.remove(sessionId=created["sessionId"])

    assert "Unsupported" in removed["errorMessage"]
    assert "The credentials are those of arn:aws:" in caplog.text
    assert f"Could not remove {created['sessionId']}" in caplog.text

    caplog.clear()
    assert not clean_up(host)["success"]

    assert f"Could not remove {created['sessionId']}" in caplog.text


def six_mirrors(host):
    """Return so many actions that a command on them reports its progress."""
    return [
        host.mirror(app, packetLength=length)
        for app in ("web", "db")
        for length in (1, 2, 3)
    ]


def test_a_long_command_reports_its_progress_in_the_sandboxs_output(host):
    """With the number of mirrors."""
    results = host.create(*six_mirrors(host))

    assert all(each["success"] for each in results)
    output = host.sandbox.output
    assert output[0].startswith("Creating traffic mirrors: 0 of 6 done")


def test_progress_that_cloudshell_refuses_is_logged(host, caplog):
    """The command goes on."""
    unknown = replace(host.sandbox, id="unknown")

    results = host.create(*six_mirrors(host), sandbox=unknown)

    assert len(results) == 6
    assert "Could not write to the sandbox's output" in caplog.text
