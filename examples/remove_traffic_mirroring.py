"""
Remove a sandbox's traffic mirroring to one App, or one traffic mirror session.

    python remove_traffic_mirroring.py RESERVATION_ID --target-nic eni-05fc8d0b34b762305
    python remove_traffic_mirroring.py RESERVATION_ID --session tms-0a1b2c3d4e5f60718

The answer is printed; the exit code is 0 if the removal succeeded.
"""

from __future__ import annotations

import json

from command_line import execute, finish, make_parser


def main() -> None:
    parser = make_parser("Remove traffic mirroring.")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--target-nic", default="", help="every session to this NIC")
    what.add_argument("--session", default="", help="this session only")
    arguments = parser.parse_args()
    action = {
        "actionId": "remove",
        "type": "RemoveTrafficMirroring",
        "sessionId": arguments.session,
        "targetNicId": arguments.target_nic,
    }
    request = json.dumps({"driverRequest": {"actions": [action]}})
    finish(execute(arguments, "RemoveTrafficMirroring", request))


if __name__ == "__main__":
    main()
