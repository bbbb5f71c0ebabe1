"""
Free loopback addresses.

Owns: finding one. Must not know: what is served there.

The ports of CloudShell are fixed, so each server needs an address of its own. Linux has
all of 127.0.0.0/8. macOS has only 127.0.0.1, and those that were added as an alias.
"""

from __future__ import annotations

import errno
import random
import socket
from collections.abc import Iterable, Iterator

_ATTEMPTS = 50
_ALIASES = tuple(f"127.0.0.{number}" for number in range(1, 17))
"""The addresses to try on a machine that has only some."""


class AddressesInUseError(OSError):
    """No loopback address is free; the message says what to do."""


def find_free_address(ports: Iterable[int]) -> str:
    """
    Return a loopback address on which all these ports are free.

    Raises AddressesInUseError.
    """
    wanted = list(ports)
    for host in _candidates():
        if not any(_why_not(host, port) for port in wanted):
            return host
    raise AddressesInUseError(
        f"The ports {' and '.join(map(str, wanted))} are in use on all loopback "
        "addresses of this machine. End what uses them, or add an address; on macOS: "
        f"sudo ifconfig lo0 alias {_ALIASES[1]} up"
    )


def _candidates() -> Iterator[str]:
    for _ in range(_ATTEMPTS):
        host = _random_address()
        if _why_not(host, 0) == errno.EADDRNOTAVAIL:
            break
        yield host
    # In random order: processes that start together should choose different ones.
    yield from random.sample(_ALIASES, len(_ALIASES))


def _random_address() -> str:
    numbers = (random.randint(1, 254) for _ in range(2))  # noqa: S311 no secret
    return ".".join(("127", "83", *map(str, numbers)))


def _why_not(host: str, port: int) -> int | None:
    """Return the error number of a bind, None if it succeeds; port 0 is any port."""
    with socket.socket() as probe:
        # As the servers do, so that a lingering connection does not block the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.errno
    return None
