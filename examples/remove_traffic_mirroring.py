"""
Remove a sandbox's traffic mirroring to one App, or one traffic mirror session.

    python remove_traffic_mirroring.py RESERVATION_ID --target-nic eni-05fc8d0b34b762305
    python remove_traffic_mirroring.py RESERVATION_ID --session tms-0a1b2c3d4e5f60718

The answer is printed; the exit code is 0 if the removal succeeded.
"""

from __future__ import annotations

import argparse
import json
import os
import sys

from cloudshell.api.cloudshell_api import CloudShellAPISession, InputNameValue
from cloudshell.api.common_cloudshell_api import CloudShellAPIError


def main() -> None:
    parser = argparse.ArgumentParser(description="Remove traffic mirroring")
    parser.add_argument("reservation_id")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--target-nic", default="", help="every session to this NIC")
    what.add_argument("--session", default="", help="this session only")
    parser.add_argument("--resource", default="AWS", help="the cloud provider resource")
    arguments = parser.parse_args()

    session = CloudShellAPISession(
        host=os.environ.get("CLOUDSHELL_SERVER", "localhost"),
        username=os.environ.get("CLOUDSHELL_USER", "admin"),
        password=os.environ.get("CLOUDSHELL_PASSWORD", "admin"),
        domain=os.environ.get("CLOUDSHELL_DOMAIN", "Global"),
    )
    action = {
        "actionId": "514d18dc-cd6c-4725-ac60-9e281d0b8e27",
        "type": "RemoveTrafficMirroring",
        "sessionId": arguments.session,
        "targetNicId": arguments.target_nic,
    }
    request = json.dumps({"driverRequest": {"actions": [action]}})

    try:
        result = session.ExecuteCommand(
            reservationId=arguments.reservation_id,
            targetName=arguments.resource,
            targetType="Resource",
            commandName="RemoveTrafficMirroring",
            commandInputs=[InputNameValue(Name="request", Value=request)],
        )
    except CloudShellAPIError as error:
        sys.exit(error.message)
    answer = json.loads(result.Output)
    print(json.dumps(answer, indent=2))
    results = answer["driverResponse"]["actionResults"]
    sys.exit(0 if all(result["success"] for result in results) else 1)


if __name__ == "__main__":
    main()
