"""Keeping what lasts from the garbage collector."""

import gc

import pytest

from traffic_mirroring.startup import gc_frozen


@pytest.fixture(autouse=True)
def _thaw():
    yield
    gc.enable()
    gc.unfreeze()


def test_nothing_is_collected_meanwhile_and_what_stands_then_is_frozen():
    """After the block there is as much to look at as if nothing had been made."""
    before = gc.get_freeze_count()

    with gc_frozen():
        assert not gc.isenabled()
        lasting = [[] for _ in range(1000)]

    assert gc.get_freeze_count() - before >= len(lasting)
    assert gc.isenabled()


def test_a_block_that_fails_leaves_the_collector_on():
    """An error costs no memory later."""
    with pytest.raises(KeyError), gc_frozen():
        raise KeyError

    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off():
    """Whose process it is has decided."""
    gc.disable()

    with gc_frozen():
        pass

    assert not gc.isenabled()
