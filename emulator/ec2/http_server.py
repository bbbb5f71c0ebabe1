"""
An HTTP/1.1 server on loopback: bytes in, bytes out, a thread per connection.

Connections are kept alive, which the server that moto comes with can't do.
What the answers are is not known here.
"""

from __future__ import annotations

import logging
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from threading import Lock, Thread
from typing import Any

from emulator.ec2.wire import HttpAnswer, HttpRequest

log = logging.getLogger(__name__)

# None: close the connection without an answer.
Answering = Callable[[HttpRequest], HttpAnswer | None]


class LoopbackServer(ThreadingHTTPServer):
    """Serves in threads of its own until it is stopped."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, answering: Answering) -> None:
        if not IPv4Address(host).is_loopback:
            raise ValueError(f"the emulator binds to 127.x.y.z only, not to {host}")
        self.answering = answering
        self._connections: set[socket.socket] = set()
        self._lock = Lock()
        super().__init__((host, port), _Connection)
        self._thread = Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    def start(self) -> None:
        """Accept connections from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Stop accepting, and end the connections that are kept alive."""
        self.shutdown()
        self._thread.join()
        self.server_close()
        with self._lock:
            for connection in self._connections:
                with suppress(OSError):  # the client may have closed it just now
                    connection.shutdown(socket.SHUT_RDWR)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, so that stop() can end it."""
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection."""
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002  # socketserver's signature
        """Keep quiet about clients that hang up; log anything else."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            log.exception("a connection of the emulator's failed")


class _Connection(BaseHTTPRequestHandler):
    """One client's connection, request after request."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each answer may wait for a delayed ACK
    server: LoopbackServer

    def do_POST(self) -> None:  # http.server's name for it
        """Read one request, answer it."""
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(length)
        request = HttpRequest(self.command, self.path, headers, body)
        answer = self.server.answering(request)
        if answer is None:
            self.close_connection = True
            return
        # One write, one packet: head and body apart would cost a second one.
        self.wfile.write(_head(answer) + answer.body)

    do_GET = do_POST  # noqa: N815  # http.server's name for it

    def log_message(self, *args: Any) -> None:
        """Log no requests: the emulator keeps its own list of calls."""


def _head(answer: HttpAnswer) -> bytes:
    try:
        phrase = HTTPStatus(answer.status).phrase
    except ValueError:  # an invented status of a fault
        phrase = "Unknown"
    return (
        f"HTTP/1.1 {answer.status} {phrase}\r\n"
        f"Content-Type: {answer.content_type}\r\n"
        f"Content-Length: {len(answer.body)}\r\n"
        "Server: AmazonEC2\r\n\r\n"
    ).encode("ascii")
