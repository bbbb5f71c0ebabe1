"""
ClientToken: the same create call twice makes one resource.

A token counts per operation, account and region. Only successes are
remembered, so that a call that was refused may be repeated as it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from emulator.ec2.errors import Refusal, refuse
from emulator.ec2.params import Params
from emulator.ec2.world import World

TOKEN_LIMIT = 64


def create_once(
    world: World, params: Params, create: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """Create, or answer as the first time; raise where other things are asked."""
    token = params.optional("ClientToken")
    if token is None:
        return create()
    if len(token) > TOKEN_LIMIT:
        raise refuse(Refusal.TEXT_TOO_LONG, name="ClientToken", limit=TOKEN_LIMIT)
    fingerprint = json.dumps(params.question(without=("ClientToken",)))
    known = world.creations.get((params.operation, token))
    if known is None:
        result = {**create(), "ClientToken": token}
        world.creations[params.operation, token] = (fingerprint, result)
        return result
    if known[0] != fingerprint:
        raise refuse(Refusal.TOKEN_REUSED)
    return known[1]
