"""
A cloud provider resource's attributes, as the settings of its AWS clients.

Owns the attributes' names, which are the stock AWS shell's, and which values are valid.
Must not know clients.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from traffic_mirroring.errors import InvalidConfiguration

REGION = "Region"
ACCESS_KEY_ID = "AWS Access Key ID"
SECRET_ACCESS_KEY = "AWS Secret Access Key"  # noqa: S105 - an attribute's name
ROLE_ARN = "Shared VPC Role Arn"

SERVER = "the execution server that 'Execution Server Selector' chooses"
"""The server whose role is used if the resource has no keys."""

Decrypt = Callable[[str], str]
"""Returns the plain text of an attribute that CloudShell stores encrypted."""


class ProviderResource(Protocol):
    """The part of a resource's context that is read here."""

    name: str
    model: str
    attributes: Mapping[str, str]


@dataclass(frozen=True)
class ProviderSettings:
    """The attributes' values as CloudShell stores them: both keys are encrypted."""

    region: str
    key_id: str = field(repr=False)
    secret: str = field(repr=False)
    role_arn: str
    resource_name: str = field(compare=False)


@dataclass(frozen=True)
class Keys:
    """An access key id and its secret, decrypted."""

    id: str = field(repr=False)
    secret: str = field(repr=False)


def read_settings(resource: ProviderResource) -> ProviderSettings:
    """
    Return a resource's settings.

    Raises InvalidConfiguration if there is no region, or a role that is not an ARN.
    """
    settings = ProviderSettings(
        _attribute(resource, REGION),
        _attribute(resource, ACCESS_KEY_ID),
        _attribute(resource, SECRET_ACCESS_KEY),
        _attribute(resource, ROLE_ARN),
        resource.name,
    )
    if not settings.region:
        raise InvalidConfiguration(
            f"{resource.name} has no value for {REGION!r}: give the AWS region of the "
            "Apps, as in us-east-1"
        )
    role = settings.role_arn
    if role and not re.fullmatch(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/\S+", role):
        raise InvalidConfiguration(
            f"{resource.name} has {role!r} for {ROLE_ARN!r}: give the ARN of a role, "
            "as in arn:aws:iam::123456789012:role/name, or nothing"
        )
    return settings


def decrypt_keys(settings: ProviderSettings, decrypt: Decrypt) -> Keys | None:
    """
    Return the keys, or None if the resource has none.

    CloudShell stores an attribute without a value as an empty text or as an encrypted
    empty text. Blanks and line breaks are dropped: no key contains any.
    Raises InvalidConfiguration if only one of the two has a value, or if one has a
    character that no key can have.
    """
    key_id = _plain(settings, ACCESS_KEY_ID, settings.key_id, decrypt)
    secret = _plain(settings, SECRET_ACCESS_KEY, settings.secret, decrypt)
    if bool(key_id) != bool(secret):
        raise InvalidConfiguration(
            f"{settings.resource_name} has only one of {ACCESS_KEY_ID!r} and "
            f"{SECRET_ACCESS_KEY!r}: give both, or neither to use the execution "
            "server's own role"
        )
    return Keys(key_id, secret) if key_id else None


def _plain(settings: ProviderSettings, name: str, stored: str, decrypt: Decrypt) -> str:
    plain = "".join(decrypt(stored).split()) if stored else ""
    if not re.fullmatch(r"[!-~]*", plain):
        raise InvalidConfiguration(
            f"{settings.resource_name} has a value for {name!r} with a character that "
            "no key contains: paste the key again"
        )
    return plain


def _attribute(resource: ProviderResource, name: str) -> str:
    """Return an attribute's value; second-generation shells prefix their model."""
    attributes = resource.attributes
    value = attributes.get(f"{resource.model}.{name}", attributes.get(name))
    return (value or "").strip()
