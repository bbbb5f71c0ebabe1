"""
Creates mirrors with boto3 alone: the lower bound for the time of any shell.

Reads EC2's endpoint, the concurrency and the mirrors from stdin; writes the seconds.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import boto3
from botocore.config import Config


def main() -> None:
    """Create the mirrors; the client is ready before the clock starts."""
    job = json.load(sys.stdin)
    concurrency = job["concurrency"]
    client = boto3.client(
        "ec2",
        endpoint_url=job["endpoint"],
        region_name=job["region"],
        aws_access_key_id=job["access_key"],
        aws_secret_access_key="invented",  # noqa: S106 - the emulator's
        config=Config(max_pool_connections=2 * concurrency),
    )
    client.describe_regions()
    started = time.monotonic()
    with (
        ThreadPoolExecutor(concurrency) as mirrors,
        ThreadPoolExecutor(concurrency) as rules,
    ):
        list(
            mirrors.map(
                partial(_create_mirror, client, rules, job["rules"]), job["mirrors"]
            )
        )
    print(time.monotonic() - started)  # noqa: T201 - the answer


def _create_mirror(client, rules, count, mirror):
    source, target = mirror
    answer = client.create_traffic_mirror_filter()
    filter_id = answer["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    list(rules.map(partial(_add_rule, client, filter_id), range(1, count + 1)))
    client.create_traffic_mirror_session(
        NetworkInterfaceId=source,
        TrafficMirrorTargetId=target,
        TrafficMirrorFilterId=filter_id,
        SessionNumber=1,
    )


def _add_rule(client, filter_id, number):
    client.create_traffic_mirror_filter_rule(
        TrafficMirrorFilterId=filter_id,
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
