"""
Users, resources, Apps and sandboxes.

Owns: the data that a test or a demo sets up. Must not know: requests, storage.
"""

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
    """A user who may log on."""

    name: str
    password: str = field(repr=False)
    is_admin: bool = False
    email: str = ""


@dataclass
class Attribute:
    """An attribute of a resource; the value of a Password is encrypted."""

    name: str
    value: str = field(repr=False)
    type: str = "String"


@dataclass
class Resource:
    """
    A resource to add: of a shell's model, or of a model without a driver.

    The names of `attributes` don't include the model. Other attributes of the shell get
    their defaults.
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
    """
    A resource as CloudShell stores it.

    Attribute names are `<model>.<name>`, except `Execution Server Selector`.
    """

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
    """A network interface of an App; `key` is the name of its id in VM details."""

    id: str
    subnet_id: str = ""
    address: str = ""
    primary: bool = False
    key: str = "nic"


@dataclass(frozen=True)
class App:
    """
    An App that is deployed in a sandbox, or that its setup deploys.

    `name` is its name in the sandbox, `app_name` its name in the blueprint, by default
    the same.
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
        """The App's name in the blueprint."""
        return self.app_name or self.name


@dataclass
class Reservation:
    """
    A sandbox; `environment_name` is its blueprint, by default with the same name.

    `requested` are the Apps that its setup has yet to deploy, `setup_stages` the stages
    that the setup has reported, oldest first.
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
        """Whether the sandbox has ended."""
        return self.status == ENDED
