"""
Code that the setup and the teardown script share: running commands of the shell.

Both zips must contain this file. Problems are raised as MirroringError; its message is
shown in the sandbox's output.
"""

from __future__ import annotations

import html
import json

from cloudshell.api.cloudshell_api import InputNameValue
from cloudshell.api.common_cloudshell_api import CloudShellAPIError

MODEL = "AWS Traffic Mirroring"
SOURCES = ("sourceAppName", "sourceNicId")
TARGETS = (
    "targetAppName",
    "targetNicId",
    "networkLoadBalancerArn",
    "gatewayLoadBalancerEndpointId",
)


class MirroringError(Exception):
    """A command or one of its actions failed."""


def create_mirrors(api, sandbox_id, provider, mirrors):
    """Create all mirrors with one command; write each result to the output."""
    actions = [make_action(mirror) for mirror in mirrors]
    try:
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


def make_action(mirror):
    """Return the action for a mirror, named for its source and target."""
    ends = [
        next((str(mirror[field]) for field in fields if mirror.get(field)), "?")
        for fields in (SOURCES, TARGETS)
    ]
    return {
        "type": "CreateTrafficMirroring",
        "actionId": " to ".join(ends),
        "actionParams": mirror,
    }


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
