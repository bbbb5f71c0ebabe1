"""
EC2 on this machine: real HTTP for the real boto3, with AWS's traffic mirroring.

moto carries ordinary EC2 (VPCs, subnets, instances, network interfaces). What is
in this package stands in for moto's partial traffic mirroring: the fifteen
operations, and tags for the mirror resources. The map, from the outside in:

    server.py       Ec2Emulator: start, stop, knobs, a boto3 client
    http_server.py  bytes in and out: HTTP/1.1 with keep-alive on loopback
    front.py        one request: before_call, call log, fault, latency, who answers it
    calls.py        Call, Fault and the log
    moto_bridge.py  the only module that knows moto
    operations.py   the table of operations and what all of them have in common
    targets.py  filters.py  rules.py  sessions.py    what each resource allows
    tagging.py      tags in create calls, CreateTags, DeleteTags, DescribeTags
    describe.py     filters with wildcards, selection by id, pages
    paging.py       the opaque NextToken
    idempotency.py  ClientToken
    propagation.py  what is too new to be known: eventual consistency
    params.py       reads and checks single parameters
    world.py        what exists in one account and region
    shelf.py        all resources of one kind, and how they are found
    countdowns.py   for how many more requests something is so
    records.py      the four resources and how a response shows them
    knobs.py        what a test may turn
    errors.py       every error, and which of them are guesses

In doubt it is stricter than AWS, never kinder: see the table in errors.py.
"""

from emulator.ec2.calls import Call, Fault
from emulator.ec2.knobs import Quotas
from emulator.ec2.server import Ec2Emulator

__all__ = ["Call", "Ec2Emulator", "Fault", "Quotas"]
