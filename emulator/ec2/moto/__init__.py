"""
moto: ordinary EC2 (VPCs, subnets, instances, interfaces) and load balancers.

    application  moto's server, called in-process
    accounts     moto's keys, and the accounts they belong to
    serializer   moto's serializer with less effort for each reply
    formats      AWS's wire formats, and botocore's model of EC2's operations
    lookups      moto's Describe and Get operations, made as strict as AWS's
    deployment   instances in a network of their own, without requests
    instances    the life of instances: pending, running, terminated with interfaces
    interfaces   interfaces of AWS services, and other types of interfaces
    filters      filters of Describe operations that moto ignores or misreads
    resources    moto's resources, as traffic mirroring needs them
    nics         moto's network interfaces, as packets need them
    metrics      CloudWatch's metrics of instances
    subnets      moto's subnets with network ACLs and routes, as packets need them
    balancers    moto's load balancers, and their network interfaces

No other part of the emulator imports moto.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

_NO_FILES = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
_HIDDEN = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", *_NO_FILES)


@contextmanager
def without_aws_files() -> Iterator[None]:
    """Hide the reader's AWS profile and files: moto would fail if one is broken."""
    hidden = {name: os.environ.pop(name) for name in _HIDDEN if name in os.environ}
    os.environ.update(_NO_FILES)
    try:
        yield
    finally:
        for name in _NO_FILES:
            del os.environ[name]
        os.environ.update(hidden)


with without_aws_files():
    import moto.ec2.models  # noqa: F401  # reads them when it is imported
