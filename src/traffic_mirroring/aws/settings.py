"""
A cloud provider resource's attributes, as the settings of its AWS clients.

Owns the attributes' names, which are the stock AWS shell's, and which values are valid.
Must not know clients. Keys stay encrypted here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from traffic_mirroring.errors import InvalidConfiguration

REGION = "Region"
ACCESS_KEY_ID = "AWS Access Key ID"
SECRET_ACCESS_KEY = "AWS Secret Access Key"  # noqa: S105 - an attribute's name
ROLE_ARN = "Shared VPC Role Arn"


class ProviderResource(Protocol):
    """The part of a resource's context that is read here."""

    name: str
    model: str
    attributes: Mapping[str, str]


@dataclass(frozen=True)
class ProviderSettings:
    """The attributes' values as CloudShell stores them: both keys are encrypted."""

    region: str
    key_id: str
    secret: str
    role_arn: str


def read_settings(resource: ProviderResource) -> ProviderSettings:
    """Return a resource's settings; raises InvalidConfiguration if one is invalid."""
    names = (REGION, ACCESS_KEY_ID, SECRET_ACCESS_KEY, ROLE_ARN)
    settings = ProviderSettings(*(_attribute(resource, name) for name in names))
    if not settings.region:
        raise InvalidConfiguration(
            f"{resource.name} has no value for {REGION!r}: give the AWS region of the "
            "Apps, as in us-east-1"
        )
    if bool(settings.key_id) != bool(settings.secret):
        raise InvalidConfiguration(
            f"{resource.name} has only one of {ACCESS_KEY_ID!r} and "
            f"{SECRET_ACCESS_KEY!r}: give both, or neither to use the execution "
            "server's own role"
        )
    role = settings.role_arn
    if role and not re.fullmatch(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/\S+", role):
        raise InvalidConfiguration(
            f"{resource.name} has {role!r} for {ROLE_ARN!r}: give the ARN of a role, "
            "as in arn:aws:iam::123456789012:role/name, or nothing"
        )
    return settings


def _attribute(resource: ProviderResource, name: str) -> str:
    """Return an attribute's value; second-generation shells prefix their model."""
    attributes = resource.attributes
    value = attributes.get(f"{resource.model}.{name}", attributes.get(name))
    return (value or "").strip()
