"""
moto's server, called in-process, and whose keys it knows.

Nothing in moto is replaced: the emulator answers its own operations before moto sees
them. Used of moto are its WSGI application for everything else, its state for look-ups
(surroundings.py, moto_nics.py) and its wire formats (moto_wire.py); no other module
knows moto.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from typing import Any
from urllib.parse import unquote, urlsplit

from botocore.model import OperationNotFoundError
from moto.core.base_backend import BackendDict
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends
from moto.iam.models import iam_backends
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    create_backend_app,
)
from moto.sts.models import sts_backends
from werkzeug.test import run_wsgi_app

from emulator.ec2.identities import Caller, TemporaryKey
from emulator.ec2.regions import partition_of
from emulator.ec2.wire import Action, HttpAnswer, HttpRequest

# Loading Amazon's images costs most of a reset, and instances start without.
_IMAGES_SWITCH = "MOTO_EC2_LOAD_DEFAULT_AMIS"
_REQUEST_ID = re.compile(rb"(?<=<(request|Request)(Id|ID)>)[^<]*")
_ERROR_CODE = re.compile(rb"<Code>([^<]*)</Code>")
# How AWS's ARNs name the kinds of load balancers; moto has "app" for all.
_BALANCERS = {"network": "net", "gateway": "gwy"}


def account_of(access_key: str) -> str:
    """Return the account that a key belongs to; invented keys: moto's default."""
    for account, partitions in iam_backends.items():
        if any(access_key in iam.access_keys for iam in partitions.values()):
            return account
    return DEFAULT_ACCOUNT_ID


def caller_of(access_key: str, region: str) -> Caller:
    """Say who a key belongs to."""
    account = account_of(access_key)
    backend = sts_backends[account][partition_of(region)]
    user_id, arn, account = backend.get_caller_identity(access_key, region)
    # moto's user for invented keys is one of STS, which has no users.
    return Caller(user_id, account, re.sub(r":sts:(:\d*:user/)", r":iam:\1", arn))


def new_temporary_key(role: str, session_name: str, expires: datetime) -> TemporaryKey:
    """Make a key that acts in the role's account, moto's part of it included."""
    _, partition, _, _, account, _ = role.split(":", 5)
    made = sts_backends[account][partition].assume_role(
        region_name=partition,
        role_session_name=session_name,
        role_arn=role,
        policy="",
        duration=0,  # when it expires, moto need not know
        external_id="",
    )
    return TemporaryKey(
        role=role,
        access_key=made.access_key_id,
        secret_key=made.secret_access_key,
        session_token=made.session_token,
        expires=expires,
        caller=Caller(made.user_id, account, made.arn),
    )


def name_balancer(action: Action, answer: HttpAnswer) -> HttpAnswer:
    """Give a new network or gateway load balancer the ARN that it has on AWS."""
    kind = _BALANCERS.get(action.parameters.get("Type", ""))
    if answer.error_code or kind is None:
        return answer
    backend = elbv2_backends[account_of(action.access_key)][action.region]
    old, balancer = backend.load_balancers.popitem()
    new = old.replace("/app/", f"/{kind}/")
    balancer.arn = new
    backend.load_balancers[new] = balancer
    tags = backend.tagging_service.tags
    tags[new] = tags.pop(old, {})
    return replace(answer, body=answer.body.replace(old.encode(), new.encode()))


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

    def rename_interface(self, old: str, new: str) -> None:
        """Give an interface another id, whichever account and region it is in."""
        for regions in ec2_backends.values():
            for backend in regions.values():
                if old in backend.enis:
                    interface = backend.enis.pop(old)
                    interface.id = new
                    backend.enis[new] = interface
                    return
        raise KeyError(old)

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
