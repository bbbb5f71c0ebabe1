"""
Mirror the incoming traffic of one App of a sandbox to another App.

    python create_traffic_mirroring.py RESERVATION_ID web capture

sends the request below for the primary NICs of the Apps web and capture; an id such as
eni-05fc8d0b34b762305 means another NIC. With `--dry-run`, nothing is created, and the
answer says what would be. `--request FILE` sends your own request instead. The answer
is printed; the exit code is 0 if all actions succeeded.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from cloudshell.api.cloudshell_api import CloudShellAPISession, InputNameValue
from cloudshell.api.common_cloudshell_api import CloudShellAPIError


def main() -> None:
    parser = argparse.ArgumentParser(description="Mirror one App's traffic to another")
    parser.add_argument("reservation_id")
    parser.add_argument("source", nargs="?", help="an App, or the id of a NIC")
    parser.add_argument("target", nargs="?", help="another one")
    parser.add_argument("--dry-run", action="store_true", help="create nothing")
    parser.add_argument("--request", type=Path, help="send this file's text instead")
    parser.add_argument("--resource", default="AWS", help="the cloud provider resource")
    arguments = parser.parse_args()
    if not arguments.request and not arguments.target:
        parser.error("name the source App and the target App, or give --request FILE")
    if arguments.request and arguments.dry_run:
        parser.error("set dryRun in the file instead of giving --dry-run")

    session = CloudShellAPISession(
        host=os.environ.get("CLOUDSHELL_SERVER", "localhost"),
        username=os.environ.get("CLOUDSHELL_USER", "admin"),
        password=os.environ.get("CLOUDSHELL_PASSWORD", "admin"),
        domain=os.environ.get("CLOUDSHELL_DOMAIN", "Global"),
    )
    if arguments.request:
        request = arguments.request.read_text(encoding="utf-8")
    else:
        request = make_request(arguments.source, arguments.target, arguments.dry_run)

    try:
        result = session.ExecuteCommand(
            reservationId=arguments.reservation_id,
            targetName=arguments.resource,
            targetType="Resource",
            commandName="CreateTrafficMirroring",
            commandInputs=[InputNameValue(Name="request", Value=request)],
        )
    except CloudShellAPIError as error:
        sys.exit(error.message)
    answer = json.loads(result.Output)
    print(json.dumps(answer, indent=2))
    results = answer["driverResponse"]["actionResults"]
    sys.exit(0 if all(result["success"] for result in results) else 1)


def make_request(source: str, target: str, dry_run: bool) -> str:
    rule = {
        "type": "TrafficFilterRule",
        "direction": "ingress",
        "protocol": "tcp",
        "sourcePortRange": {
            "type": "PortRange",
            "fromPort": "50000",
            "toPort": "65535",
        },
        "sourceCidr": "192.168.0.124/24",
    }
    action = {
        "actionId": "41f206a1-a6c0-4603-90f7-6492cd0fb00d",
        "type": "CreateTrafficMirroring",
        "actionParams": {
            "type": "CreateTrafficMirroringParams",
            end_field("source", source): source,
            end_field("target", target): target,
            "sessionNumber": "5",
            "filterRules": [rule],
            "dryRun": dry_run,
        },
    }
    return json.dumps({"driverRequest": {"actions": [action]}})


def end_field(end: str, value: str) -> str:
    return f"{end}NicId" if value.startswith("eni-") else f"{end}AppName"


if __name__ == "__main__":
    main()
