"""Dry runs of CreateTrafficMirroring: what would happen, and nothing happens."""

from __future__ import annotations

import json

import pytest

from emulator.faults import Fault
from emulator.lab import ACCESS_KEY
from tests.scenario.conftest import EMPTY, TCP, create_foreign_session
from tests.scenario.ec2_resources import create_closed_group, network_ids, run_instance
from tools.checkout import ROOT

POLICY = json.loads((ROOT / "docs" / "iam-policy.json").read_text())
CREATES = [
    "CreateTrafficMirrorFilter",
    "CreateTrafficMirrorFilterRule",
    "CreateTrafficMirrorSession",
    "CreateTrafficMirrorTarget",
]


def without(action):
    """Return the policy without one permission."""
    text = json.dumps(POLICY).replace(f'"{action}"', '"ec2:DescribeRegions"')
    assert text != json.dumps(POLICY)
    return json.loads(text)


@pytest.fixture
def dry(world):
    """Return a function that dry-runs an action, which must change nothing."""

    def run(*args, **params):
        before = world.state
        world.ec2.clear_calls()
        world.pools.calls.clear()
        world.sandbox.output.clear()

        (result,) = world.create(world.mirror(*args, dryRun=True, **params))

        assert world.state == before
        assert world.ec2.writes() == []
        assert world.pools.calls == []
        assert world.sandbox.output == []
        return result

    return run


def test_a_dry_run_says_what_would_be_created(world, dry):
    """EC2 dry-runs all four creating calls."""
    result = dry(sessionNumber=5)

    assert result["success"]
    assert result["infoMessage"] == (
        f"Would create a session that mirrors {world.nic('web')} to "
        f"{world.nic('capture')} with session number 5 and a new VXLAN network, on a "
        "new target"
    )
    assert result["sessionId"] == ""
    assert "targetId" not in result
    tried = [call for call in world.ec2.calls if "DryRun" in call.parameters]
    assert sorted(call.operation for call in tried) == CREATES
    assert {call.error_code for call in tried} == {"DryRunOperation"}


def test_what_it_said_is_what_happens(world, dry):
    """The real run has the number and the VXLAN network of the dry one."""
    tried = dry(virtualNetworkId=77)

    (done,) = world.create(world.mirror(virtualNetworkId=77))

    assert (
        "session number 1 or the next free one and VXLAN network 77"
        in (tried["infoMessage"])
    )
    assert (done["sessionNumber"], done["virtualNetworkId"]) == (1, 77)


def test_a_mirror_that_exists_has_its_session(world, dry):
    """The answer is the one of a repeated request."""
    world.create(world.mirror())
    (again,) = world.create(world.mirror())

    assert dry() == again


def test_an_existing_target_is_named(world, dry):
    """No dry run creates it a second time."""
    (first,) = world.create(world.mirror("db"))

    result = dry()

    assert f"on the existing target {first['targetId']}" in result["infoMessage"]
    tried = {call.operation for call in world.ec2.calls if "DryRun" in call.parameters}
    assert tried == {*CREATES[:3]}


def test_obstacles_and_warnings_are_those_of_a_real_run(world, dry):
    """A number that is taken; a closed port."""
    create_foreign_session(world, "web", 5)
    taken = dry(sessionNumber=5)
    (really,) = world.create(world.mirror(sessionNumber=5))
    assert taken["errorMessage"] == really["errorMessage"] != ""

    _, subnet, _ = network_ids(world)
    closed = run_instance(world, subnet, create_closed_group(world))
    warned = dry("db", targetNicId=closed)["infoMessage"].partition("; ")[2]
    (done,) = world.create(world.mirror("db", targetNicId=closed))
    assert warned.startswith("warning: UDP 4789")
    assert warned == done["infoMessage"].partition("; ")[2]


@pytest.mark.parametrize("operation", CREATES)
def test_a_missing_permission_is_an_error(world, dry, operation):
    """The error is EC2's own, as a real run would get it."""
    world.ec2.restrict(ACCESS_KEY, without(f"ec2:{operation}"))

    result = dry()

    assert not result["success"]
    assert "UnauthorizedOperation" in result["errorMessage"]
    assert result["sessionId"] == ""


def test_the_shipped_policy_is_enough(world, dry):
    """A dry run needs no permission that a real run doesn't need."""
    world.ec2.restrict(ACCESS_KEY, POLICY)

    result = dry(networkServices=["amazon-dns"], tags={"team": "red"})

    assert result["success"]


def test_ids_that_do_not_exist_yet_prove_nothing(world, dry):
    """AWS may look for them before it checks permissions."""
    world.ec2.settings.ids_before_permissions = True
    world.ec2.restrict(ACCESS_KEY, POLICY)

    result = dry(networkServices=["amazon-dns"])

    assert result["success"]
    answers = {call.error_code for call in world.ec2.calls if call.error_code}
    assert "InvalidTrafficMirrorFilterId.NotFound" in answers


def test_a_throttled_dry_run_is_an_error(world, dry):
    """It can't be said whether the mirror would be created."""
    world.ec2.faults.append(
        Fault("CreateTrafficMirrorFilter", "RequestLimitExceeded", times=None)
    )

    assert "RequestLimitExceeded" in dry()["errorMessage"]


def test_dry_and_real_actions_of_one_request_do_what_each_says(world):
    """The dry ones see the others as done, and take nothing from them."""
    dry, real, same, text = world.create(
        world.mirror(filterRules=[TCP], dryRun=True),
        world.mirror(dryRun=False),
        world.mirror(dryRun="True"),
        world.mirror("db", dryRun=" TRUE "),
    )

    assert "with session number 2 or the next free one" in dry["infoMessage"]
    assert dry["sessionId"] == text["sessionId"] == ""
    assert real["sessionNumber"] == 1
    assert same["sessionId"] == real["sessionId"]
    assert len(world.sessions) == 1
    assert world.held == {world.nic("web"): {1}}


def test_a_fourth_session_of_one_request_is_an_obstacle(world):
    """The dry runs of a request count for each other."""
    results = world.create(
        *(world.mirror(packetLength=length, dryRun=True) for length in range(1, 5))
    )

    assert [each["success"] for each in results] == [True, True, True, False]
    assert "has the 3 sessions that AWS allows" in results[3]["errorMessage"]
    assert world.state == EMPTY
