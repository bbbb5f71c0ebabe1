"""Owns: a running CloudShell and what a test or a demo does with it."""

from typing import TYPE_CHECKING

from emulator.cloudshell.addresses import check_loopback, find_free_address
from emulator.cloudshell.endpoints import RestEndpoint, XmlEndpoint
from emulator.cloudshell.http_server import HttpServer
from emulator.cloudshell.model import (
    ENDED,
    Reservation,
    Resource,
    StoredResource,
    User,
)
from emulator.cloudshell.pools import Pools
from emulator.cloudshell.world import DEFAULT_DOMAIN, World
from emulator.execution import ExecutionServer, Shell

if TYPE_CHECKING:
    from cloudshell.api.cloudshell_api import CloudShellAPISession

API_PORT = 8029
REST_PORT = 9000
ADMIN = User("admin", "admin", is_admin=True, email="admin@example.com")


def free_address() -> str:
    """Return a loopback address that a new server can take."""
    return find_free_address((API_PORT, REST_PORT))


class CloudShellServer:
    """
    CloudShell on a loopback address; give each server an address of its own.

    Stopping it also closes the execution server: no driver outlives its CloudShell.
    """

    def __init__(self, host: str, execution: ExecutionServer | None = None) -> None:
        check_loopback(host)
        self.host = host
        self.execution = execution
        self._world = World(host, execution)
        self._servers: list[HttpServer] = []
        self.add_user(ADMIN)

    def __enter__(self) -> "CloudShellServer":
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    @property
    def pools(self) -> Pools:
        """The pools of numbers, with their call log and faults."""
        return self._world.pools

    @property
    def calls(self) -> list[str]:
        """The names of all API methods called, oldest first; clear it as you like."""
        return self._world.calls

    @property
    def refuse_commands_after_end(self) -> bool:
        """Whether ExecuteCommand is refused in a sandbox that has ended."""
        return self._world.refuse_commands_after_end

    @refuse_commands_after_end.setter
    def refuse_commands_after_end(self, refuse: bool) -> None:
        self._world.refuse_commands_after_end = refuse

    def start(self) -> None:
        """Bind both ports and serve; raises OSError when one is taken."""
        try:
            for port, endpoint in (
                (API_PORT, XmlEndpoint(self._world)),
                (REST_PORT, RestEndpoint(self._world)),
            ):
                self._servers.append(HttpServer(self.host, port, endpoint.answer))
        except OSError:
            self._close_ports()
            raise
        for server in self._servers:
            server.start()

    def stop(self) -> None:
        """End the drivers, which may still call the API, and then the API."""
        if self.execution is not None:
            self.execution.close()
        for server in self._servers:
            server.stop()
        self._servers.clear()
        self._world.shells.close()

    def add_user(self, user: User) -> User:
        """Let somebody log on."""
        self._world.users[user.name] = user
        return user

    def shell(self, name: str) -> Shell:
        """Return an installed shell; raises KeyError when there is none."""
        shell = self._world.shells.find(name)
        if shell is None:
            raise KeyError(name)
        return shell

    def add_shell(self, shell: Shell) -> None:
        """Have a shell installed that nobody uploaded."""
        self._world.shells.put(shell)

    def add_resource(self, resource: Resource) -> StoredResource:
        """Add a resource, its Password attributes encrypted from now on."""
        return self._world.inventory.add_resource(resource)

    def resource(self, name: str) -> StoredResource:
        """Return a resource as it stands."""
        return self._world.inventory.get_resource(name)

    def add_reservation(self, reservation: Reservation) -> Reservation:
        """Add a sandbox, and its domain with it."""
        self._world.domains.add(reservation.domain)
        return self._world.inventory.add_reservation(reservation)

    def end_reservation(self, reservation_id: str) -> None:
        """End a sandbox; its numbers go back to their pools unless switched off."""
        self._world.inventory.get_reservation(reservation_id).status = ENDED
        self.pools.end_reservation(reservation_id)

    def expire_sessions(self) -> None:
        """Forget every session's token, as CloudShell does after some hours."""
        self._world.tokens.expire_sessions()

    def session(
        self, user: User = ADMIN, domain: str = DEFAULT_DOMAIN, **options: object
    ) -> "CloudShellAPISession":
        """Return a session of the real client, logged on."""
        from cloudshell.api.cloudshell_api import CloudShellAPISession

        return CloudShellAPISession(
            self.host, user.name, user.password, domain, **options
        )

    def _close_ports(self) -> None:
        for server in self._servers:
            server.server_close()
        self._servers.clear()
