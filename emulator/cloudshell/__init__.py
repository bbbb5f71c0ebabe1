"""
CloudShell's API server, so far as a cloud provider shell and its callers need it.

errors       what an API call fails with
model        users, resources, apps, sandboxes: what a test or a demo sets up
vault        stored passwords that are no use without DecryptPassword
tokens       who may call: session tokens, and one per command that ends with it
inventory    the resources and sandboxes there are
pools        numbers handed out exclusively; pool_criteria reads what is asked for
shell_packages  a shell's package, as shellfoundry packs it
shells       the installed shells, and replacing them
world        all of the above in one hand
arguments    a request's body, XML or JSON -> checked arguments
envelope     an answer -> the XML that the client reads
descriptions resources and sandboxes -> answers
commands     starting a command, with its context and token
method       what an API method is; *_methods are the methods, by what they are about
api          method name + token + body -> answer
addresses    loopback addresses
http_server  HTTP on a loopback address
http_parts   tokens, forms and JSON in requests and replies
shell_routes the REST calls by which shells are installed
endpoints    the XML API of port 8029, the REST API of port 9000
server       CloudShellServer, the face of all this

A module imports only what stands above it.
"""

from emulator.cloudshell.model import (
    App,
    Attribute,
    Nic,
    Reservation,
    Resource,
    StoredResource,
    User,
)
from emulator.cloudshell.pools import PoolCall, PoolFault, Pools
from emulator.cloudshell.server import ADMIN, CloudShellServer, free_address

__all__ = [
    "ADMIN",
    "App",
    "Attribute",
    "CloudShellServer",
    "Nic",
    "PoolCall",
    "PoolFault",
    "Pools",
    "Reservation",
    "Resource",
    "StoredResource",
    "User",
    "free_address",
]
