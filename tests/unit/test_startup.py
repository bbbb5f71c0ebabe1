"""Long-lived objects and the garbage collector."""

import gc

import pytest

from traffic_mirroring.startup import gc_frozen


@pytest.fixture(autouse=True)
def _thaw():
    yield
    gc.enable()
    gc.unfreeze()


def test_the_collector_is_paused_and_all_objects_are_frozen_at_the_end():
    """The collector never looks at them again."""
    before = gc.get_freeze_count()

    with gc_frozen():
        assert not gc.isenabled()
        long_lived = [[] for _ in range(1000)]

    assert gc.get_freeze_count() - before >= len(long_lived)
    assert gc.isenabled()


def test_a_block_that_fails_leaves_the_collector_on():
    """Later garbage is collected as usual."""
    with pytest.raises(KeyError), gc_frozen():
        raise KeyError

    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off():
    """The program that runs the process has decided so."""
    gc.disable()

    with gc_frozen():
        pass

    assert not gc.isenabled()
