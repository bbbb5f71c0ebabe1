"""
What the setup and the teardown script share: Apps' NICs, commands, and their results.

It belongs into the zip of either. What they find wrong is a MirroringError, whose text
is for whoever reads the sandbox's output.
"""

from __future__ import annotations

import html
import json
import re

from cloudshell.api.cloudshell_api import InputNameValue
from cloudshell.api.common_cloudshell_api import CloudShellAPIError

MODEL = "AWS Traffic Mirroring"

# CloudShell deploys an App as "web", or as "web_1a2b3c4d" if that name is taken.
SUFFIX = re.compile(r"[ _-][0-9a-f]{4,}(-[0-9a-f]{4,})*", re.IGNORECASE)


class MirroringError(Exception):
    """Traffic mirroring isn't as the script wants it."""


def create_mirrors(api, sandbox_id, provider, mirrors):
    """Make all mirrors exist with one command, and tell the sandbox about each."""
    details = api.GetReservationDetails(sandbox_id, disableCache=True)
    resources = details.ReservationDescription.Resources
    try:
        actions = make_actions(resources, mirrors)
        results = execute(api, sandbox_id, provider, "CreateTrafficMirroring", actions)
    except Exception as error:
        tell_error(api, sandbox_id, f"Traffic mirroring failed: {error}")
        raise
    failed = []
    for result in results:
        if result["success"]:
            tell(api, sandbox_id, f"{result['actionId']}: {result['infoMessage']}")
        else:
            failed.append(f"{result['actionId']}: {result['errorMessage']}")
            tell_error(api, sandbox_id, failed[-1])
    if failed:
        raise MirroringError(
            f"{len(failed)} of {len(results)} mirrors failed. " + " ".join(failed)
        )


def remove_mirrors(api, sandbox_id, provider):
    """Remove all that the sandbox made, and tell it so."""
    actions = [{"type": "cleanupNetwork", "actionId": "traffic mirroring"}]
    (result,) = execute(api, sandbox_id, provider, "CleanupSandboxInfra", actions)
    if not result["success"]:
        raise MirroringError(result["errorMessage"])
    tell(api, sandbox_id, f"Traffic mirroring: {result['infoMessage']}")


def make_actions(resources, mirrors):
    """Return the actions of a table of mirrors, or name all that is wrong with it."""
    actions, problems = [], []
    for mirror in mirrors:
        try:
            actions += make_mirror_actions(resources, mirror)
        except MirroringError as error:
            problems.append(str(error))
    if problems:
        raise MirroringError(" ".join(dict.fromkeys(problems)))
    return actions


def make_mirror_actions(resources, mirror):
    fields = dict(mirror)
    source = find_app(resources, fields.pop("source", ""))
    sources = choose_nics(source, fields.pop("source_nic", "primary"))
    target = find_app(resources, fields.pop("target", ""))
    target_nic = fields.pop("target_nic", "primary")
    if target_nic == "every":
        raise MirroringError(
            f"The target {target.Name} takes one NIC; name it by its number, or leave "
            "target_nic out."
        )
    (to,) = choose_nics(target, target_nic)
    return [
        {
            "type": "CreateTrafficMirroring",
            "actionId": f"{source.Name} {nic} to {target.Name} {to}",
            "actionParams": {"sourceNicId": nic, "targetNicId": to, **fields},
        }
        for nic in sources
    ]


def find_app(resources, name):
    """Return the App by its deployed name, the blueprint's, or one with a suffix."""
    deployed = [resource for resource in resources if resource.VmDetails]
    wanted = name.lower()
    for named in (is_named, is_from_app, is_named_with_suffix):
        found = [resource for resource in deployed if named(resource, wanted)]
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(resource.Name for resource in found)
            raise MirroringError(f"Several Apps are {name!r}; name one of {names}.")
    names = ", ".join(resource.Name for resource in deployed) or "none"
    raise MirroringError(f"The sandbox has no deployed App {name!r}; it has {names}.")


def is_named(resource, name):
    return resource.Name.lower() == name


def is_from_app(resource, name):
    app = resource.AppDetails
    return bool(app) and str(app.AppName).lower() == name


def is_named_with_suffix(resource, name):
    own = resource.Name.lower()
    return own.startswith(name) and bool(SUFFIX.fullmatch(own[len(name) :]))


def choose_nics(app, choice):
    """Return the ids of an App's primary NIC, of every one, or of one by its number."""
    nics = find_nics(app)
    if not nics:
        raise MirroringError(
            f"{app.Name} has no NIC in its VM details; refresh them in CloudShell."
        )
    if choice == "every":
        return nics
    number = 0 if choice == "primary" else choice
    if number not in range(len(nics)):
        raise MirroringError(
            f"{app.Name} has no NIC {choice!r}; use 'primary', 'every' for a source, "
            f"or 0 to {len(nics) - 1}."
        )
    return [nics[number]]


def find_nics(app):
    """Return the ids of an App's NICs, the primary one first."""
    networks = sorted(app.VmDetails.NetworkData, key=lambda each: not each.IsPrimary)
    return [
        data.Value
        for network in networks
        for data in network.AdditionalData
        if data.Name.lower() == "nic"
    ]


def execute(api, sandbox_id, provider, command, actions):
    """Run a command of the shell; return its results, one per action."""
    request = json.dumps({"driverRequest": {"actions": actions}})
    try:
        answer = api.ExecuteCommand(
            reservationId=sandbox_id,
            targetName=provider or find_provider(api),
            targetType="Resource",
            commandName=command,
            commandInputs=[InputNameValue(Name="request", Value=request)],
        )
    except CloudShellAPIError as error:
        raise MirroringError(f"{command}: {error.message}") from error
    results = json.loads(answer.Output)["driverResponse"]["actionResults"]
    if len(results) != len(actions):
        raise MirroringError(f"{command} answered otherwise than asked: {results}")
    return results


def find_provider(api):
    """Return the name of the one cloud provider resource of the shell's model."""
    found = [each.Name for each in api.FindResources(resourceModel=MODEL).Resources]
    if len(found) != 1:
        raise MirroringError(
            f"Of the model {MODEL} there are {len(found)} resources"
            f" ({', '.join(found) or 'none'}); name the one to use as PROVIDER."
        )
    return found[0]


def tell(api, sandbox_id, text):
    api.WriteMessageToReservationOutput(sandbox_id, html.escape(text, quote=False))


def tell_error(api, sandbox_id, text):
    text = html.escape(text, quote=False)
    api.WriteMessageToReservationOutput(sandbox_id, f'<font color="red">{text}</font>')
