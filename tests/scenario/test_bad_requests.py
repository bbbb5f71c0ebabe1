"""An invalid request fails the whole command before any call."""

from __future__ import annotations

import pytest
from cloudshell.api.common_cloudshell_api import CloudShellAPIError

from tests.bad_requests import BAD_CREATES, BAD_REMOVES

CASES = [
    pytest.param(command, text, named, id=f"{command[:6]}: {name}")
    for command, table in (
        ("CreateTrafficMirroring", BAD_CREATES),
        ("RemoveTrafficMirroring", BAD_REMOVES),
    )
    for name, (text, named) in table.items()
]


@pytest.mark.parametrize(("command", "text", "named"), CASES)
def test_an_invalid_request_fails_the_command_before_any_call(
    unchanged_world, command, text, named
):
    """The API caller gets one error with all problems; EC2 and the pool get no call."""
    with pytest.raises(CloudShellAPIError) as refusal:
        unchanged_world.execute(command, text)

    assert "InvalidRequest" in refusal.value.message
    assert [part for part in named if part not in refusal.value.message] == []
    assert unchanged_world.ec2.calls == unchanged_world.pools.calls == []
