"""A request is only data: its text can't make the driver run code."""

from __future__ import annotations

import json

import pytest
from cloudshell.api.common_cloudshell_api import CloudShellAPIError

from tests.request_texts import create, create_action, request, rule


def jsonpickle_tags(path):
    """Return jsonpickle tags; a decoder that obeys them would create a folder."""
    return {
        "py/reduce": [{"py/type": "os.mkdir"}, {"py/tuple": [str(path)]}],
        "py/object": "traffic_mirroring.request.Parser",
    }


@pytest.mark.parametrize("place", ["root", "action"])
def test_jsonpickle_tags_are_ignored_like_other_unknown_keys(world, tmp_path, place):
    """Where unknown keys are allowed, the mirror is created and no tag is obeyed."""
    folder, action = tmp_path / "created", world.mirror()
    text = request(
        {**action, **jsonpickle_tags(folder)} if place == "action" else action
    )
    if place == "root":
        text = json.dumps({**json.loads(text), **jsonpickle_tags(folder)})

    (result,) = world.execute("CreateTrafficMirroring", text)

    assert result["success"]
    assert not folder.exists()


@pytest.mark.parametrize(
    "bad",
    [
        lambda path: create(**jsonpickle_tags(path)),
        lambda path: rule(**jsonpickle_tags(path)),
        lambda path: create(sourceNicId=jsonpickle_tags(path)),
        lambda _: request({**create_action(), "type": "RequestParser"}),
        lambda _: create(type="RequestParser"),
    ],
    ids=["params", "rule", "value", "type", "nested type"],
)
def test_jsonpickle_tags_are_rejected_like_other_unknown_keys(world, tmp_path, bad):
    """Where unknown keys are rejected, neither a tag nor a `type` is obeyed."""
    folder = tmp_path / "created"

    with pytest.raises(CloudShellAPIError, match="InvalidRequest"):
        world.execute("CreateTrafficMirroring", bad(folder))

    assert not folder.exists()
    assert world.ec2.calls == world.pools.calls == []
