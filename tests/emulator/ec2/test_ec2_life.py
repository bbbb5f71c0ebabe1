"""Starting and stopping, in a process without another emulator."""

from __future__ import annotations

import os
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from emulator.ec2 import Ec2Emulator


def test_emulator_starts_empty_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Emulators can follow one another; each is empty, the environment is kept."""
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    before = dict(os.environ)
    for _ in range(2):
        with Ec2Emulator() as ec2:
            client = ec2.client()
            assert ec2.endpoint_url.startswith("http://127.0.0.1:")
            assert (
                client.describe_traffic_mirror_filters()["TrafficMirrorFilters"] == []
            )
            client.create_traffic_mirror_filter()
    assert dict(os.environ) == before


def test_stop_ends_kept_connections() -> None:
    """After stop(), open connections are closed."""
    with Ec2Emulator() as ec2:
        client: Any = ec2.client()
        client.describe_vpcs()
    with pytest.raises(EndpointConnectionError):
        client.describe_vpcs()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "localhost", "::1"])  # noqa: S104  # refused
def test_only_loopback_is_served(host: str) -> None:
    """Only 127.x.y.z is accepted, and a later start works."""
    with pytest.raises(ValueError, match=host):
        Ec2Emulator(host=host).start()
    with Ec2Emulator(host="127.0.0.2") as ec2:
        assert ec2.endpoint_url.startswith("http://127.0.0.2:")
