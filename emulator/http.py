"""
An HTTP/1.1 server on a loopback address, with one thread per connection.

Owns: sockets, keep-alive connections, requests and replies as data.
Must not know: what is requested and replied.

moto's own server is not used because it closes the connection after each request.
"""

from __future__ import annotations

import logging
import socket
import socketserver
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from threading import Lock, Thread
from typing import Any

_LOGGER = logging.getLogger("emulator")


@dataclass(frozen=True)
class HttpRequest:
    """A request; header names are case-insensitive."""

    method: str
    path: str
    headers: Message
    body: bytes


@dataclass(frozen=True)
class HttpReply:
    """A reply."""

    status: int
    body: bytes
    content_type: str = "text/xml; charset=utf-8"


# None closes the connection without a reply.
Answer = Callable[[HttpRequest], HttpReply | None]


def check_loopback(host: str) -> None:
    """Raise ValueError unless the host is an IPv4 loopback address."""
    try:
        loopback = IPv4Address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise ValueError(
            "The emulator binds to loopback addresses (127.x.y.z) only, "
            f"not to {host!r}"
        )


class HttpServer(ThreadingHTTPServer):
    """Serves in background threads between start() and stop()."""

    daemon_threads = True
    # Clients that connect at the same moment must not be refused.
    request_queue_size = 128

    def __init__(self, host: str, port: int, answer: Answer, *, name: str) -> None:
        """Bind the port; `name` is the value of the Server header."""
        check_loopback(host)
        self.answer = answer
        self.name = name
        self._connections: set[socket.socket] = set()
        self._lock = Lock()
        super().__init__((host, port), _Connection)
        self._thread = Thread(target=self.serve_forever, daemon=True)

    def server_bind(self) -> None:
        """Bind without a reverse look-up of the host name, which may be slow."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]  # IPv4 only

    def start(self) -> None:
        """Start to accept connections."""
        self._thread.start()

    def stop(self) -> None:
        """Close the port and all open connections."""
        ending = Thread(target=self.shutdown)
        ending.start()
        # The server looks whether it should end after a connection, or twice a second.
        while ending.is_alive():
            with suppress(OSError), socket.create_connection(self.socket.getsockname()):
                ending.join(0.01)
        self._thread.join()
        self.server_close()
        with self._lock:
            for connection in self._connections:
                with suppress(OSError):  # the client may have closed it already
                    connection.shutdown(socket.SHUT_RDWR)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, so that stop() can close it."""
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection."""
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002  # socketserver's signature
        """Log errors; a client that disconnects is not an error."""
        if isinstance(sys.exc_info()[1], OSError):
            _LOGGER.debug("%s disconnected", client_address, exc_info=True)
        else:
            _LOGGER.exception("The connection of %s failed", client_address)


class _Connection(BaseHTTPRequestHandler):
    """Reads the requests of one connection and writes the replies."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # a reply must not wait for a delayed ACK
    server: HttpServer

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        request = HttpRequest(self.command, self.path, self.headers, body)
        reply = self.server.answer(request)
        if reply is None:
            self.close_connection = True
            return
        # Written at once: separate writes would cost a second packet.
        self.wfile.write(_head(reply, self.server.name) + reply.body)

    do_GET = do_POST = do_PUT = _serve  # noqa: N815  # http.server's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # http.server's name
        """Log the errors that http.server itself finds."""
        _LOGGER.debug(format, *args)


def _head(reply: HttpReply, server: str) -> bytes:
    try:
        phrase = HTTPStatus(reply.status).phrase
    except ValueError:  # a fault may use any status
        phrase = "Unknown"
    return (
        f"HTTP/1.1 {reply.status} {phrase}\r\n"
        f"Content-Type: {reply.content_type}\r\n"
        f"Content-Length: {len(reply.body)}\r\n"
        f"Server: {server}\r\n\r\n"
    ).encode("ascii")
