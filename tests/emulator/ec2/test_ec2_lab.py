"""Where the lab deploys Apps."""

from __future__ import annotations

from emulator.lab import Lab

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/mirror"
NIC = "eni-0123456789abcdef0"


def test_apps_of_another_account() -> None:
    """Apps that are deployed by a role's client exist in its account only."""
    with Lab() as lab:
        lab.ec2.add_role(ROLE)
        there = lab.ec2.client(role=ROLE)
        sandbox = lab.deploy("elsewhere", {"web": NIC}, there)
        lab.deploy("here", {"web": None})
        (app,) = sandbox.apps
        (nic,) = app.nics
        found = there.describe_network_interfaces()["NetworkInterfaces"]
        assert [each["NetworkInterfaceId"] for each in found] == [NIC]
        assert found[0]["OwnerId"] == ACCOUNT
        assert found[0]["SubnetId"] == nic.subnet_id
        (own,) = lab.client.describe_network_interfaces()["NetworkInterfaces"]
        assert own["OwnerId"] != ACCOUNT
