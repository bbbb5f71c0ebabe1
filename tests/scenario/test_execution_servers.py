"""Execution servers with wrong AWS settings, and CloudShell on another port."""

from __future__ import annotations

from emulator.lab import RESOURCE
from tests.scenario.execution_servers import KEYS, SELECTOR, SERVER_KEYS, UNSET, Server
from tests.scenario.watched_lab import WatchedLab


def test_a_profile_that_does_not_exist_matters_only_without_keys():
    """With keys, the execution server's AWS settings are not read."""
    with WatchedLab(environment={"AWS_PROFILE": "no-such-profile"}) as lab:
        server = Server(lab)

        assert server.create(server.add(**KEYS))["errorMessage"] == ""
        error = server.failure(server.add(**UNSET))

    assert "no-such-profile" in error
    assert SELECTOR in error


def test_no_text_contains_a_key_or_a_signature():
    """Even if the AWS library quotes a header that contains them."""
    with WatchedLab(
        environment={**SERVER_KEYS, "AWS_ACCESS_KEY_ID": "AKIASERVER\n"}
    ) as lab:
        server = Server(lab)
        resource = server.add(**UNSET)
        messages = server.failure(resource) + server.create(resource)["errorMessage"]
        logs = server.texts

    assert "Invalid header value [redacted]" in messages
    assert logs
    for secret in ("AKIASERVER", "Signature", SERVER_KEYS["AWS_SECRET_ACCESS_KEY"]):
        assert secret not in messages
        assert secret not in logs


def test_the_api_can_have_another_port_and_an_empty_scheme():
    """Both are in the context that CloudShell passes."""
    with WatchedLab(api_port=8031) as lab:
        lab.cloudshell.api_scheme = ""
        lab.cloudshell.session().AutoLoad(RESOURCE)

        assert "DecryptPassword" in lab.cloudshell.calls
