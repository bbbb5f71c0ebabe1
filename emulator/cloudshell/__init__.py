"""
CloudShell's API server, as far as a cloud provider shell and its callers need it.

    server         CloudShellServer, the interface for tests and the demo
    endpoints      the XML API on port 8029, the REST API on port 9000
    http_messages  tokens, forms and JSON in HTTP requests and replies
    api            a call by its name, token and body
    methods/       the API methods, by topic
    shell_routes   the REST calls that install shells
    shells/        the installed shells and their packages
    commands       starting a command, with its context and token
    descriptions   resources and sandboxes as XML
    arguments      the body of a request, XML or JSON
    envelope       the XML of an answer
    state          everything that the server knows
    inventory      resources and sandboxes
    pools          numbers that are checked out exclusively
    pool_criteria  what a checkout asks for
    tokens         the tokens of sessions and of running commands
    passwords      encrypted passwords, which only DecryptPassword can read
    model          users, resources, Apps and sandboxes
    errors         the errors of API calls
    addresses      free loopback addresses
"""

from emulator.cloudshell.addresses import AddressesInUseError
from emulator.cloudshell.model import (
    App,
    Attribute,
    Nic,
    Reservation,
    Resource,
    StoredResource,
    User,
)
from emulator.cloudshell.pools import PoolCall, Pools
from emulator.cloudshell.server import (
    ADMIN,
    API_PORT,
    CloudShellServer,
    free_address,
)

__all__ = [
    "ADMIN",
    "API_PORT",
    "AddressesInUseError",
    "App",
    "Attribute",
    "CloudShellServer",
    "Nic",
    "PoolCall",
    "Pools",
    "Reservation",
    "Resource",
    "StoredResource",
    "User",
    "free_address",
]
