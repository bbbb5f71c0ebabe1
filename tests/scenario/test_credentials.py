"""Which credentials the commands use."""

from __future__ import annotations

import pytest

from tests.scenario.execution_servers import KEYS, SELECTOR, SERVER_KEYS, UNSET, Server
from tests.scenario.watched_lab import WatchedLab

ROLE = "arn:aws:iam::210987654321:role/mirrors"


@pytest.fixture(scope="module")
def lab_with_role():
    """Run an execution server with credentials, and with another region."""
    with WatchedLab(
        environment={**SERVER_KEYS, "AWS_DEFAULT_REGION": "eu-west-3"}
    ) as lab:
        yield lab


@pytest.fixture
def server(lab_with_role):
    """Start with nothing in EC2; the server has a role."""
    return Server(lab_with_role)


def test_unset_keys_mean_the_role_of_the_execution_server(server):
    """CloudShell sends both as encrypted empty texts."""
    result = server.create(server.add(**UNSET))

    assert result["errorMessage"] == ""
    assert server.keys == {"AKIASERVER"}
    assert {each.region for each in server.world.ec2.calls} == {"us-east-1"}


def test_unset_keys_can_assume_a_role(server):
    """With the credentials of the execution server."""
    server.world.ec2.add_role(ROLE)
    resource = server.add(**UNSET, **{"Shared VPC Role Arn": ROLE})

    server.world.session.AutoLoad(resource)

    assumed = [c for c in server.world.ec2.calls if c.operation == "AssumeRole"]
    assert [each.access_key for each in assumed] == ["AKIASERVER"]
    assert len(server.keys) == 2


def test_the_keys_of_the_resource_are_stronger_than_the_servers(server):
    """Neither its credentials nor its region are used."""
    server.create(server.add(**KEYS))

    assert server.keys == {"AKIAOURS"}
    assert {each.region for each in server.world.ec2.calls} == {"us-east-1"}


@pytest.mark.parametrize("around", ["\n", "\r\n", " ", "\t"])
def test_blanks_and_line_breaks_around_keys_are_dropped(server, around):
    """They were pasted with the key; AWS would reject it."""
    pasted = {name: f"{around}{key}{around}" for name, key in KEYS.items()}
    resource = server.add(**pasted)

    server.world.session.AutoLoad(resource)
    result = server.create(resource)

    assert result["errorMessage"] == ""
    assert server.keys == {"AKIAOURS"}
    assert "Signature" not in server.texts


@pytest.mark.parametrize("missing", KEYS)
def test_one_key_alone_is_an_error(server, missing):
    """Its stored text is not empty, only its plain text is."""
    error = server.failure(server.add(**{**KEYS, missing: ""}))

    assert "has only one of" in error
    assert server.keys == set()


def test_missing_permissions_of_the_server_mention_the_selector(server):
    """Another execution server may have the right role."""
    deny = {"Effect": "Deny", "Action": "ec2:CreateTags", "Resource": "*"}
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [allow, deny]}
    for key in ("AKIASERVER", "AKIAOURS"):
        server.world.ec2.restrict(key, policy)

    assert SELECTOR in server.failure(server.add(**UNSET))
    assert SELECTOR not in server.failure(server.add(**KEYS))


@pytest.mark.parametrize("region", ["us-gov-west-1", "cn-north-1"])
def test_keys_of_another_partition_are_rejected_with_advice(server, region):
    """AWS does not know them in GovCloud or China."""
    error = server.failure(server.add(**{**KEYS, "Region": region}))

    assert "check the keys of the cloud provider resource" in error
    assert "no known region" not in error


def test_a_region_in_capital_letters_is_corrected(server):
    """The error suggests the right name."""
    error = server.failure(server.add(**{**KEYS, "Region": "US-EAST-1"}))

    assert "US-EAST-1 is no known region; similar ones are" in error
    assert "us-east-1" in error
