"""
Owns: loopback addresses. Must not know: what is served there.

The client's port is fixed, so servers side by side need addresses of their own.
"""

import ipaddress
import random
import socket
from collections.abc import Iterable

_ATTEMPTS = 50


def check_loopback(host: str) -> None:
    """Raise ValueError unless the host is an IPv4 loopback address."""
    try:
        loopback = ipaddress.IPv4Address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise ValueError(
            "The emulator binds to loopback addresses (127.x.y.z) only, "
            f"not to {host!r}"
        )


def find_free_address(ports: Iterable[int]) -> str:
    """Return a loopback address on which nobody listens on the ports yet."""
    wanted = list(ports)
    for _ in range(_ATTEMPTS):
        numbers = (random.randint(1, 254) for _ in range(2))  # noqa: S311 no secret
        host = ".".join(("127", "83", *map(str, numbers)))
        if all(_is_free(host, port) for port in wanted):
            return host
    raise OSError(f"No loopback address with the ports {wanted} free was found")


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        # As the servers do: a connection that lingers does not occupy the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
