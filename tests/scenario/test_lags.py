"""Commands right after each other, while EC2's Describe requests lag behind."""

from __future__ import annotations

import pytest

from emulator.ec2 import Lag, Lags
from tests.scenario.conftest import EMPTY, TCP, World, clean_up

LAG = Lag(requests=2)
"""A driver with short waits looks several times within such a lag."""

KINDS = ["targets", "filters", "rules", "sessions"]


def caught_up(world: World) -> World:
    """End all lags, and use up those that have begun."""
    settings = world.ec2.settings
    settings.creation_lag = settings.deletion_lag = Lags()
    for _ in range(LAG.requests + 2):
        assert world.state
    return world


@pytest.mark.parametrize("kind", KINDS)
def test_a_create_after_a_create_finds_the_mirror(quick_world, kind):
    """Whichever of its resources EC2 lists last."""
    mirror = quick_world.mirror(filterRules=[TCP])
    setattr(quick_world.ec2.settings.creation_lag, kind, LAG)

    (first,) = quick_world.create(mirror)
    (second,) = quick_world.create(mirror)

    assert second["success"]
    assert second["sessionId"] == first["sessionId"]
    assert len(caught_up(quick_world).sessions) == 1


@pytest.mark.parametrize("second_targets", [False, True])
def test_a_target_that_ec2_lists_late_does_no_harm(quick_world, second_targets):
    """Whether another sandbox uses it or creates a second one, each mirror is found."""
    sandboxes = [quick_world.sandbox, quick_world.new_sandbox("web")]
    target = quick_world.nic("capture")
    mirrors = [
        quick_world.mirror(sourceNicId=quick_world.nic("web", each), targetNicId=target)
        for each in sandboxes
    ]
    settings = quick_world.ec2.settings
    settings.second_targets = second_targets
    settings.creation_lag.targets = Lag(requests=3)

    def create():
        pairs = zip(mirrors, sandboxes)
        return [quick_world.create(each, sandbox=sandbox)[0] for each, sandbox in pairs]

    first = create()
    again = create()
    caught_up(quick_world)

    assert [each["success"] for each in (*first, *again)] == [True] * 4
    assert [each["sessionId"] for each in first] == [
        each["sessionId"] for each in again
    ]
    assert len(quick_world.targets) <= 1 + second_targets
    for sandbox in sandboxes:
        quick_world.remove(targetNicId=target, sandbox=sandbox)
    assert quick_world.state == EMPTY


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_after_a_create_has_the_whole_mirror(quick_world, kind):
    """Whichever of its resources EC2 lists last."""
    setattr(quick_world.ec2.settings.creation_lag, kind, LAG)
    (made,) = quick_world.create(quick_world.mirror(filterRules=[TCP]))

    result = quick_world.list_mirrors()

    assert [each["sessionId"] for each in result["mirrors"]] == [made["sessionId"]]
    assert result["mirrors"][0]["warnings"] == []
    assert "without a session" not in result["infoMessage"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_remove_after_a_create_removes_everything(quick_world, kind):
    """Whichever of the mirror's resources EC2 lists last."""
    setattr(quick_world.ec2.settings.creation_lag, kind, LAG)
    (made,) = quick_world.create(quick_world.mirror(filterRules=[TCP]))

    (result,) = quick_world.remove(sessionId=made["sessionId"])

    assert result["success"]
    assert caught_up(quick_world).state == EMPTY


@pytest.mark.parametrize("kind", KINDS)
def test_cleanup_after_a_create_removes_everything(quick_world, kind):
    """Whichever of the mirror's resources EC2 lists last."""
    setattr(quick_world.ec2.settings.creation_lag, kind, LAG)
    quick_world.create(quick_world.mirror(filterRules=[TCP]))

    result = clean_up(quick_world)

    assert result["success"]
    assert caught_up(quick_world).state == EMPTY


@pytest.mark.parametrize("kind", KINDS)
def test_cleanup_after_cleanup_removes_everything(quick_world, kind):
    """The second one finds what EC2 listed late, and ignores what it lists too long."""
    setattr(quick_world.ec2.settings.deletion_lag, kind, LAG)
    quick_world.create(quick_world.mirror(filterRules=[TCP]))

    results = [clean_up(quick_world), clean_up(quick_world)]

    assert [result["success"] for result in results] == [True, True]
    assert caught_up(quick_world).state == EMPTY


@pytest.mark.parametrize("kind", KINDS)
def test_a_create_after_a_remove_makes_the_mirror_again(quick_world, kind):
    """Whichever of the deleted resources EC2 lists too long."""
    mirror = quick_world.mirror(filterRules=[TCP])
    (made,) = quick_world.create(mirror)
    setattr(quick_world.ec2.settings.deletion_lag, kind, LAG)
    quick_world.remove(sessionId=made["sessionId"])

    (again,) = quick_world.create(mirror)

    assert again["success"]
    (session,) = caught_up(quick_world).sessions
    assert session["TrafficMirrorSessionId"] == again["sessionId"]
