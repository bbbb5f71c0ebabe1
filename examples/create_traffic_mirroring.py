"""
Mirror the incoming traffic of one App of a sandbox to another App.

    python create_traffic_mirroring.py RESERVATION_ID web capture

finds the network interfaces of the Apps web and capture, and sends the request below;
`--request FILE` sends your own instead. For an App with several NICs, `--source-nic 1`
and `--target-nic 1` choose another than the primary one. The answer is printed; the
exit code is 0 if all actions succeeded.
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
    parser.add_argument("source_app", nargs="?")
    parser.add_argument("target_app", nargs="?")
    for nic in ("--source-nic", "--target-nic"):
        parser.add_argument(nic, type=int, default=0, help="0, the primary, or 1, 2...")
    parser.add_argument("--request", type=Path, help="send this file's text instead")
    parser.add_argument("--resource", default="AWS", help="the cloud provider resource")
    arguments = parser.parse_args()
    if not arguments.request and not arguments.target_app:
        parser.error("name the source App and the target App, or give --request FILE")

    session = CloudShellAPISession(
        host=os.environ.get("CLOUDSHELL_SERVER", "localhost"),
        username=os.environ.get("CLOUDSHELL_USER", "admin"),
        password=os.environ.get("CLOUDSHELL_PASSWORD", "admin"),
        domain=os.environ.get("CLOUDSHELL_DOMAIN", "Global"),
    )
    if arguments.request:
        request = arguments.request.read_text(encoding="utf-8")
    else:
        sources = find_nics(session, arguments.reservation_id, arguments.source_app)
        targets = find_nics(session, arguments.reservation_id, arguments.target_app)
        request = make_request(
            choose(sources, arguments.source_nic), choose(targets, arguments.target_nic)
        )

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


def find_nics(session: CloudShellAPISession, reservation_id: str, app: str) -> list:
    """Return an App's NICs, by its deployed or blueprint name, the primary first."""
    details = session.GetReservationDetails(reservation_id, True)
    for resource in details.ReservationDescription.Resources:
        origin = resource.AppDetails.AppName if resource.AppDetails else None
        if app in (resource.Name, origin) and resource.VmDetails:
            networks = resource.VmDetails.NetworkData
            return [
                data.Value
                for network in sorted(networks, key=lambda each: not each.IsPrimary)
                for data in network.AdditionalData
                if data.Name.lower() == "nic"
            ]
    sys.exit(f"The sandbox has no deployed App {app!r} with VM details: check the name")


def choose(nics: list, number: int) -> str:
    if number not in range(len(nics)):
        sys.exit(f"There is no NIC {number}; counting from 0, the App has {nics}")
    return nics[number]


def make_request(source_nic: str, target_nic: str) -> str:
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
            "sourceNicId": source_nic,
            "targetNicId": target_nic,
            "sessionNumber": "5",
            "filterRules": [rule],
        },
    }
    return json.dumps({"driverRequest": {"actions": [action]}})


if __name__ == "__main__":
    main()
