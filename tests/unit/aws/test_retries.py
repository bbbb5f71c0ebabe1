"""Bounded retries."""

import pytest

from traffic_mirroring.aws.retries import RetryPolicy

QUICK = RetryPolicy(max_attempts=4, first_wait=1, longest_wait=1)


class Flaky:
    """Fails, or finds nothing, a number of times."""

    def __init__(self, times, error=None):
        self.calls = 0
        self._times = times
        self._error = error

    def __call__(self):
        self.calls += 1
        if self.calls > self._times:
            return ["found"]
        if self._error:
            raise self._error
        return []


def test_a_transient_error_is_retried():
    """The call is repeated until it succeeds."""
    flaky = Flaky(3, KeyError())

    assert QUICK.retry(lambda _: True, flaky) == ["found"]
    assert flaky.calls == 4


def test_an_error_that_stays_is_raised_unchanged():
    """After the last attempt the caller sees the call's own error."""
    flaky = Flaky(9, KeyError("still"))

    with pytest.raises(KeyError, match="still"):
        QUICK.retry(lambda _: True, flaky)
    assert flaky.calls == 4


def test_other_errors_are_raised_at_once():
    """Only errors that the caller calls transient are retried."""
    flaky = Flaky(9, KeyError())

    with pytest.raises(KeyError):
        QUICK.retry(lambda error: isinstance(error, OSError), flaky)
    assert flaky.calls == 1


def test_a_resource_that_appears_late_is_found():
    """The look-up is repeated while it finds nothing."""
    assert QUICK.retry_until_found(Flaky(3)) == ["found"]


def test_a_resource_that_never_appears_is_not_found():
    """After the last attempt the result is empty, and no error is raised."""
    assert QUICK.retry_until_found(Flaky(9)) == []


def test_a_look_up_that_fails_is_not_repeated():
    """Only an empty result is retried."""
    flaky = Flaky(9, KeyError())

    with pytest.raises(KeyError):
        QUICK.retry_until_found(flaky)
    assert flaky.calls == 1


def test_the_default_is_at_least_four_attempts_within_15_seconds():
    """A command that cannot succeed must fail soon."""
    policy = RetryPolicy()
    waits = [
        min(policy.first_wait * 2**attempt, policy.longest_wait)
        for attempt in range(policy.max_attempts - 1)
    ]

    assert policy.max_attempts >= 4
    assert sum(waits) <= 15_000


def test_the_waits_double_up_to_the_longest(monkeypatch):
    """In milliseconds; retrying sleeps by time.sleep, in seconds."""
    waits = []
    monkeypatch.setattr("time.sleep", waits.append)
    policy = RetryPolicy(max_attempts=7, first_wait=250, longest_wait=4_000)

    policy.retry_until_found(Flaky(9))

    assert waits == [0.25, 0.5, 1.0, 2.0, 4.0, 4.0]


def test_a_shortened_policy_has_at_most_that_many_attempts():
    """It never has more than before."""
    for wanted, attempts in ((2, 2), (9, 4)):
        flaky = Flaky(99)
        QUICK.shortened(wanted).retry_until_found(flaky)
        assert flaky.calls == attempts
