"""Owns: logging on, and what only administrators may. Must not know: sandboxes."""

import xml.etree.ElementTree as ET

from emulator.cloudshell.arguments import Parameter
from emulator.cloudshell.envelope import add, boolean, response_info
from emulator.cloudshell.errors import NO_ACCESS, ApiError, UnknownTokenError
from emulator.cloudshell.method import Call, Method
from emulator.cloudshell.tokens import Grant
from emulator.cloudshell.world import World


def authenticate(world: World, name: str, password: str, domain: str) -> Grant:
    """Return what the user may do; raises ApiError for wrong credentials."""
    user = world.get_user(name, password)
    world.check_domain(domain)
    return Grant(user, user.is_admin)


def authenticate_token(world: World, token: str, domain: str) -> Grant:
    """Return what the token allows; raises ApiError for one that is not valid."""
    try:
        grant = world.tokens.get(token)
    except UnknownTokenError:
        # Not HTTP 401: the client would answer that by logging on, and so for ever.
        raise ApiError("Login failed: the token is not valid", NO_ACCESS) from None
    world.check_domain(domain)
    return grant


def _logon(call: Call) -> ET.Element:
    text = call.arguments.text
    domain = text("domainName")
    grant = authenticate(call.world, text("username"), text("password"), domain)
    return _start_session(call.world, grant, domain)


def _secure_logon(call: Call) -> ET.Element:
    domain = call.arguments.text("domainName")
    grant = authenticate_token(call.world, call.arguments.text("token"), domain)
    return _start_session(call.world, grant, domain)


def _start_session(world: World, grant: Grant, domain: str) -> ET.Element:
    info = response_info("LogonResponseInfo")
    add(info, "Domain", Name=domain, Description="", DomainId=f"domain-{domain}")
    admin = boolean(grant.is_admin)
    flags = {"IsAdmin": admin, "IsActive": "true", "IsDomainAdmin": admin}
    add(info, "User", Name=grant.user.name, **flags)
    add(info, "Token", Token=world.tokens.start_session(grant))
    return info


def _decrypt_password(call: Call) -> ET.Element:
    if not call.caller.is_admin:
        raise ApiError("Only administrators may decrypt passwords", NO_ACCESS)
    plain = call.world.vault.decrypt(call.arguments.text("encryptedString"))
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
