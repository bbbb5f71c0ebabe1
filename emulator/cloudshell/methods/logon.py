"""
API methods for logging on and for decrypting passwords.

Owns: who may log on, and what only administrators may do.
Must not know: sandboxes, resources.
"""

import xml.etree.ElementTree as ET

from emulator.cloudshell.arguments import Parameter
from emulator.cloudshell.envelope import add, boolean, response_info
from emulator.cloudshell.errors import NO_ACCESS, ApiError, UnknownTokenError
from emulator.cloudshell.methods.method import Call, Method
from emulator.cloudshell.state import ServerState
from emulator.cloudshell.tokens import Grant


def authenticate(state: ServerState, name: str, password: str, domain: str) -> Grant:
    """Return the grant of a user; raises ApiError for wrong credentials."""
    user = state.get_user(name, password)
    state.check_domain(domain)
    return Grant(user, user.is_admin)


def authenticate_token(state: ServerState, token: str, domain: str) -> Grant:
    """Return the grant of a token; raises ApiError if the token is not valid."""
    try:
        grant = state.tokens.get(token)
    except UnknownTokenError:
        # Not HTTP 401: the client would log on again, endlessly.
        raise ApiError("Login failed: the token is not valid", NO_ACCESS) from None
    state.check_domain(domain)
    return grant


def _logon(call: Call) -> ET.Element:
    text = call.arguments.text
    domain = text("domainName")
    grant = authenticate(call.state, text("username"), text("password"), domain)
    return _start_session(call.state, grant, domain)


def _secure_logon(call: Call) -> ET.Element:
    domain = call.arguments.text("domainName")
    grant = authenticate_token(call.state, call.arguments.text("token"), domain)
    return _start_session(call.state, grant, domain)


def _start_session(state: ServerState, grant: Grant, domain: str) -> ET.Element:
    info = response_info("LogonResponseInfo")
    add(info, "Domain", Name=domain, Description="", DomainId=f"domain-{domain}")
    admin = boolean(grant.is_admin)
    flags = {"IsAdmin": admin, "IsActive": "true", "IsDomainAdmin": admin}
    add(info, "User", Name=grant.user.name, **flags)
    add(info, "Token", Token=state.tokens.start_session(grant))
    return info


def _decrypt_password(call: Call) -> ET.Element:
    if not call.caller.is_admin:
        raise ApiError("Only administrators may decrypt passwords", NO_ACCESS)
    plain = call.state.passwords.decrypt(call.arguments.text("encryptedString"))
    return response_info("AttributeValueInfo", Name="Password", Value=plain)


METHODS = (
    Method(
        "Logon",
        (Parameter("username"), Parameter("password"), Parameter("domainName")),
        _logon,
        logs_on=True,
    ),
    Method(
        "SecureLogon",
        (Parameter("token"), Parameter("domainName")),
        _secure_logon,
        logs_on=True,
    ),
    Method(
        "DecryptPassword",
        (Parameter("encryptedString"),),
        _decrypt_password,
        rest=True,
    ),
)
