"""
Mirror the traffic of one App of a sandbox to another App.

    python create_traffic_mirroring.py RESERVATION_ID web capture

mirrors everything that the primary NIC of the App web receives and sends, and with
`--protocol tcp --port 443` only TCP with port 443 at one end. An id such as
eni-05fc8d0b34b762305 means another NIC. With `--dry-run`, nothing is created, and the
answer says what would be. `--request FILE` sends your own request instead. The answer
is printed; the exit code is 0 if all actions succeeded.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from command_line import execute, finish, make_parser, read_request

BOTH_FAMILIES = {"all", "tcp", "udp"}
"""The protocols that IPv4 and IPv6 have in common."""


def main() -> None:
    arguments = parse_arguments()
    if arguments.request:
        request = read_request(arguments.request)
    else:
        action = make_action(arguments)
        request = json.dumps({"driverRequest": {"actions": [action]}})
    finish(execute(arguments, "CreateTrafficMirroring", request))


def parse_arguments() -> argparse.Namespace:
    parser = make_parser("Mirror one App's traffic to another; by default, all of it.")
    parser.add_argument("source", nargs="?", help="an App, or the id of a NIC")
    parser.add_argument("target", nargs="?", help="another one")
    mirror = [
        parser.add_argument("--protocol", help="mirror only tcp, udp, icmp, ..."),
        parser.add_argument("--port", help="only this port at one end, or 8000-8010"),
        parser.add_argument(
            "--cidr", help="only from and to addresses such as 10.0.0.0/8"
        ),
        parser.add_argument("--number", help="the session number, 1 to 32766"),
        parser.add_argument("--dry-run", action="store_true", help="create nothing"),
    ]
    parser.add_argument("--request", type=Path, help="send this file's text instead")
    arguments = parser.parse_args()
    given = [each for each in mirror if getattr(arguments, each.dest)]
    if arguments.request and (arguments.source or given):
        parser.error("with --request, everything else about the mirror is in the file")
    if not arguments.request and not arguments.target:
        parser.error("name the source App and the target App, or give --request FILE")
    if arguments.port and not arguments.protocol:
        parser.error("--port needs --protocol tcp or udp")
    return arguments


def make_action(arguments: argparse.Namespace) -> dict:
    """Return the action that creates the mirror."""
    source, target = arguments.source, arguments.target
    return {
        "actionId": f"{source} to {target}",
        "type": "CreateTrafficMirroring",
        "actionParams": {
            end_field("source", source): source,
            end_field("target", target): target,
            "sessionNumber": arguments.number,
            "filterRules": make_rules(
                arguments.protocol, arguments.port, arguments.cidr
            ),
            "dryRun": arguments.dry_run,
        },
    }


def end_field(end: str, value: str) -> str:
    return f"{end}NicId" if value.startswith("eni-") else f"{end}AppName"


def make_rules(protocol: str | None, port: str | None, cidr: str | None) -> list:
    """Return rules for packets in both directions; without any, all are mirrored."""
    if not protocol and not cidr:
        return []
    protocol = protocol or "all"
    networks = [cidr or ""]
    if not cidr and protocol in BOTH_FAMILIES:
        networks = ["0.0.0.0/0", "::/0"]
    rules = []
    for direction, here, there in (
        ("ingress", "destination", "source"),
        ("egress", "source", "destination"),
    ):
        for network in networks:
            rule = {"direction": direction, "protocol": protocol}
            rule[f"{there}Cidr"] = network
            ends = (here, there) if port else ()
            rules += [{**rule, f"{end}PortRange": port_range(port)} for end in ends]
            rules += [] if port else [rule]
    return rules


def port_range(port: str) -> dict:
    first, _, last = port.partition("-")
    return {"fromPort": first, "toPort": last or first}


if __name__ == "__main__":
    main()
