"""
ClientToken: a repeated create call creates nothing new.

Owns: repeated calls. Must not know: what is created.

Tokens are separate for each operation, account and region. Only successful calls are
remembered, so that a failed call can be repeated with its token.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from emulator.ec2.errors import Refusal, ec2_error
from emulator.ec2.mirroring.params import Params
from emulator.ec2.mirroring.state import RegionState

TOKEN_LIMIT = 64


def create_once(
    state: RegionState, params: Params, create: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """Create once per token; raises Ec2Error if the parameters differ."""
    token = params.optional("ClientToken")
    if token is None:
        return create()
    if len(token) > TOKEN_LIMIT:
        raise ec2_error(Refusal.TEXT_TOO_LONG, name="ClientToken", limit=TOKEN_LIMIT)
    fingerprint = json.dumps(params.sorted_values(without=("ClientToken",)))
    known = state.creations.get((params.operation, token))
    if known is None:
        result = {**create(), "ClientToken": token}
        state.creations[params.operation, token] = (fingerprint, result)
        return result
    if known[0] != fingerprint:
        raise ec2_error(Refusal.TOKEN_REUSED)
    return known[1]
