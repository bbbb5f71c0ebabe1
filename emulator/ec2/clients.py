"""boto3 clients to the emulator, which look at no AWS file of the machine's."""

from __future__ import annotations

import os
from functools import cache
from threading import Lock
from typing import Any

import boto3
import botocore.session
from botocore.config import Config

_making_clients = Lock()  # one boto3 session must not make two at a time


def make_client(service: str, kwargs: dict[str, Any]) -> Any:
    """Make a client that tries once only, unless its own config says otherwise."""
    config = Config(
        retries={"total_max_attempts": 1}, proxies={}, max_pool_connections=50
    )
    if kwargs.get("config"):
        config = config.merge(kwargs["config"])
    make: Any = _isolated_session().client
    with _making_clients:
        return make(service, **{**kwargs, "config": config})


@cache
def _isolated_session() -> boto3.Session:
    """Make the one session of the process, which parses each model only once."""
    nowhere = (None, None, os.devnull, None)
    core = botocore.session.Session(
        session_vars={
            "profile": (None, None, None, None),
            "config_file": nowhere,
            "credentials_file": nowhere,
        }
    )
    return boto3.Session(
        aws_access_key_id="AKIAEMULATED00000000",
        aws_secret_access_key="invented",  # noqa: S106  # opens nothing anywhere
        botocore_session=core,
    )
