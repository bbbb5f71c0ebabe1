"""
Request text is data: nothing in it selects what is called.

The ids in the tests' names are those of known faults of another implementation.
"""

from __future__ import annotations

import json

import pytest
from cloudshell.api.common_cloudshell_api import CloudShellAPIError

from tests.request_texts import create, create_action, request, rule


def markers(path):
    """Return what a decoder that obeys its input would make a folder for."""
    return {
        "py/reduce": [{"py/type": "os.mkdir"}, {"py/tuple": [str(path)]}],
        "py/object": "traffic_mirroring.request.Parser",
    }


@pytest.mark.parametrize("place", ["root", "action"])
def test_o1_a_decoders_markers_are_data_where_unknown_keys_are_ignored(
    world, tmp_path, place
):
    """The mirror is made, and nothing that the markers name is called."""
    marker, action = tmp_path / "marker", world.mirror()
    text = request({**action, **markers(marker)} if place == "action" else action)
    if place == "root":
        text = json.dumps({**json.loads(text), **markers(marker)})

    (result,) = world.execute("CreateTrafficMirroring", text)

    assert result["success"]
    assert not marker.exists()


@pytest.mark.parametrize(
    "bad",
    [
        lambda path: create(**markers(path)),
        lambda path: rule(**markers(path)),
        lambda path: create(sourceNicId=markers(path)),
        lambda _: request({**create_action(), "type": "RequestParser"}),
        lambda _: create(type="RequestParser"),
    ],
    ids=["params", "rule", "value", "type", "nested type"],
)
def test_o1_a_decoders_markers_are_refused_where_unknown_keys_are(world, tmp_path, bad):
    """Neither a marker nor a `type` selects anything to be called."""
    marker = tmp_path / "marker"

    with pytest.raises(CloudShellAPIError, match="InvalidRequest"):
        world.execute("CreateTrafficMirroring", bad(marker))

    assert not marker.exists()
    assert world.ec2.calls == world.pools.calls == []
