"""
Owns: the collaborators that every flow works with, for one command.

Must not know: how they are made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from logging import Logger

from traffic_mirroring.aws.cloudwatch import CloudWatch
from traffic_mirroring.aws.dry_runs import DryRuns
from traffic_mirroring.aws.mirroring import Ec2Mirroring
from traffic_mirroring.aws.retries import RetryPolicy
from traffic_mirroring.flows.lookups import Lookups
from traffic_mirroring.flows.target_locks import TargetLocks
from traffic_mirroring.models import Sandbox
from traffic_mirroring.sandbox.apps import SandboxApps
from traffic_mirroring.sandbox.progress import Progress
from traffic_mirroring.sandbox.session_numbers import SessionNumbers
from traffic_mirroring.workers import Workers


@dataclass(frozen=True)
class CommandContext:
    """
    The collaborators of one command, bound to its sandbox.

    `find_apps` looks up the sandbox's Apps, and raises CallFailed.
    `check_cancelled` raises Cancelled if the user has cancelled the command.
    `retry_policy` is for EC2's eventual consistency, `start_policy` for instances that
    are starting. `target_locks` are shared by all commands of the process.
    """

    sandbox: Sandbox
    ec2: Ec2Mirroring
    dry_runs: DryRuns
    lookups: Lookups
    find_apps: Callable[[], SandboxApps]
    numbers: SessionNumbers
    check_cancelled: Callable[[], None]
    workers: Workers
    progress: Progress
    retry_policy: RetryPolicy
    start_policy: RetryPolicy
    target_locks: TargetLocks
    log: Logger
    cloudwatch: CloudWatch
