"""
The EC2 calls of creating mirrors, by boto3 and nothing else: what no shell can beat.

It reads from stdin where EC2 is, how many mirrors to work on at once, and what to
make; it writes the seconds that it took.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import boto3
from botocore.config import Config


def main() -> None:
    """Make the mirrors, with the clients ready before the clock starts."""
    job = json.load(sys.stdin)
    width = job["side_by_side"]
    client = boto3.client(
        "ec2",
        endpoint_url=job["endpoint"],
        region_name=job["region"],
        aws_access_key_id=job["access_key"],
        aws_secret_access_key="invented",  # noqa: S106 - the emulator's
        config=Config(max_pool_connections=2 * width),
    )
    client.describe_regions()
    started = time.monotonic()
    with ThreadPoolExecutor(width) as mirrors, ThreadPoolExecutor(width) as rules:
        list(mirrors.map(partial(_make, client, rules, job["rules"]), job["ends"]))
    print(time.monotonic() - started)  # noqa: T201 - the answer


def _make(client, rules, count, ends):
    source, target = ends
    answer = client.create_traffic_mirror_filter()
    name = answer["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    list(rules.map(partial(_add_rule, client, name), range(1, count + 1)))
    client.create_traffic_mirror_session(
        NetworkInterfaceId=source,
        TrafficMirrorTargetId=target,
        TrafficMirrorFilterId=name,
        SessionNumber=1,
    )


def _add_rule(client, name, number):
    client.create_traffic_mirror_filter_rule(
        TrafficMirrorFilterId=name,
        TrafficDirection="ingress",
        RuleNumber=number,
        RuleAction="accept",
        Protocol=6,
        DestinationPortRange={"FromPort": 8000 + number, "ToPort": 9000},
        DestinationCidrBlock="0.0.0.0/0",
        SourceCidrBlock="0.0.0.0/0",
    )


if __name__ == "__main__":
    main()
