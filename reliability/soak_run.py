"""
Many sandboxes live at the same time, in two driver processes, for a while.

Owns: the slots that start one sandbox after another, the samples of both processes,
and the check at the end. Must not know: what a sandbox does, what is printed.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

from botocore.config import Config

from emulator.lab import ACCESS_KEY, RESOURCE, Lab
from reliability.account import Account, Nics, Wrong
from reliability.conditions import Conditions
from reliability.counts import Counts
from reliability.driver_process import Size, Usage, driver_pid, size, usage
from reliability.random_life import RandomLife
from reliability.sandbox import Sandbox, read_state

RESOURCES = (RESOURCE, "AWS 2")
_SHARED = 3
"""How many shared sources and targets a sandbox knows; it also has its own."""
_SAMPLE_SECONDS = 1.0
_LONGEST_CONDITION = 8.0


@dataclass(frozen=True)
class Sample:
    """What the driver process of a resource used, some seconds after the start."""

    seconds: float
    resource: str
    usage: Usage


@dataclass
class Log:
    """Bytes that were logged, and the commands that logged them."""

    bytes: int = 0
    commands: int = 0

    def __str__(self) -> str:
        return f"{self.bytes / max(1, self.commands):.0f} bytes of log per command"


@dataclass(frozen=True)
class Quarter:
    """The processes after a quarter, when they were idle, and its log."""

    sizes: dict[str, Size]
    log: Log


@dataclass
class Soak:
    """
    Runs `sandboxes` at a time on one account, up to `limit` in all.

    Results are added while it runs.
    """

    lab: Lab
    sandboxes: int
    seed: int
    limit: int
    counts: Counts = field(default_factory=Counts)
    samples: list[Sample] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lab.add_provider(name=RESOURCES[1], access_key=f"{ACCESS_KEY}2")
        # The checks are throttled and slowed down like everything else.
        retries = Config(retries={"mode": "standard", "max_attempts": 20})
        self.lab.client = self.lab.ec2.client(config=retries)
        self._account = Account(self.lab, RESOURCES, self.counts)
        self._choose = Random(self.seed)  # noqa: S311  # no secret
        self._shared = min(_SHARED, self.sandboxes)
        self._nics = self._deploy()
        self._started = time.monotonic()
        self._log = Log()
        self._lock = threading.Lock()

    def run_quarter(self, seconds: float) -> Quarter:
        """Let sandboxes live for a while; raises Wrong."""
        self._log = Log()
        ends = time.monotonic() + seconds
        seeds = [self._choose.random() for _ in range(self.sandboxes)]
        with self._changing_conditions(), ThreadPoolExecutor(self.sandboxes) as slots:
            lives = [
                slots.submit(self._fill_slot, nics, Random(seed), ends)  # noqa: S311
                for nics, seed in zip(self._nics, seeds)
            ]
        for each in lives:
            each.result()
        sizes = {resource: size(self.lab, resource) for resource in RESOURCES}
        return Quarter(sizes, self._log)

    def check_empty(self) -> None:
        """
        Check that nothing is left in EC2 and the pools; raises Wrong.

        A target that a Remove or Cleanup could not delete is another sandbox's as soon
        as that one has ended. Its error named the target; a Remove by NIC deletes it.
        """
        named = " ".join(self.messages)
        left = read_state(self.lab)
        if left.sessions or left.filters or left.numbers:
            raise Wrong(f"left in the end: {left}")
        if not all(target in named for target in left.targets):
            raise Wrong(f"targets are left that no answer names: {left.targets}")
        self.counts.add("targets left, named by an answer", len(left.targets))
        last = Sandbox(self.lab)
        nics = sorted({nic for nics in self._nics for nic in nics.targets})
        last.remove(*({"targetNicId": nic} for nic in nics))
        if read_state(self.lab):
            raise Wrong(f"left in the end: {read_state(self.lab)}")

    def _deploy(self) -> list[Nics]:
        """Return the NICs of each slot: of its own and shared ones."""
        own_sources, shared_sources, targets = (
            self._deploy_apps(kind) for kind in ("own source", "source", "target")
        )
        return [
            Nics(
                [source, *self._choose.sample(shared_sources, self._shared)],
                [target, *self._choose.sample(targets, self._shared)],
            )
            for source, target in zip(own_sources, targets)
        ]

    def _deploy_apps(self, kind: str) -> list[str]:
        apps = [f"{kind} {number}" for number in range(self.sandboxes)]
        home = self.lab.deploy("soak", dict.fromkeys(apps))
        return [app.nics[0].id for app in home.apps]

    def _fill_slot(self, nics: Nics, choose: Random, ends: float) -> None:
        """Start one sandbox after another."""
        session = self.lab.cloudshell.session()
        while time.monotonic() < ends and self.counts["sandboxes"] < self.limit:
            sandbox = Sandbox(self.lab, session)
            life = RandomLife(self._account, nics, sandbox, choose)
            life.live()
            with self._lock:
                self.messages.append(life.messages)
                self._log.commands += life.commands
                self._log.bytes += self._take_logs(sandbox.id)

    def _take_logs(self, sandbox: str) -> int:
        """Delete a sandbox's logs, which would fill the disk; return their size."""
        folder = self.lab.execution.log_path / sandbox
        written = sum(path.stat().st_size for path in folder.rglob("*.log"))
        shutil.rmtree(folder, ignore_errors=True)
        return written

    @contextmanager
    def _changing_conditions(self) -> Iterator[None]:
        """Change the conditions and take samples in the block."""
        ended = threading.Event()
        conditions = Conditions(self.lab, Random(self._choose.random()))  # noqa: S311

        def change() -> None:
            while not ended.wait(self._choose.uniform(1, _LONGEST_CONDITION)):
                self.counts.add(f"periods with {conditions.change()}")

        def observe() -> None:
            while not ended.wait(_SAMPLE_SECONDS):
                self._sample()

        with ThreadPoolExecutor(2) as beside:
            running = [beside.submit(change), beside.submit(observe)]
            try:
                yield
            finally:
                ended.set()
        conditions.clear()
        for each in running:
            each.result()

    def _sample(self) -> None:
        elapsed = time.monotonic() - self._started
        for resource in RESOURCES:
            if self.lab.execution.driver_pid(resource):
                found = usage(driver_pid(self.lab, resource))
                self.samples.append(Sample(elapsed, resource, found))
