"""
CloudShellServer, the interface of the emulated CloudShell for tests and the demo.

Owns: start and stop, and access to all that a test can set or read.
Must not know: requests, answers.
"""

from typing import TYPE_CHECKING

from emulator.cloudshell.addresses import find_free_address
from emulator.cloudshell.endpoints import RestEndpoint, XmlEndpoint
from emulator.cloudshell.model import (
    ENDED,
    Reservation,
    Resource,
    StoredResource,
    User,
)
from emulator.cloudshell.pools import Pools
from emulator.cloudshell.state import DEFAULT_DOMAIN, ServerState
from emulator.execution import ExecutionServer, Shell
from emulator.http import HttpServer, check_loopback

if TYPE_CHECKING:
    from cloudshell.api.cloudshell_api import CloudShellAPISession

API_PORT = 8029
REST_PORT = 9000
ADMIN = User("admin", "admin", is_admin=True, email="admin@example.com")


def free_address() -> str:
    """Return a loopback address for a new server."""
    return find_free_address((API_PORT, REST_PORT))


class CloudShellServer:
    """
    CloudShell on a loopback address; each server needs an address of its own.

    stop() also closes the execution server, so that no driver is left running.
    """

    def __init__(
        self,
        host: str,
        execution: ExecutionServer | None = None,
        api_port: int = API_PORT,
    ) -> None:
        check_loopback(host)
        self.host = host
        self.execution = execution
        self._api_port = api_port
        self._state = ServerState(host, execution, str(api_port))
        self._servers: list[HttpServer] = []
        self.add_user(ADMIN)

    def __enter__(self) -> "CloudShellServer":
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    @property
    def pools(self) -> Pools:
        """The pools of numbers, with their calls and faults."""
        return self._state.pools

    @property
    def calls(self) -> list[str]:
        """The names of all called API methods, oldest first; may be cleared."""
        return self._state.calls

    @property
    def api_scheme(self) -> str:
        """The scheme of the API in contexts; CloudShell may leave it empty."""
        return self._state.api_scheme

    @api_scheme.setter
    def api_scheme(self, scheme: str) -> None:
        self._state.api_scheme = scheme

    @property
    def refuse_commands_after_end(self) -> bool:
        """Whether ExecuteCommand fails in a sandbox that has ended."""
        return self._state.refuse_commands_after_end

    @refuse_commands_after_end.setter
    def refuse_commands_after_end(self, refuse: bool) -> None:
        self._state.refuse_commands_after_end = refuse

    def start(self) -> None:
        """Bind both ports and serve; raises OSError if one is in use."""
        try:
            for port, endpoint in (
                (self._api_port, XmlEndpoint(self._state)),
                (REST_PORT, RestEndpoint(self._state)),
            ):
                server = HttpServer(self.host, port, endpoint.answer, name="CloudShell")
                self._servers.append(server)
        except OSError:
            self._close_ports()
            raise
        for server in self._servers:
            server.start()

    def stop(self) -> None:
        """Stop the drivers, which may still call the API, and then the API."""
        if self.execution is not None:
            self.execution.close()
        for server in self._servers:
            server.stop()
        self._servers.clear()
        self._state.shells.close()

    def add_user(self, user: User) -> User:
        """Add a user who may log on."""
        self._state.users[user.name] = user
        return user

    def shell(self, name: str) -> Shell:
        """Return an installed shell; raises KeyError."""
        shell = self._state.shells.find(name)
        if shell is None:
            raise KeyError(name)
        return shell

    def add_shell(self, shell: Shell) -> None:
        """Install a shell from its folder, without an upload."""
        self._state.shells.add_folder(shell)

    def add_resource(self, resource: Resource) -> StoredResource:
        """Add a resource; its Password attributes are encrypted."""
        return self._state.inventory.add_resource(resource)

    def resource(self, name: str) -> StoredResource:
        """Return a resource; raises ApiError."""
        return self._state.inventory.get_resource(name)

    @property
    def resource_names(self) -> list[str]:
        """The names of all resources, oldest first."""
        return self._state.inventory.resource_names

    def remove_resource(self, name: str) -> None:
        """Remove a resource and stop its driver; raises ApiError."""
        self._state.inventory.remove_resource(name)
        if self.execution is not None:
            self.execution.unload(name)

    def add_reservation(self, reservation: Reservation) -> Reservation:
        """Add a sandbox and its domain."""
        self._state.domains.add(reservation.domain)
        return self._state.inventory.add_reservation(reservation)

    def end_reservation(self, reservation_id: str) -> None:
        """End a sandbox; its numbers are released if `pools.release_at_end`."""
        self._state.inventory.get_reservation(reservation_id).status = ENDED
        self.pools.end_reservation(reservation_id)

    def expire_sessions(self) -> None:
        """Expire the tokens of all sessions, as CloudShell does after some hours."""
        self._state.tokens.expire_sessions()

    def session(
        self, user: User = ADMIN, domain: str = DEFAULT_DOMAIN, **options: object
    ) -> "CloudShellAPISession":
        """Return a session of the real client, logged on."""
        from cloudshell.api.cloudshell_api import CloudShellAPISession

        options = {"port": self._api_port, **options}
        return CloudShellAPISession(
            self.host, user.name, user.password, domain, **options
        )

    def _close_ports(self) -> None:
        for server in self._servers:
            server.server_close()
        self._servers.clear()
