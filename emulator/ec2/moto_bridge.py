"""
The only module that knows moto.

Nothing in moto is replaced: the emulator answers its own operations before
moto sees them. Used of moto are its WSGI application for everything else, its
EC2 state for look-ups, and its reading and writing of EC2's wire format from
botocore's service model.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from typing import Any
from urllib.parse import unquote, urlsplit

from botocore.model import OperationNotFoundError
from moto.core.base_backend import BackendDict
from moto.core.exceptions import ServiceException
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.serialize import SerializationContext, get_serializer_class
from moto.core.utils import get_service_model
from moto.ec2.models import ec2_backends, validate_resource_ids
from moto.iam.models import iam_backends
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    create_backend_app,
)
from werkzeug.test import run_wsgi_app

from emulator.ec2.errors import Ec2Error, Refusal, refuse
from emulator.ec2.params import Params
from emulator.ec2.wire import HttpAnswer, HttpRequest
from emulator.ec2.world import Interface, TagRow

# Loading Amazon's images costs most of a reset, and instances start without.
_IMAGES_SWITCH = "MOTO_EC2_LOAD_DEFAULT_AMIS"
_REQUEST_ID = re.compile(rb"(?<=<(request|Request)(Id|ID)>)[^<]*")
_ERROR_CODE = re.compile(rb"<Code>([^<]*)</Code>")
_SCALARS = {
    "integer": re.compile(r"-?[0-9]+"),
    "boolean": re.compile(r"true|false", re.IGNORECASE),
}


class MotoSurroundings:
    """One account's ordinary EC2 in one region."""

    def __init__(self, account: str, region: str) -> None:
        self._account = account
        self._region = region

    @property
    def _backend(self) -> Any:
        return ec2_backends[self._account][self._region]

    def interface(self, interface_id: str) -> Interface | None:
        """Look up a network interface."""
        eni = self._backend.enis.get(interface_id)
        if eni is None:
            return None
        running = eni.instance is not None and eni.instance.state == "running"
        return Interface(eni.id, eni.interface_type, bool(eni.attachment_id), running)

    def tag(self, resource_ids: list[str], tags: dict[str, str]) -> None:
        """Tag moto's own resources; raise for those that don't exist."""
        try:
            validate_resource_ids(resource_ids)
            self._backend.do_resources_exist(resource_ids)
            self._check_machines(resource_ids)
            self._backend.create_tags(resource_ids, tags)
        except ServiceException as error:
            raise Ec2Error(error.code, error.message) from error

    def _check_machines(self, resource_ids: list[str]) -> None:
        # moto's own check lets unknown instances and interfaces pass.
        for resource_id in resource_ids:
            if resource_id.startswith("i-"):
                self._backend.get_instance(resource_id)
            elif resource_id.startswith("eni-"):
                self._backend.get_network_interface(resource_id)

    def untag(self, resource_ids: list[str], tags: dict[str, str | None]) -> None:
        """Remove these tags of moto's resources, or all where none are named."""
        backend = self._backend
        for resource_id in resource_ids:
            all_tags = dict.fromkeys(backend.tags.get(resource_id, {}))
            backend.delete_tags([resource_id], tags or all_tags)

    def tags(self) -> list[TagRow]:
        """List the tags of moto's own resources."""
        return [
            TagRow(row["resource_id"], row["resource_type"], row["key"], row["value"])
            for row in self._backend.describe_tags()
        ]


def account_of(access_key: str) -> str:
    """Return the account that a key belongs to; invented keys: moto's default."""
    for account, partitions in iam_backends.items():
        if any(access_key in iam.access_keys for iam in partitions.values()):
            return account
    return DEFAULT_ACCOUNT_ID


class Moto:
    """moto's server, called in-process."""

    def __init__(self) -> None:
        self._images_before = os.environ.get(_IMAGES_SWITCH)
        os.environ[_IMAGES_SWITCH] = "false"
        self._any_service = DomainDispatcherApplication(create_backend_app)
        # The dispatcher looks for the service on disk, anew for each request.
        self._ec2 = create_backend_app("ec2")

    def close(self) -> None:
        """Give moto's switch back as it was found, and forget all state."""
        if self._images_before is None:
            os.environ.pop(_IMAGES_SWITCH, None)
        else:
            os.environ[_IMAGES_SWITCH] = self._images_before
        self.reset()

    def reset(self) -> None:
        """Forget all state; it is made anew when next asked for."""
        # BackendDict.reset() would build each state anew only to throw it away.
        everything: Any = BackendDict
        for backends in list(everything._instances):
            backends.clear()
        everything._instances.clear()

    def rename_interface(self, region: str, old: str, new: str) -> None:
        """Give an interface of moto's default account another id."""
        interfaces = ec2_backends[DEFAULT_ACCOUNT_ID][region].enis
        interface = interfaces.pop(old)
        interface.id = new
        interfaces[new] = interface

    def forward(
        self, request: HttpRequest, service: str, request_id: str
    ) -> HttpAnswer:
        """Let moto answer, under our request id; what it lacks: NotImplementedError."""
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
        kind = headers.get("Content-Type", "text/xml")
        return HttpAnswer(code, body, kind, error_code)


def _environ(request: HttpRequest) -> dict[str, Any]:
    parts = urlsplit(request.path)
    host, _, port = request.headers.get("host", "127.0.0.1").partition(":")
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
        "CONTENT_TYPE": request.headers.get("content-type", ""),
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


@cache
def _operation_model(operation: str) -> Any:
    return get_service_model("ec2").operation_model(operation)


def read_params(operation: str, wire: Mapping[str, str]) -> Params:
    """Parse the wire's flat names; raise for a name the operation doesn't have."""
    known = _wire_names(operation)
    for name, value in wire.items():
        kind = known.get(re.sub(r"\.[0-9]+(?=\.|$)", ".#", name))
        if kind is None:
            raise refuse(Refusal.PARAMETER_UNKNOWN, name=name, operation=operation)
        if kind in _SCALARS and not _SCALARS[kind].fullmatch(value):
            raise refuse(Refusal.PARAMETER_UNREADABLE, name=name, value=value)
    parser: Any = PROTOCOL_PARSERS["ec2"](_operation_model(operation))
    return Params(operation, parser.parse({"values": wire}))


def required_params(operation: str) -> list[str]:
    """List the parameters that the service model requires."""
    return list(_operation_model(operation).input_shape.required_members)


def write_result(operation: str, result: dict[str, Any], request_id: str) -> bytes:
    """Write a result the way EC2 does: absent members absent, empty lists empty."""
    serializer = get_serializer_class("ec2", "ec2")(
        _operation_model(operation), SerializationContext(request_id)
    )
    body = serializer.serialize(result)["body"]
    return body.encode() if isinstance(body, str) else body


@cache
def _wire_names(operation: str) -> dict[str, str]:
    """Map each name that may be on the wire, indices as '#', to its type."""
    names: dict[str, str] = {}

    def walk(shape: Any, prefix: str) -> None:
        if shape.type_name == "structure":
            for member, inner in shape.members.items():
                walk(inner, f"{prefix}.{_wire_name(inner, member)}".lstrip("."))
        elif shape.type_name == "list":
            walk(shape.member, f"{prefix}.#")
        else:
            names[prefix] = shape.type_name

    walk(_operation_model(operation).input_shape, "")
    return names


def _wire_name(shape: Any, member: str) -> str:
    hints = shape.serialization
    if "queryName" in hints:
        return str(hints["queryName"])
    name = str(hints.get("name", member))
    return name[0].upper() + name[1:]
