"""Owns: HTTP on a loopback address. Must not know: what is asked and answered."""

import logging
import socket
import socketserver
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from emulator.cloudshell.addresses import check_loopback

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class HttpRequest:
    """A request; header names are found in any case."""

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


# None: close the connection without an answer.
Answer = Callable[[HttpRequest], HttpReply | None]


class HttpServer(ThreadingHTTPServer):
    """A server in threads of its own; stopping it also ends open connections."""

    daemon_threads = True
    # Many clients at once must not wait for a connection.
    request_queue_size = 128

    def __init__(self, host: str, port: int, answer: Answer) -> None:
        check_loopback(host)
        self.answer = answer
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__((host, port), _RequestHandler)

    def server_bind(self) -> None:
        """Bind without looking the host's name up, which may be slow."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment] # IPv4 only

    def start(self) -> None:
        """Serve from now on."""
        thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        thread.start()

    def stop(self) -> None:
        """Stop serving, close the port and every connection."""
        self.shutdown()
        self.server_close()
        with self._open_lock:
            connections = list(self._open)
        for connection in connections:
            # A kept-alive connection would else still be served.
            self.shutdown_request(connection)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection and serve it."""
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close the connection and forget it."""
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        """Log what went wrong with a connection, a client that left among it."""
        error = sys.exc_info()[1]
        if isinstance(error, (OSError, ValueError)):
            _LOGGER.debug("connection of %s ended: %r", client_address, error)
        else:
            _LOGGER.exception("connection of %s failed", client_address)


class _RequestHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body in one packet, at once.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: HttpServer

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        request = HttpRequest(self.command, self.path, self.headers, body)
        reply = self.server.answer(request)
        if reply is None:
            self.close_connection = True
            return
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    do_GET = do_POST = do_PUT = _serve  # noqa: N815 names of http.server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 its name
        """Log to where everything else goes."""
        _LOGGER.debug(format, *args)
