"""Clients of AWS."""

from types import SimpleNamespace

import pytest

from traffic_mirroring import __version__
from traffic_mirroring.aws import AwsClients


class Sent(Exception):
    """A request was about to leave."""


def test_calls_say_what_makes_them():
    """CloudTrail shows the shell, and by which botocore it called."""
    attributes = {
        "Region": "us-east-1",
        "AWS Access Key ID": "AKIA",
        "AWS Secret Access Key": "invented",
    }
    resource = SimpleNamespace(name="AWS", model="", attributes=attributes)
    api = SimpleNamespace(DecryptPassword=lambda value: SimpleNamespace(Value=value))
    client = AwsClients(attempts=1, connections=1).get(resource, api).ec2

    def stop(request, **_):
        raise Sent(request.headers["User-Agent"].decode())

    client.meta.events.register("before-send", stop)

    with pytest.raises(Sent) as sent:
        client.describe_regions()

    name, _, rest = str(sent.value).partition(" ")
    assert name == f"cloudshell-aws-traffic-mirroring/{__version__}"
    assert rest.startswith("Botocore/")
