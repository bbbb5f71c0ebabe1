"""Which calls are sent again, through botocore's own client and on a fake clock."""

from __future__ import annotations

from io import BytesIO
from types import SimpleNamespace
from urllib.parse import parse_qs

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    ReadTimeoutError,
)
from urllib3 import HTTPResponse

from tests.unit.aws.clock import FakeClock
from traffic_mirroring.aws.call_retries import CallRetries
from traffic_mirroring.aws.clients import ClientCache
from traffic_mirroring.aws.current_command import calls_of_command
from traffic_mirroring.aws.errors import aws_errors
from traffic_mirroring.errors import Cancelled, Ec2Failed, Ec2Unanswered

ATTRIBUTES = {
    "Region": "us-east-1",
    "AWS Access Key ID": "AKIAOURS",
    "AWS Secret Access Key": "invented",
}
THROTTLED = 503, "RequestLimitExceeded"
SILENCE = ReadTimeoutError(endpoint_url="x")
UNREACHABLE = ConnectTimeoutError(endpoint_url="x")
CLOSED = ConnectionClosedError(endpoint_url="x")
SERVED = 200, None


class Aws:
    """Answers the requests of the clients in turn; the last answer repeats."""

    def __init__(self, clients):
        self.clients = clients
        self.clock = FakeClock()
        self.timeout = 30
        self.answers = [SERVED]
        self.requests = []
        self.times = []

    def create(self, *answers):
        """Create a filter in an EC2 that answers so; raises Ec2Failed."""
        self.answers = list(answers)
        with aws_errors("Creating a filter"):
            self.clients.ec2.create_traffic_mirror_filter()

    def answer(self, request, **_):
        """Answer a request, or raise what botocore's HTTP client would raise."""
        self.requests.append(request)
        self.times.append(self.clock.now)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            if answer is not CLOSED:
                self.clock.now += self.timeout
            raise answer
        status, code = answer
        body = f"<R><Errors><Error><Code>{code}</Code></Error></Errors></R>"
        content = HTTPResponse(
            BytesIO(body.encode() if code else b"<R/>"), preload_content=False
        )
        return AWSResponse("", status, {}, content)

    @property
    def tokens(self):
        """The ClientTokens of all requests."""
        bodies = [parse_qs(request.body.decode()) for request in self.requests]
        return [body["ClientToken"][0] for body in bodies]


class NoRetries(CallRetries):
    """Leaves it to the tests to register other ones."""

    def register(self, session):
        """Register nothing."""


@pytest.fixture(scope="module")
def clients():
    """Return clients that all tests share, because it takes long to create them."""
    resource = SimpleNamespace(name="aws-1", model="", attributes=ATTRIBUTES)
    cache = ClientCache(lambda: NoRetries(1, patience=0), connections=1)
    return cache.get(resource, lambda text: text)


@pytest.fixture
def aws(clients):
    """Return AWS with a clock that sleeping advances."""
    aws = Aws(clients)
    retries = CallRetries(4, 20, aws.clock, aws.clock.sleep)
    emitters = [client.meta.events for client in (clients.ec2, clients.sts)]
    for events in emitters:
        retries.register(events)
        events.register("before-send", aws.answer)
    yield aws
    for events in emitters:
        events.unregister("before-send", aws.answer)
        events.unregister("needs-retry", retries.needs_retry)
        events.unregister("before-call", retries.before_call)


def test_a_served_call_is_sent_once(aws):
    """Nothing is repeated or delayed."""
    before = aws.clock.now

    aws.create(SERVED)

    assert len(aws.requests) == 1
    assert aws.clock.now == before


@pytest.mark.parametrize("first", [THROTTLED, SILENCE, UNREACHABLE])
def test_a_repeated_create_call_has_the_same_client_token(aws, first):
    """EC2 creates one resource, whichever of the requests takes effect."""
    aws.create(first, SERVED)

    assert len(aws.tokens) == 2
    assert len(set(aws.tokens)) == 1


def test_every_create_call_has_a_client_token_of_its_own(aws):
    """Two calls create two resources."""
    aws.create(SERVED)
    aws.create(SERVED)

    assert len(set(aws.tokens)) == 2


@pytest.mark.parametrize("failure", [CLOSED, (500, "InternalError"), (503, "No")])
def test_a_transient_failure_is_repeated_with_growing_delays(aws, failure):
    """Up to the number of attempts."""
    with pytest.raises(Ec2Unanswered):
        aws.create(failure)

    first, *later = aws.times
    assert [time - first for time in later] == [0.25, 0.75, 1.75]


@pytest.mark.parametrize(
    "refusal", [(400, "InvalidParameterValue"), (403, "UnauthorizedOperation")]
)
def test_other_errors_are_not_repeated(aws, refusal):
    """The same call would only fail again."""
    with pytest.raises(Ec2Failed, match=refusal[1]):
        aws.create(refusal)

    assert len(aws.requests) == 1


def test_a_call_that_is_always_throttled_fails_with_awss_answer(aws):
    """The answer says that it had no effect."""
    with pytest.raises(Ec2Failed, match="RequestLimitExceeded") as failure:
        aws.create(THROTTLED)

    assert not isinstance(failure.value, Ec2Unanswered)


def test_a_throttled_call_is_repeated_as_long_as_ec2_serves_others(aws):
    """The more calls are throttled, the fewer are sent: less than five per second."""
    begin = aws.clock.now
    while aws.clock.now < begin + 60:
        aws.create(THROTTLED, SERVED)

    assert len(aws.requests) < 4 * 60


def test_a_call_that_is_always_throttled_is_sent_less_often(aws):
    """Five times per second would be 100 times before it is given up."""
    with pytest.raises(Ec2Failed, match="RequestLimitExceeded"):
        aws.create(THROTTLED)

    assert 10 < len(aws.requests) < 60


@pytest.mark.parametrize("first", [SILENCE, CLOSED, (500, "InternalError")])
def test_a_call_may_have_taken_effect_before_it_was_throttled(aws, first):
    """So the caller looks for the resource."""
    with pytest.raises(Ec2Unanswered, match="RequestLimitExceeded"):
        aws.create(first, THROTTLED)


@pytest.mark.parametrize("timeout", [5, 30])
def test_a_call_without_an_answer_is_sent_twice(aws, timeout):
    """A minute is all that a command has time for; connecting may time out sooner."""
    aws.timeout = timeout

    with pytest.raises(Ec2Unanswered):
        aws.create(SILENCE)

    assert len(aws.requests) == 2


def test_after_a_minute_of_silence_calls_fail_at_once(aws):
    """Also the rollback's; some seconds later they are sent again."""
    with pytest.raises(Ec2Unanswered):
        aws.create(SILENCE)
    before = aws.clock.now

    with pytest.raises(Ec2Failed, match="not answered any call for about") as failure:
        aws.create(SERVED)

    assert not isinstance(failure.value, Ec2Unanswered)
    assert aws.clock.now == before
    aws.clock.now += 11
    aws.create(SERVED)


def test_the_silence_of_one_service_does_not_concern_others(aws):
    """Some networks only allow connections to EC2."""
    aws.answers = [SILENCE]
    with pytest.raises(ReadTimeoutError):
        aws.clients.sts.get_caller_identity()

    aws.create(SERVED)


def test_an_answer_ends_the_silence(aws):
    """The next call without one is sent twice again."""
    for _ in range(2):
        aws.create(SILENCE, SERVED)

    assert len(aws.requests) == 4


def test_a_cancelled_command_does_not_repeat_a_call_without_an_answer(aws):
    """The caller hears of the timeout, because the call may have taken effect."""

    def cancelled():
        raise Cancelled

    with calls_of_command(cancelled), pytest.raises(Ec2Unanswered):
        aws.create(SILENCE)

    assert len(aws.requests) == 1
