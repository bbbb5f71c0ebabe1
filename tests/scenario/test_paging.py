"""Lists that EC2 returns in several pages."""

from __future__ import annotations

import pytest

from tests.scenario.conftest import EMPTY, clean_up

PAGE = 5


@pytest.fixture
def mirrors(world):
    """Create six mirrors, which are more than a page of five."""
    actions = [
        world.mirror(source, target, packetLength=length)
        for source in ("web", "db")
        for target, length in (("capture", 100), ("capture", 200), ("ids", 300))
    ]
    results = world.create(*actions)
    assert [each["errorMessage"] for each in results] == [""] * len(results)
    world.ec2.clear_calls()
    return results


def later_pages(world):
    """Return the look-ups of second and later pages."""
    return [call for call in world.ec2.calls if "NextToken" in call.parameters]


@pytest.mark.usefixtures("mirrors")
def test_pages_are_as_large_as_ec2_allows(world):
    """Without MaxResults, EC2 chooses the size, and more calls may be needed."""
    world.ec2.settings.page_size = PAGE

    assert clean_up(world)["success"]

    assert later_pages(world) == []
    assert world.sessions == []


@pytest.mark.usefixtures("mirrors")
def test_all_pages_are_read_if_ec2_returns_fewer_than_asked_for(world):
    """It may do so with any MaxResults."""
    world.ec2.settings.page_limit = PAGE

    assert clean_up(world)["success"]

    assert later_pages(world)
    world.ec2.settings.page_limit = None
    assert world.state == EMPTY
