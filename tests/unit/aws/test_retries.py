"""Waiting for a bounded time."""

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


def test_a_failure_that_passes_is_outwaited():
    """The call is repeated until it succeeds."""
    flaky = Flaky(3, KeyError())

    assert QUICK.retry(lambda _: True, flaky) == ["found"]
    assert flaky.calls == 4


def test_a_failure_that_stays_is_raised_as_it_is():
    """After the last attempt the caller sees the call's own error."""
    flaky = Flaky(9, KeyError("still"))

    with pytest.raises(KeyError, match="still"):
        QUICK.retry(lambda _: True, flaky)
    assert flaky.calls == 4


def test_a_failure_that_does_not_pass_is_raised_at_once():
    """Only what the caller says is worth waiting for is waited for."""
    flaky = Flaky(9, KeyError())

    with pytest.raises(KeyError):
        QUICK.retry(lambda error: isinstance(error, OSError), flaky)
    assert flaky.calls == 1


def test_what_appears_late_is_found():
    """The look is repeated while it finds nothing."""
    assert QUICK.retry_until_found(Flaky(3)) == ["found"]


def test_what_never_appears_is_not_found():
    """After the last attempt there is nothing, and no error."""
    assert QUICK.retry_until_found(Flaky(9)) == []


def test_a_look_that_fails_is_not_repeated():
    """Only finding nothing is worth another look."""
    flaky = Flaky(9, KeyError())

    with pytest.raises(KeyError):
        QUICK.retry_until_found(flaky)
    assert flaky.calls == 1


def test_the_product_tries_at_least_four_times_and_not_for_long():
    """A command that can only fail has to fail within a minute and a half."""
    policy = RetryPolicy()
    waits = [
        min(policy.first_wait * 2**attempt, policy.longest_wait)
        for attempt in range(policy.max_attempts - 1)
    ]

    assert policy.max_attempts >= 4
    assert sum(waits) <= 15_000
