"""
Twenty sandboxes that send a command at the same moment, to one driver process.

Owns: their mirrors, each with values of its own, and comparing EC2, the pools and the
logs with them. Must not know: how the process is measured.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from emulator.lab import Lab
from reliability.sandbox import Result, Sandbox, State, read_state

SESSIONS_PER_SOURCE = 3
SOURCES_PER_TARGET = 4

T = TypeVar("T")


class MixedUp(AssertionError):
    """A command failed, or a sandbox has something that isn't its own."""


@dataclass(frozen=True)
class Share:
    """A sandbox and the `actionParams` of its mirrors."""

    sandbox: Sandbox
    mirrors: Sequence[Mapping[str, Any]]


class SandboxesAtOnce:
    """Sandboxes with Apps of their own, so that EC2's quotas don't matter."""

    def __init__(self, lab: Lab, sandboxes: int, mirrors: int) -> None:
        self._lab = lab
        self._shares = [self._share(number, mirrors) for number in range(sandboxes)]

    def create(self) -> None:
        """Create all mirrors at once and check them; raises MixedUp."""
        answers = self._at_once(lambda each: each.sandbox.create(*each.mirrors))
        for share, results in zip(self._shares, answers):
            _check_success(results)
            self._check(share, results)

    def clean_up(self) -> None:
        """Clean all sandboxes up at once; raises MixedUp if anything is left."""
        results = self._at_once(lambda each: each.sandbox.clean_up())
        _check_success(results)
        if read_state(self._lab):
            raise MixedUp(f"After Cleanup: {read_state(self._lab)}")

    def check_logs(self) -> None:
        """Check that a sandbox's log names no other sandbox; raises MixedUp."""
        ids = {share.sandbox.id for share in self._shares}
        for own in ids:
            text = "".join(
                path.read_text()
                for path in (self._lab.execution.log_path / own).rglob("*.log")
            )
            if not text or any(other in text for other in ids - {own}):
                raise MixedUp(f"The log of sandbox {own} is empty or names others")

    def _at_once(self, run: Callable[[Share], T]) -> list[T]:
        with ThreadPoolExecutor(len(self._shares)) as callers:
            return list(callers.map(run, self._shares))

    def _share(self, number: int, mirrors: int) -> Share:
        places = [divmod(index, SESSIONS_PER_SOURCE) for index in range(mirrors)]
        sources = 1 + places[-1][0]
        apps = [f"source {each}" for each in range(sources)]
        apps += [f"target {each}" for each in range(0, sources, SOURCES_PER_TARGET)]
        home = self._lab.deploy("load", dict.fromkeys(apps))
        nics = {app.name: app.nics[0].id for app in home.apps}
        return Share(
            Sandbox(self._lab),
            [
                {
                    "sourceNicId": nics[f"source {source}"],
                    "targetNicId": nics[
                        f"target {source - source % SOURCES_PER_TARGET}"
                    ],
                    # The last mirror of a source gets its number from the pool.
                    "sessionNumber": 100 * number + nth + 1 if nth < 2 else None,
                    # In all sandboxes together, no two mirrors have the same values.
                    "packetLength": 1 + number * mirrors + index,
                    "tags": {"mirror": f"{number}/{index}"},
                    "filterRules": [{"direction": "ingress", "protocol": "tcp"}],
                }
                for index, (source, nth) in enumerate(places)
            ],
        )

    def _check(self, share: Share, results: Sequence[Result]) -> None:
        """Compare what EC2 and the pools have of a sandbox with its request."""
        found = {
            each["TrafficMirrorSessionId"]: each for each in share.sandbox.sessions()
        }
        wanted = {
            result["sessionId"]: (
                mirror["sourceNicId"],
                mirror["sessionNumber"] or result["sessionNumber"],
                mirror["packetLength"],
                mirror["tags"]["mirror"],
            )
            for result, mirror in zip(results, share.mirrors)
        }
        if {key: _values(each) for key, each in found.items()} != wanted:
            raise MixedUp(f"{json.dumps(found, default=str)} is not {wanted}")
        state = share.sandbox.state()
        expected = State(
            frozenset(each["TrafficMirrorTargetId"] for each in found.values()),
            frozenset(each["TrafficMirrorFilterId"] for each in found.values()),
            frozenset(found),
            frozenset((nic, number) for nic, number, *_ in wanted.values()),
        )
        if state != expected or len(state.filters) != len(wanted):
            raise MixedUp(f"{state} is not {expected}")


def _values(session: Mapping[str, Any]) -> tuple[str, int, int, str]:
    tags = {each["Key"]: each["Value"] for each in session["Tags"]}
    return (
        session["NetworkInterfaceId"],
        session["SessionNumber"],
        session["PacketLength"],
        tags["mirror"],
    )


def _check_success(results: Iterable[Result]) -> None:
    failed = [each["errorMessage"] for each in results if not each["success"]]
    if failed:
        raise MixedUp(f"{len(failed)} actions failed: {failed[0]}")


def serve_sandboxes(lab: Lab, count: int, at_once: int = 20) -> None:
    """Create a mirror in each of some new sandboxes and clean up; raises MixedUp."""
    apps = [f"{kind} {index}" for index in range(at_once) for kind in ("web", "ids")]
    home = lab.deploy("served", dict.fromkeys(apps))
    nics = [app.nics[0].id for app in home.apps]
    pairs = list(zip(nics[::2], nics[1::2]))

    def serve(numbers: Iterator[int], pair: tuple[str, str]) -> None:
        session = lab.cloudshell.session()
        for _ in numbers:
            sandbox = Sandbox(lab, session)
            mirror = {"sourceNicId": pair[0], "targetNicId": pair[1]}
            _check_success([*sandbox.create(mirror), sandbox.clean_up()])
            sandbox.end()

    shared = iter(range(count))
    with ThreadPoolExecutor(at_once) as callers:
        for done in [callers.submit(serve, shared, pair) for pair in pairs]:
            done.result()
    if read_state(lab):
        raise MixedUp(f"After Cleanup: {read_state(lab)}")
