"""boto3 clients."""

from io import BytesIO
from types import SimpleNamespace

import pytest
from botocore.awsrequest import AWSResponse
from urllib3 import HTTPResponse

from traffic_mirroring import __version__
from traffic_mirroring.aws.clients import ClientCache

INSTANCES = b"""
<DescribeInstancesResponse><reservationSet><item><instancesSet><item>
<launchTime>2026-01-02T03:04:05.000Z</launchTime>
</item></instancesSet></item></reservationSet></DescribeInstancesResponse>
"""


class Sent(Exception):
    """A request was about to be sent."""


@pytest.fixture
def client():
    """Return an EC2 client, created from a resource's attributes."""
    attributes = {
        "Region": "us-east-1",
        "AWS Access Key ID": "AKIA",
        "AWS Secret Access Key": "invented",
    }
    resource = SimpleNamespace(name="AWS", model="", attributes=attributes)
    return ClientCache(max_attempts=1, connections=1).get(resource, str).ec2


def test_the_user_agent_names_the_shell(client):
    """CloudTrail shows it, with the version of botocore."""

    def stop(request, **_):
        raise Sent(request.headers["User-Agent"].decode())

    client.meta.events.register("before-send", stop)

    with pytest.raises(Sent) as sent:
        client.describe_regions()

    name, _, rest = str(sent.value).partition(" ")
    assert name == f"cloudshell-aws-traffic-mirroring/{__version__}"
    assert rest.startswith("Botocore/")


def test_times_are_not_parsed(client):
    """Parsing them is slow, and the shell doesn't use them."""
    content = HTTPResponse(BytesIO(INSTANCES), preload_content=False)
    answer = AWSResponse("", 200, {}, content)
    client.meta.events.register("before-send", lambda **_: answer)

    (found,) = client.describe_instances()["Reservations"]

    assert found["Instances"] == [{"LaunchTime": "2026-01-02T03:04:05.000Z"}]
