"""
Free loopback addresses.

Owns: finding one. Must not know: what is served there.

The ports of CloudShell are fixed, so each server needs an address of its own.
"""

from __future__ import annotations

import random
import socket
from collections.abc import Iterable

_ATTEMPTS = 50


def find_free_address(ports: Iterable[int]) -> str:
    """Return a loopback address on which all these ports are free."""
    wanted = list(ports)
    for _ in range(_ATTEMPTS):
        numbers = (random.randint(1, 254) for _ in range(2))  # noqa: S311 no secret
        host = ".".join(("127", "83", *map(str, numbers)))
        if all(_is_free(host, port) for port in wanted):
            return host
    raise OSError(f"No loopback address with the ports {wanted} free was found")


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        # As the servers do, so that a lingering connection does not block the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
