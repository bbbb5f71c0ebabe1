"""
AWS traffic mirroring for CloudShell sandboxes.

    commands     the public API: the commands, ready for a driver class
    limits       limits of concurrency, retries and waits
    check        checks a request file, for lab engineers
    flows/       one flow per command: observe, plan, execute, answer
    request/     JSON text to actions, results to JSON text
    plan/        decisions: what a command has to do, given what exists
    aws/         boto3: clients, the calls of traffic mirroring, look-ups
    sandbox/     CloudShell's API: session number pools, output, log
    tags         names and tags of the resources, a mirror's fingerprint
    topology     NICs, instances and what lies between them
    workers      threads, with a limit
    locks        one lock per key
    startup      excludes long-lived imports from garbage collection
    errors       every exception that the package raises
    results      the results of actions
    models       ids, actions, mirrors and EC2's resources

A module imports only from below; `lint-imports` holds the order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from traffic_mirroring.commands import Commands
    from traffic_mirroring.limits import Limits

__version__ = "1.0.0"
__all__ = ["Commands", "Limits", "__version__"]


def __getattr__(name: str) -> object:
    """Import the commands when they are first used, so that a start stays fast."""
    if name == "Commands":
        from traffic_mirroring.commands import Commands

        return Commands
    if name == "Limits":
        from traffic_mirroring.limits import Limits

        return Limits
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
