"""
EC2 on this machine: real HTTP for the real boto3, with AWS's traffic mirroring.

moto carries ordinary EC2 (VPCs, subnets, instances, network interfaces) and load
balancers. What is in this package stands in for moto's partial traffic mirroring: the
fifteen operations, and tags for the mirror resources; and for what moto hasn't: who may
do what. The map, from the outside in:

    server.py       Ec2Emulator: start, stop, knobs, identities
    clients.py      boto3 clients to it
    http_server.py  bytes in and out: HTTP/1.1 with keep-alive on loopback
    front.py        one request: before_call, call log, fault, latency, who answers it
    calls.py        Call, Fault and the log
    identities.py   keys, roles, temporary keys: who calls
    permissions.py  which resources a call touches
    policy.py       IAM policy documents, and what they allow
    sts.py          GetCallerIdentity and AssumeRole
    regions.py      the regions that AWS has
    lookups.py      Describe operations of moto's, made as strict as AWS's
    moto_bridge.py  moto's server and keys
    surroundings.py moto's state: what mirroring needs of ordinary EC2
    moto_wire.py    moto's reading and writing of AWS's formats
    network.py      carries packets, and copies of them to the targets
    mirroring.py    which session mirrors a packet, by filters and rules
    packets.py      packets as bytes, and VXLAN around them: scapy
    nics.py         interfaces as packets see them: addresses, security groups
    moto_nics.py    moto's state: all interfaces, and which VPCs are peered
    flows.py        the five-tuple, and AWS's own services among flows
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
    throttle.py     the token bucket that limits an account's calls
    countdowns.py   for how many more requests something is so
    records.py      the four resources and how a response shows them
    knobs.py        what a test may turn
    errors.py       every error, and which of them are guesses

In doubt it is stricter than AWS, never kinder: see the table in errors.py.
"""

from emulator.ec2.calls import Call, Fault
from emulator.ec2.knobs import Quotas
from emulator.ec2.mirroring import Copy, Passage
from emulator.ec2.server import Ec2Emulator
from emulator.ec2.throttle import Throttle

__all__ = [
    "Call",
    "Copy",
    "Ec2Emulator",
    "Fault",
    "Passage",
    "Quotas",
    "Throttle",
]
