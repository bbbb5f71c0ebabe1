"""When an AWS service counts as silent."""

from traffic_mirroring.aws.silence import Silence


def test_one_timeout_is_no_long_silence():
    """The call is sent again."""
    silence = Silence()
    silence.record_timeout(sent=100, now=130)

    assert not silence.is_long
    assert not silence.is_hopeless(130)


def test_after_two_timeouts_in_a_row_calls_are_hopeless_for_a_while():
    """Then the next call is a new attempt."""
    silence = Silence()
    silence.record_timeout(sent=100, now=130)
    silence.record_timeout(sent=130, now=160)

    assert silence.is_long
    assert silence.is_hopeless(169)
    assert not silence.is_hopeless(171)


def test_the_silence_begins_with_the_first_call_that_times_out():
    """Several threads wait at once, and their timeouts come in any order."""
    silence = Silence()
    silence.record_timeout(sent=110, now=140)
    silence.record_timeout(sent=100, now=140)
    silence.record_timeout(sent=121, now=151)

    assert silence.is_long


def test_a_call_long_after_the_last_timeout_begins_a_new_silence():
    """Nothing is known about the time between them."""
    silence = Silence()
    silence.record_timeout(sent=100, now=130)
    silence.record_timeout(sent=500, now=530)

    assert not silence.is_long
