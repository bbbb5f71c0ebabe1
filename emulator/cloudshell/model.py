"""Owns: the things a test or a demo sets up. Must not know: requests, storage."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from emulator.execution import Shell

ACTIVE = "Started"
ENDED = "Completed"


def _new_id() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True)
class User:
    """Somebody who may log on."""

    name: str
    password: str = field(repr=False)
    is_admin: bool = False
    email: str = ""


@dataclass
class Attribute:
    """A resource's attribute as CloudShell keeps it, a Password encrypted."""

    name: str
    value: str = field(repr=False)
    type: str = "String"


@dataclass
class Resource:
    """
    A resource to add: of a shell's model, or of a model without driver.

    `attributes` are named without the model; those the shell knows and that are not
    given get their default.
    """

    name: str
    shell: Shell | None = None
    attributes: Mapping[str, str] = field(default_factory=dict, repr=False)
    model: str = ""
    family: str = ""
    address: str = "NA"
    description: str = ""


@dataclass
class StoredResource:
    """A resource as CloudShell keeps it; attributes are named `<model>.<name>`."""

    name: str
    model: str
    family: str
    address: str
    description: str
    shell: Shell | None
    attributes: list[Attribute]
    id: str = field(default_factory=_new_id)
    live_status: str = "Offline"
    live_status_note: str = ""


@dataclass(frozen=True)
class Nic:
    """A network interface of an app's instance; `key` names its id in VM details."""

    id: str
    subnet_id: str = ""
    address: str = ""
    primary: bool = False
    key: str = "nic"


@dataclass(frozen=True)
class App:
    """
    An app that is deployed in a sandbox, or that its setup deploys.

    `name` is the deployed one, `app_name` the blueprint's, by default the same.
    """

    name: str
    instance_id: str = ""
    nics: list[Nic] = field(default_factory=list)
    cloud_provider: str = "AWS"
    model: str = "Generic App Model"
    family: str = "GenericAppFamily"
    app_name: str = ""

    @property
    def blueprint_name(self) -> str:
        """Its name in the blueprint."""
        return self.app_name or self.name


@dataclass
class Reservation:
    """
    A sandbox; `environment_name` is its blueprint, by default of the same name.

    `requested` are the apps that its setup has yet to deploy; `setup_stages` are those
    that setups said they were in, oldest first.
    """

    name: str
    owner: str = "admin"
    apps: list[App] = field(default_factory=list)
    requested: list[App] = field(default_factory=list)
    resources: list[str] = field(default_factory=list)
    environment_name: str = ""
    description: str = ""
    domain: str = "Global"
    id: str = field(default_factory=_new_id)
    status: str = ACTIVE
    live_status: str = ""
    output: list[str] = field(default_factory=list)
    setup_stages: list[str] = field(default_factory=list)
    start: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    duration: timedelta = timedelta(hours=2)

    def __post_init__(self) -> None:
        self.environment_name = self.environment_name or self.name

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return self.status == ENDED
