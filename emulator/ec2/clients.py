"""
boto3 clients of the emulator.

Owns: clients that read no AWS file of this machine. Must not know: what they call.
"""

from __future__ import annotations

import os
from functools import cache
from threading import Lock
from typing import Any

import boto3
import botocore.session
from botocore.config import Config

_creation_lock = Lock()  # a boto3 session is not thread-safe


def make_client(service: str, kwargs: dict[str, Any]) -> Any:
    """Make a client that doesn't retry, unless its own `config` says so."""
    config = Config(
        retries={"total_max_attempts": 1}, proxies={}, max_pool_connections=50
    )
    if kwargs.get("config"):
        config = config.merge(kwargs["config"])
    make: Any = _isolated_session().client
    with _creation_lock:
        return make(service, **{**kwargs, "config": config})


@cache
def _isolated_session() -> boto3.Session:
    """Make the process's session, which parses each service model only once."""
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
        aws_secret_access_key="invented",  # noqa: S106  # no real secret
        botocore_session=core,
    )
