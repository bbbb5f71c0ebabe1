"""boto3 clients, created from the attributes of a resource."""

import logging
import threading
import traceback
from email.message import Message
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from types import SimpleNamespace
from typing import ClassVar
from urllib.parse import parse_qs

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.credentials import Credentials
from botocore.exceptions import ConnectionClosedError, ProfileNotFound
from urllib3 import HTTPResponse

from tests.unit.aws.clock import FakeClock
from traffic_mirroring import __version__
from traffic_mirroring.aws.call_retries import CallRetries
from traffic_mirroring.aws.clients import ClientCache, similar_regions
from traffic_mirroring.aws.errors import aws_errors
from traffic_mirroring.errors import Ec2Failed, InvalidConfiguration

ROLE = "arn:aws:iam::123456789012:role/mirrors"
KEYS = {"AWS_Access_Key_ID": "AKIAOURS", "AWS_Secret_Access_Key": "invented"}
CONNECTIONS = 3
INSTANCES = b"""
<DescribeInstancesResponse><reservationSet><item><instancesSet><item>
<launchTime>2026-01-02T03:04:05.000Z</launchTime>
</item></instancesSet></item></reservationSet></DescribeInstancesResponse>
"""
ASSUMED = b"""
<AssumeRoleResponse><AssumeRoleResult><Credentials>
<AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>of the role</SecretAccessKey>
<SessionToken>token</SessionToken><Expiration>2999-01-02T03:04:05Z</Expiration>
</Credentials></AssumeRoleResult></AssumeRoleResponse>
"""


class Sent(Exception):
    """A request was about to be sent."""


@pytest.fixture(autouse=True)
def _server(monkeypatch, tmp_path):
    """Have an execution server without AWS settings of its own."""
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def server_keys(monkeypatch):
    """Give the execution server credentials of its own."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIASERVER")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of the server")


def encrypted(plain):
    """Return what CloudShell stores for a Password attribute, also for an empty one."""
    return f"encrypted({plain})"


def decrypt(stored):
    """Return the plain text; refuse what isn't encrypted."""
    assert stored.startswith("encrypted(")
    return stored[len("encrypted(") : -1]


def clients(retries=None, /, **attributes):
    """Return the clients for a resource whose keys have these plain texts."""
    named = {key.replace("_", " "): value for key, value in attributes.items()}
    stored = {k: encrypted(v) if "Key" in k else v for k, v in named.items()}
    attributes = {"Region": "us-east-1", **stored}
    resource = SimpleNamespace(name="aws-1", model="", attributes=attributes)
    retries = retries or CallRetries(1, patience=0)
    cache = ClientCache(lambda: retries, CONNECTIONS)
    return cache.get(resource, decrypt)


def request_of(client):
    """Return the request that a client would send."""

    def stop(request, **_):
        raise Sent(request)

    client.meta.events.register("before-send", stop)
    with pytest.raises(Sent) as sent:
        client.describe_regions()
    return sent.value.args[0]


def signer(client):
    """Return key id and region of a request's signature."""
    header = request_of(client).headers["Authorization"].decode()
    key_id, _, region, *_ = header.partition("Credential=")[2].split("/")
    return key_id, region


def signature(request, secret):
    """Return the signature that AWS expects of a request to EC2."""
    key_id, _, rest = request.headers["Authorization"].decode().partition("/")
    names = rest.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    names.remove("host")  # it is in the URL
    headers = {name: request.headers[name].decode() for name in names}
    received = AWSRequest("POST", request.url, headers, request.body)
    received.context["timestamp"] = headers["x-amz-date"]
    auth = SigV4Auth(Credentials(key_id, secret), "ec2", "us-east-1")
    text = auth.string_to_sign(received, auth.canonical_request(received))
    return auth.signature(text, received)


def test_the_user_agent_names_the_shell():
    """CloudTrail shows it, with the version of botocore."""
    agent = request_of(clients(**KEYS).ec2).headers["User-Agent"].decode()

    name, _, rest = agent.partition(" ")
    assert name == f"cloudshell-aws-traffic-mirroring/{__version__}"
    assert rest.startswith("Botocore/")


@pytest.mark.parametrize("attempts", [1, 3])
@pytest.mark.parametrize(
    ("service", "call"), [("ec2", "describe_regions"), ("sts", "get_caller_identity")]
)
def test_calls_are_made_as_often_as_the_retries_allow(service, call, attempts):
    """Whichever the service is; botocore's own retries are off."""
    clock = FakeClock()
    retries = CallRetries(attempts, 0, clock, clock.sleep)
    client = getattr(clients(retries, **KEYS), service)
    requests = []

    def fail(request, **_):
        requests.append(request)
        raise ConnectionClosedError(endpoint_url="x")

    client.meta.events.register("before-send", fail)
    with pytest.raises(ConnectionClosedError):
        getattr(client, call)()

    assert len(requests) == attempts


@pytest.mark.parametrize("service", ["cloudwatch", "ec2", "load_balancing", "sts"])
def test_an_answer_may_take_thirty_seconds(service):
    """EC2's look-ups take long in large accounts; a connection must not."""
    config = getattr(clients(**KEYS), service).meta.config

    assert config.read_timeout == 30
    assert config.connect_timeout < 30


def test_each_call_that_is_made_at_once_has_a_connection():
    """It is kept for the next call, which needs no new handshake."""
    assert clients(**KEYS).ec2.meta.config.max_pool_connections == CONNECTIONS


def test_times_are_not_parsed():
    """Parsing them is slow, and the shell doesn't use them."""
    content = HTTPResponse(BytesIO(INSTANCES), preload_content=False)
    answer = AWSResponse("", 200, {}, content)
    client = clients(**KEYS).ec2
    client.meta.events.register("before-send", lambda **_: answer)

    (found,) = client.describe_instances()["Reservations"]

    assert found["Instances"] == [{"LaunchTime": "2026-01-02T03:04:05.000Z"}]


@pytest.mark.usefixtures("server_keys")
def test_the_resources_keys_are_used():
    """The execution server's own ones are not."""
    aws = clients(**KEYS)

    assert signer(aws.ec2) == ("AKIAOURS", "us-east-1")
    assert not aws.use_server_role


def test_a_request_is_signed_with_the_resources_secret():
    """AWS would reject any other."""
    request = request_of(clients(**KEYS).ec2)

    sent = request.headers["Authorization"].decode().partition("Signature=")[2]
    assert sent == signature(request, "invented")
    assert sent != signature(request, "another one")


@pytest.mark.usefixtures("server_keys")
@pytest.mark.parametrize("role", ["", ROLE])
def test_keys_whose_plain_text_is_empty_are_absent(role):
    """CloudShell stores unset passwords as an encrypted empty text."""
    unset = dict.fromkeys(KEYS, "")
    aws = clients(**unset, Shared_VPC_Role_Arn=role)

    assert aws.use_server_role == (role == "")
    if not role:
        assert signer(aws.ec2) == ("AKIASERVER", "us-east-1")


@pytest.mark.usefixtures("server_keys")
@pytest.mark.parametrize("missing", KEYS)
def test_only_one_of_the_keys_is_an_error(missing):
    """That one is empty can only be seen in the plain text."""
    with pytest.raises(InvalidConfiguration, match="aws-1 has only one of"):
        clients(**{**KEYS, missing: ""})


def test_a_character_that_no_key_contains_is_an_error_without_the_key():
    """The error names the attribute."""
    with pytest.raises(InvalidConfiguration) as failure:
        clients(**{**KEYS, "AWS_Secret_Access_Key": "inven\u200bted"})

    assert str(failure.value).startswith(
        "aws-1 has a value for 'AWS Secret Access Key' with a character"
    )
    assert "inven" not in str(failure.value)


@pytest.mark.usefixtures("server_keys")
@pytest.mark.parametrize("role", ["", ROLE])
def test_with_keys_the_servers_settings_do_not_matter(monkeypatch, tmp_path, role):
    """Neither a profile that doesn't exist, nor a broken file, nor another region."""
    (tmp_path / "broken").write_text("no configuration")
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "broken"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "broken"))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-3")

    aws = clients(**KEYS, Shared_VPC_Role_Arn=role)

    assert aws.ec2.meta.region_name == "us-east-1"
    if not role:
        assert signer(aws.ec2) == ("AKIAOURS", "us-east-1")


def test_without_keys_a_broken_profile_of_the_server_is_an_error(monkeypatch):
    """It says which server's settings to check."""
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")

    with pytest.raises(InvalidConfiguration) as failure:
        clients()

    assert "no-such-profile" in str(failure.value)
    assert str(failure.value).endswith(
        "; check 'Region', and the AWS settings of the execution server that "
        "'Execution Server Selector' chooses"
    )
    assert isinstance(failure.value.__cause__, ProfileNotFound)


def test_without_any_credentials_no_role_can_be_assumed():
    """The error says what to give."""
    with pytest.raises(InvalidConfiguration, match="There are no credentials"):
        clients(Shared_VPC_Role_Arn=ROLE)


def test_a_key_that_an_http_header_cannot_hold_is_not_quoted(monkeypatch):
    """Neither in the message nor in the traceback, which a log has."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIASERVER\n")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of the server")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    client = clients().ec2

    with pytest.raises(Ec2Failed) as failure, aws_errors("Looking up regions"):
        client.describe_regions()

    printed = "".join(traceback.format_exception(*failure._excinfo))
    assert "Invalid header value [redacted]" in printed
    assert "AKIASERVER" not in printed
    assert "Signature" not in printed


def test_no_log_has_credentials_if_the_root_logger_is_at_debug(caplog):
    """Without a limit, botocore would log the role's secret and every signature."""
    caplog.set_level(logging.DEBUG)
    content = HTTPResponse(BytesIO(ASSUMED), preload_content=False)
    answer = AWSResponse("", 200, {}, content)
    client = clients(**KEYS).sts
    client.meta.events.register("before-send", lambda **_: answer)

    client.assume_role(RoleArn=ROLE, RoleSessionName="test")

    assert "of the role" not in caplog.text
    assert "Signature" not in caplog.text


def test_clients_of_other_services_are_created_once_when_they_are_used():
    """They are of the resource's region."""
    aws = clients(**KEYS)

    for name in ("cloudwatch", "load_balancing", "sts"):
        client = getattr(aws, name)
        assert client is getattr(aws, name)
        assert client.meta.region_name == "us-east-1"
    assert aws.cloudwatch.can_paginate("get_metric_data")


def test_sts_is_called_in_the_resources_region(monkeypatch):
    """A network may let through nothing else, and older botocores call us-east-1."""
    monkeypatch.setenv("AWS_STS_REGIONAL_ENDPOINTS", "legacy")

    assert (
        clients(**KEYS).sts.meta.endpoint_url == "https://sts.us-east-1.amazonaws.com"
    )


@pytest.mark.parametrize(
    ("region", "suggestion"),
    [
        ("US-EAST-1", "us-east-1"),
        ("us-esat-1", "us-east-1"),
        ("cn-nort-1", "cn-north-1"),
    ],
)
def test_regions_like_an_unknown_one_are_suggested(monkeypatch, region, suggestion):
    """Whatever the case, and whatever the execution server's settings."""
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")

    assert suggestion in similar_regions(region)


def test_nothing_is_suggested_for_a_region_that_exists():
    """The reason is another one."""
    assert similar_regions("us-east-1") is None


class Sts(BaseHTTPRequestHandler):
    """Answers AssumeRole, and keeps the headers and parameters."""

    asked: ClassVar[list[tuple[Message, dict[str, list[str]]]]] = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.asked.append((self.headers, parse_qs(body)))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(ASSUMED)

    def log_message(self, *_):
        """Print nothing."""


@pytest.fixture
def sts(monkeypatch):
    """Run an STS on this machine; return what it is asked for."""
    with HTTPServer(("127.0.0.1", 0), Sts) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)
        Sts.asked.clear()
        yield Sts.asked
        server.shutdown()


def test_a_role_is_assumed_with_the_resources_keys(sts):
    """Once, when its credentials are first needed; its session has the shell's name."""
    client = clients(**KEYS, Shared_VPC_Role_Arn=ROLE).ec2
    assert sts == []

    assert signer(client) == ("ASIAROLE", "us-east-1")

    ((headers, parameters),) = sts
    assert "Credential=AKIAOURS/" in headers["Authorization"]
    assert headers["User-Agent"].startswith("cloudshell-aws-traffic-mirroring/")
    assert parameters["Action"] == ["AssumeRole"]
    assert parameters["RoleArn"] == [ROLE]
    assert parameters["RoleSessionName"] == ["CloudShell-Traffic-Mirroring"]
