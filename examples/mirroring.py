"""
Code that the setup and the teardown script share: finding NICs, running commands.

Both zips must contain this file. Problems are raised as MirroringError; its message is
shown in the sandbox's output.
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
    """The table of mirrors is wrong, or a command failed."""


def create_mirrors(api, sandbox_id, provider, mirrors):
    """Create all mirrors with one command; write each result to the output."""
    details = api.GetReservationDetails(sandbox_id, disableCache=True)
    resources = details.ReservationDescription.Resources
    try:
        actions = make_actions(resources, mirrors)
        results = execute(api, sandbox_id, provider, "CreateTrafficMirroring", actions)
    except Exception as error:
        write_error(api, sandbox_id, f"Traffic mirroring failed: {error}")
        raise
    failed = []
    for result in results:
        if result["success"]:
            write_message(
                api, sandbox_id, f"{result['actionId']}: {result['infoMessage']}"
            )
        else:
            failed.append(f"{result['actionId']}: {result['errorMessage']}")
            write_error(api, sandbox_id, failed[-1])
    if failed:
        raise MirroringError(
            f"{len(failed)} of {len(results)} mirrors failed. " + " ".join(failed)
        )


def remove_mirrors(api, sandbox_id, provider):
    """Remove the sandbox's mirrors; write the result to the sandbox's output."""
    actions = [{"type": "cleanupNetwork", "actionId": "traffic mirroring"}]
    (result,) = execute(api, sandbox_id, provider, "CleanupSandboxInfra", actions)
    if not result["success"]:
        raise MirroringError(result["errorMessage"])
    write_message(api, sandbox_id, f"Traffic mirroring: {result['infoMessage']}")


def make_actions(resources, mirrors):
    """Return the actions for a table of mirrors; raises MirroringError."""
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
    """Return an App by its deployed or blueprint name, or the latter with a suffix."""
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
    """Return the ids of the App's primary NIC, all NICs, or the NIC with a number."""
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
        raise MirroringError(
            f"{command} returned other results than expected: {results}"
        )
    return results


def find_provider(api):
    """Return the name of the one cloud provider resource of the shell's model."""
    found = [each.Name for each in api.FindResources(resourceModel=MODEL).Resources]
    if len(found) != 1:
        raise MirroringError(
            f"There are {len(found)} resources of the model {MODEL}"
            f" ({', '.join(found) or 'none'}); set PROVIDER to one of them."
        )
    return found[0]


def write_message(api, sandbox_id, text):
    api.WriteMessageToReservationOutput(sandbox_id, html.escape(text, quote=False))


def write_error(api, sandbox_id, text):
    text = html.escape(text, quote=False)
    api.WriteMessageToReservationOutput(sandbox_id, f'<font color="red">{text}</font>')
