"""One lock per key."""

import threading

import pytest

from traffic_mirroring.locks import KeyedLocks


def test_users_of_one_key_take_turns():
    """The second waits until the first has left its block."""
    locks, order = KeyedLocks(), []

    def second():
        with locks.hold("a"):
            order.append("second")

    thread = threading.Thread(target=second)
    with locks.hold("a"):
        thread.start()
        thread.join(0.02)
        order.append("first")
    thread.join()

    assert order == ["first", "second"]


def test_a_new_user_waits_for_one_that_has_waited():
    """The key's lock is in use until the last of them has left."""
    locks, order = KeyedLocks(), []
    entered, may_leave = threading.Event(), threading.Event()

    def second():
        with locks.hold("a"):
            entered.set()
            may_leave.wait(10)
            order.append("second")

    def third():
        with locks.hold("a"):
            order.append("third")

    threads = [threading.Thread(target=each) for each in (second, third)]
    with locks.hold("a"):
        threads[0].start()
        threads[0].join(0.02)
    entered.wait(10)
    threads[1].start()
    threads[1].join(0.02)
    may_leave.set()
    for thread in threads:
        thread.join()

    assert order == ["second", "third"]


def test_users_of_different_keys_do_not_wait():
    """Both are in their blocks at once."""
    locks, meeting = KeyedLocks(), threading.Barrier(2, timeout=10)

    def use(key):
        with locks.hold(key):
            meeting.wait()

    thread = threading.Thread(target=use, args=("a",))
    thread.start()
    use("b")
    thread.join()

    assert not meeting.broken


def test_the_last_user_removes_the_lock():
    """After thousands of keys nothing is left, also if a block raises an error."""
    locks = KeyedLocks()

    def fail(key):
        with locks.hold(key):
            assert len(locks) == 1
            raise KeyError

    for number in range(1000):
        with pytest.raises(KeyError):
            fail(str(number))

    assert len(locks) == 0


def test_many_threads_with_few_keys():
    """At no time has a key two users in their blocks."""
    locks, inside, errors = KeyedLocks(), set(), []

    def use():
        for number in range(200):
            key = str(number % 3)
            with locks.hold(key):
                if key in inside:
                    errors.append(key)
                inside.add(key)
                inside.discard(key)

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert len(locks) == 0
