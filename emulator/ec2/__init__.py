"""
EC2 on this machine: real HTTP for the real boto3, with AWS's traffic mirroring.

    server      Ec2Emulator, the interface for tests and the demo
    clients     boto3 clients of it
    dispatcher  what happens to each request: callback, throttling, fault, latency, log
    services    which service carries out an action, and the emulator's one lock
    moto/       ordinary EC2, load balancers and CloudWatch; alone imports moto
    packets/    packets between interfaces, and their mirrored copies
    iam/        keys, roles, policies and STS
    mirroring/  the fifteen operations of traffic mirroring, and tags
    settings    what a test can change
    calls       the log of requests
    actions     AWS's query protocol
    errors      every error, and which of them are guesses
    throttle    the token buckets
    regions     AWS's regions and partitions

moto has only a part of traffic mirroring, and no permissions; the emulator adds both.
If AWS's behavior is unknown, the emulator is stricter than AWS may be, never kinder.
"""

from emulator.ec2.actions import Action
from emulator.ec2.calls import Call
from emulator.ec2.packets.decisions import Copy, Delivery
from emulator.ec2.server import Ec2Emulator
from emulator.ec2.settings import Lag, Lags, Quotas, Settings
from emulator.ec2.throttle import Throttle, Throttles, TokenBuckets

__all__ = [
    "Action",
    "Call",
    "Copy",
    "Delivery",
    "Ec2Emulator",
    "Lag",
    "Lags",
    "Quotas",
    "Settings",
    "Throttle",
    "Throttles",
    "TokenBuckets",
]
