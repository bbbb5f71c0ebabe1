"""
Everything that the server knows.

Owns: users, domains, and the collections of the other modules.
Must not know: requests.
"""

import xml.etree.ElementTree as ET

from emulator.cloudshell.errors import ApiError
from emulator.cloudshell.inventory import Inventory
from emulator.cloudshell.model import User
from emulator.cloudshell.passwords import PasswordStore
from emulator.cloudshell.pools import Pools
from emulator.cloudshell.shells.installed import Shells
from emulator.cloudshell.tokens import Tokens
from emulator.execution import ExecutionServer

DEFAULT_DOMAIN = "Global"


class ServerState:
    """The state that API methods read and change."""

    def __init__(
        self, address: str, execution: ExecutionServer | None, api_port: str
    ) -> None:
        self.address = address
        self.api_port = api_port
        self.api_scheme = "http"
        self.execution = execution
        self.users: dict[str, User] = {}
        self.domains = {DEFAULT_DOMAIN}
        self.passwords = PasswordStore()
        self.tokens = Tokens()
        self.inventory = Inventory(self.passwords)
        first = execution.shell if execution else None
        self.shells = Shells(self.inventory, first)
        self.pools = Pools(lambda key: self.inventory.get_reservation(key).ended)
        self.refuse_commands_after_end = True
        self.calls: list[str] = []
        self.described: dict[str, tuple[ET.Element, float]] = {}
        """The last answers of GetReservationDetails, and when they were given."""

    def get_user(self, name: str, password: str) -> User:
        """Return the user; raises ApiError for a wrong name or password."""
        user = self.users.get(name)
        if user is None or user.password != password:
            raise ApiError("Login failed: the user name or the password is wrong")
        return user

    def check_domain(self, name: str) -> None:
        """Raise ApiError unless the domain exists."""
        if name not in self.domains:
            raise ApiError(f"Login failed: there is no domain {name!r}")
