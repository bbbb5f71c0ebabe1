"""
moto's server, called in-process.

Owns: moto's WSGI application and the life of its state, which belongs to the process.
Must not know: traffic mirroring, policies.

Nothing in moto is replaced: the emulator answers its own operations before moto gets
them.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from io import BytesIO
from typing import Any
from urllib.parse import unquote, urlsplit

from botocore.model import OperationNotFoundError
from moto.core.base_backend import BackendDict
from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    create_backend_app,
)
from werkzeug.test import run_wsgi_app

from emulator.ec2.actions import Action, Ec2Reply
from emulator.ec2.moto import without_aws_files
from emulator.ec2.moto.serializer import speed_up_moto
from emulator.http import HttpRequest

# Loading Amazon's images takes most of a reset, and instances start without them.
_LOAD_IMAGES = "MOTO_EC2_LOAD_DEFAULT_AMIS"
_REQUEST_ID = re.compile(rb"(?<=<(request|Request)(Id|ID)>)[^<]*")
_ERROR_CODE = re.compile(rb"<Code>([^<]*)</Code>")
# The load balancer types in AWS's ARNs; moto always writes "app".
_LOAD_BALANCERS = {"network": "net", "gateway": "gwy"}


class Moto:
    """moto's server, without a socket."""

    def __init__(self) -> None:
        self._load_images_before = os.environ.get(_LOAD_IMAGES)
        os.environ[_LOAD_IMAGES] = "false"
        speed_up_moto()
        self._any_service = DomainDispatcherApplication(create_backend_app)
        with without_aws_files():
            # The dispatcher would look for the service on disk with each request.
            self._ec2 = create_backend_app("ec2")

    def close(self) -> None:
        """Restore the environment and forget all state."""
        if self._load_images_before is None:
            os.environ.pop(_LOAD_IMAGES, None)
        else:
            os.environ[_LOAD_IMAGES] = self._load_images_before
        self.reset()

    def reset(self) -> None:
        """Forget all state; moto creates it again when it is needed."""
        # BackendDict.reset() would create each state again at once.
        everything: Any = BackendDict
        for backends in list(everything._instances):
            backends.clear()
        everything._instances.clear()

    def rename_interface(self, old: str, new: str) -> None:
        """Change the id of an interface in any account; raises KeyError."""
        for regions in ec2_backends.values():
            for backend in regions.values():
                if old in backend.enis:
                    interface = backend.enis.pop(old)
                    interface.id = new
                    backend.enis[new] = interface
                    return
        raise KeyError(old)

    def rename_load_balancer(self, old: str, new: str) -> None:
        """Change the ARN of a load balancer without listeners; raises KeyError."""
        for regions in elbv2_backends.values():
            for backend in regions.values():
                if old in backend.load_balancers:
                    _rename_load_balancer(backend, old, new)
                    return
        raise KeyError(old)

    def rename_endpoint(self, old: str, new: str) -> None:
        """Change the id of a VPC endpoint in any account; raises KeyError."""
        for regions in ec2_backends.values():
            for backend in regions.values():
                if old in backend.vpc_end_points:
                    endpoint = backend.vpc_end_points.pop(old)
                    endpoint.id = new
                    backend.vpc_end_points[new] = endpoint
                    return
        raise KeyError(old)

    def forward(self, request: HttpRequest, service: str, request_id: str) -> Ec2Reply:
        """
        Return moto's reply, with our request id.

        Raises NotImplementedError for an operation that moto doesn't have.
        """
        app: Any = self._ec2 if service == "ec2" else self._any_service
        try:
            chunks, status, headers = run_wsgi_app(app, _environ(request))
        except OperationNotFoundError as error:
            raise NotImplementedError(str(error)) from error
        body = _REQUEST_ID.sub(request_id.encode(), b"".join(chunks), count=1)
        code = int(status.split()[0])
        found = _ERROR_CODE.search(body) if code >= 400 else None
        error_code = (
            found[1].decode() if found else (str(code) if code >= 400 else None)
        )
        content_type = headers.get("Content-Type", "text/xml")
        return Ec2Reply(code, body, content_type, error_code)


def correct_load_balancer_arn(
    action: Action, account: str, reply: Ec2Reply
) -> Ec2Reply:
    """Give the load balancer that was just created the ARN that it has on AWS."""
    kind = _LOAD_BALANCERS.get(action.parameters.get("Type", ""))
    if reply.error_code or kind is None:
        return reply
    backend = elbv2_backends[account][action.region]
    old = next(reversed(backend.load_balancers))
    new = old.replace("/app/", f"/{kind}/")
    _rename_load_balancer(backend, old, new)
    return replace(reply, body=reply.body.replace(old.encode(), new.encode()))


def _rename_load_balancer(backend: Any, old: str, new: str) -> None:
    load_balancer = backend.load_balancers.pop(old)
    load_balancer.arn = new
    backend.load_balancers[new] = load_balancer
    tags = backend.tagging_service.tags
    tags[new] = tags.pop(old, {})


def _environ(request: HttpRequest) -> dict[str, Any]:
    parts = urlsplit(request.path)
    host, _, port = request.headers.get("Host", "127.0.0.1").partition(":")
    environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(parts.path),
        "QUERY_STRING": parts.query,
        "REQUEST_URI": request.path,
        "RAW_URI": request.path,
        "SERVER_NAME": host,
        "SERVER_PORT": port or "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(request.body),
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        environ.setdefault(key if key in environ else f"HTTP_{key}", value)
    return environ
