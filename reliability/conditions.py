"""
The conditions of a soak: what AWS and CloudShell do to the commands for a while.

Owns: setting and clearing them. Must not know: the commands.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from emulator.ec2 import Throttle, Throttles, TokenBuckets
from emulator.ec2.settings import Lag, Lags
from emulator.faults import Fault
from emulator.lab import Lab

_POOL_CALLS = ("CheckoutFromPool", "ReleaseFromPool")
_TIGHT = Throttles(writes=Throttle(20, 20), reads=Throttle(60, 60))


class Conditions:
    """Changes what the emulators do; `names` are those that it can set."""

    def __init__(self, lab: Lab, choose: Random) -> None:
        self._lab = lab
        self._choose = choose
        self._conditions: dict[str, Callable[[], None]] = {
            "EC2 errors": lambda: self._ec2_faults(status=400, code="Broken"),
            "EC2 server errors": lambda: self._ec2_faults(status=500),
            "lost EC2 calls": lambda: self._ec2_faults(drop_connection=True),
            "lost EC2 answers": lambda: self._ec2_faults(
                drop_connection=True, after_effect=True
            ),
            "lost pool answers": self._pool_faults,
            "throttled EC2": self._throttle,
            "slow EC2": self._slow,
            "late EC2": self._late,
        }

    def change(self) -> str:
        """Set one condition instead of the last one; return its name."""
        self.clear()
        name = self._choose.choice(["none", *self._conditions])
        if name != "none":
            self._conditions[name]()
        return name

    def clear(self) -> None:
        """Let everything work, and forget the calls made so far."""
        ec2, cloudshell = self._lab.ec2, self._lab.cloudshell
        ec2.faults.clear()
        cloudshell.pools.faults.clear()
        ec2.settings.throttle = None
        ec2.settings.latency = cloudshell.pools.latency = 0.0
        ec2.settings.unknown_lag, ec2.settings.in_use_lag = Lags(), Lag()
        ec2.clear_calls()
        cloudshell.calls.clear()
        cloudshell.pools.calls.clear()

    def _ec2_faults(self, **how: object) -> None:
        """Let a few of the next writing calls fail."""
        for _ in range(self._choose.randint(1, 6)):
            skip = self._choose.randint(0, 60)
            self._lab.ec2.faults.append(Fault(skip=skip, **how))  # type: ignore[arg-type]  # fields of Fault

    def _pool_faults(self) -> None:
        for _ in range(self._choose.randint(1, 4)):
            self._lab.cloudshell.pools.faults.append(
                Fault(
                    self._choose.choice(_POOL_CALLS),
                    skip=self._choose.randint(0, 20),
                    after_effect=self._choose.random() < 0.5,
                    drop_connection=True,
                )
            )

    def _throttle(self) -> None:
        self._lab.ec2.settings.throttle = TokenBuckets(_TIGHT)

    def _slow(self) -> None:
        self._lab.ec2.settings.latency = self._choose.uniform(0.05, 0.4)
        self._lab.cloudshell.pools.latency = self._choose.uniform(0, 0.2)

    def _late(self) -> None:
        """Let EC2 know new ids late, and report ended uses too long."""
        self._lab.ec2.settings.unknown_lag = Lags.of_all(requests=2)
        self._lab.ec2.settings.in_use_lag = Lag(requests=2)
