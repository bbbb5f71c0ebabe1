"""
The life of one sandbox: random commands and changes by hand, then its teardown.

Owns: choosing them, and comparing EC2 and the pools with the answers.
Must not know: what else happens on the account at the same time.

Other sandboxes share some NICs, and calls fail at random, so whether a command succeeds
is not known beforehand. What EC2 has must always be what the answers say.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

from cloudshell.api.common_cloudshell_api import CloudShellAPIError

from reliability.account import Account, Nics, Wrong
from reliability.hand_changes import CHANGES, change_by_hand, delete_all
from reliability.sandbox import Result, Sandbox

_RULES: Sequence[Sequence[Mapping[str, str]]] = (
    (),
    ({"direction": "ingress", "protocol": "tcp"},),
    (
        {"direction": "egress", "protocol": "udp"},
        {"direction": "ingress", "protocol": "icmp"},
    ),
)
DOUBLED = "requests sent twice at once that made two mirrors"
_LEFT_BEHIND = "left behind"
_TEARDOWNS = 20
_MOST_COMMANDS = 6


class RandomLife:
    """
    A sandbox and what it should have.

    `messages` are the texts of the answers to its `commands`, which are counted.
    """

    def __init__(
        self, account: Account, nics: Nics, sandbox: Sandbox, choose: Random
    ) -> None:
        self._account = account
        self._nics = nics
        self._sandbox = sandbox
        self._choose = choose
        self._mirrors: list[dict[str, Any]] = []
        self._sessions: set[str] = set()
        self._numbers_unknown = False
        self.messages = ""
        self.commands = 0

    def live(self) -> None:
        """Do a few random things, then clean up and end; raises Wrong."""
        steps: dict[Callable[[], None], int] = {
            self._create: 6,
            self._create_again: 3,
            self._create_twice: 2,
            self._create_and_cancel: 2,
            self._remove_session: 2,
            self._remove_by_nic: 2,
            self._list: 1,
            self._change_by_hand: 3,
        }
        for step in self._choose.choices(
            list(steps), list(steps.values()), k=self._choose.randint(2, _MOST_COMMANDS)
        ):
            step()
            self._check()
        self._tear_down()

    def _create(self) -> None:
        self._mirrors = [
            self._mirror() for _ in range(self._choose.choice((1, 1, 2, 3)))
        ]
        self._adopt(self._send(lambda on: self._sandbox.create(*self._mirrors, on=on)))

    def _create_again(self) -> None:
        """Send the last request again, as a script that is run again does."""
        if self._mirrors:
            self._account.counts.add("requests sent again")
            mirrors = self._mirrors
            self._adopt(self._send(lambda on: self._sandbox.create(*mirrors, on=on)))

    def _create_twice(self) -> None:
        """
        Send a request to both processes at once; they must create one mirror.

        On a shared source the processes can plan different numbers, if another
        sandbox's session appears or disappears between their look-ups. Then the pool,
        which gives a number to one of them only, does not make them meet.
        """
        mirror = self._mirror()
        self._account.counts.add("requests sent twice at once")
        with ThreadPoolExecutor(2) as callers:
            answers = list(
                callers.map(
                    lambda on: self._sandbox.create(mirror, on=on),
                    self._account.resources,
                )
            )
        results = [self._noted(answer)[0] for answer in answers]
        self._adopt(results)
        ids = {each["sessionId"] for each in results if each["success"]}
        if len(ids) > 1 and mirror["sourceNicId"] == self._nics.sources[0]:
            raise Wrong(f"two mirrors for one request: {results}")
        self._account.counts.add(DOUBLED, len(ids) > 1)

    def _create_and_cancel(self) -> None:
        mirrors = [self._mirror() for _ in range(3)]
        timer = threading.Timer(self._choose.uniform(0, 0.5), self._sandbox.cancel)
        timer.start()
        results = self._send(lambda on: self._sandbox.create(*mirrors, on=on))
        timer.cancel()
        timer.join()
        if any("cancelled" in each["errorMessage"] for each in results):
            self._account.counts.add("cancelled commands")
        self._adopt(results)

    def _remove_session(self) -> None:
        if self._sessions:
            wanted = self._choose.choice(sorted(self._sessions))
            self._remove({"sessionId": wanted}, {wanted})

    def _remove_by_nic(self) -> None:
        nic = self._choose.choice(self._nics.targets)
        client = self._account.lab.client
        found = client.describe_traffic_mirror_targets(
            Filters=[{"Name": "network-interface-id", "Values": [nic]}]
        )["TrafficMirrorTargets"]
        targets = {each["TrafficMirrorTargetId"] for each in found}
        self._remove(
            {"targetNicId": nic},
            {
                each["TrafficMirrorSessionId"]
                for each in self._sandbox.sessions()
                if each["TrafficMirrorTargetId"] in targets
            },
        )

    def _remove(self, action: Mapping[str, str], affected: set[str]) -> None:
        (result,) = self._send(lambda on: self._sandbox.remove(action, on=on))
        existing = self._existing()
        if result["success"] and affected & existing:
            raise Wrong(f"removed, but there: {affected & existing}, {result}")
        self._sessions -= affected - existing

    def _list(self) -> None:
        action = {"type": "GetTrafficMirroring", "actionId": "1"}
        (result,) = self._send(
            lambda on: self._sandbox.send("GetTrafficMirroring", [action], on)
        )
        listed = {each["sessionId"] for each in result.get("mirrors", ())}
        if result["success"] and listed != self._existing():
            raise Wrong(f"listed {listed}, existing {self._existing()}")

    def _change_by_hand(self) -> None:
        """Change or delete something of the sandbox in the AWS console."""
        sessions = self._sandbox.sessions()
        if sessions:
            session = self._choose.choice(sessions)
            change = self._choose.choice(CHANGES)
            self._numbers_unknown |= change is delete_all
            change_by_hand(self._account.lab.client, change, session)
            self._account.counts.add("changes by hand")
            self._sessions &= self._existing()

    def _tear_down(self) -> None:
        """Clean up until it succeeds; only numbers that are named may be left."""
        for _ in range(_TEARDOWNS):
            (result,) = self._send(lambda on: [self._sandbox.clean_up(on)])
            if result["success"]:
                break
            self._account.counts.add("teardowns sent again")
        else:
            raise Wrong(f"{_TEARDOWNS} Cleanups failed: {result}")
        left = self._sandbox.state()
        if left.sessions or left.filters:
            raise Wrong(f"left after Cleanup: {left}; {self.messages}")
        for nic, number in left.numbers:
            if not (self._numbers_unknown or self._is_named(nic, number)):
                raise Wrong(f"number {number} of {nic} is held; {self.messages}")
            self._account.counts.add("numbers held until the sandbox ended")
        self._sandbox.end()
        self._account.counts.add("sandboxes")

    def _is_named(self, nic: str, number: int) -> bool:
        """Return whether an error named the number, or a checkout was not answered."""
        return (
            f"session number {number} of {nic}" in self.messages
            or f"session number of {nic} may stay" in self.messages
            or f"session number for {nic}: no answer" in self.messages
        )

    def _send(self, command: Callable[[str], list[Result]]) -> list[Result]:
        """Run a command on one of the resources; a rejected one has no results."""
        try:
            return self._noted(command(self._choose.choice(self._account.resources)))
        except CloudShellAPIError as error:
            if "InvalidRequest" not in error.message:
                raise
            self._account.counts.add("rejected requests")
            return []

    def _noted(self, results: list[Result]) -> list[Result]:
        self.commands += 1
        self._account.counts.add("commands")
        for each in results:
            self._account.counts.add("actions")
            self._account.counts.add("failed actions", not each["success"])
            self.messages += f"{each['errorMessage']} {each['infoMessage']}\n"
        return results

    def _adopt(self, results: Sequence[Result]) -> None:
        """Expect the sessions that were created; or all, if a rollback failed."""
        self._sessions |= {each["sessionId"] for each in results if each["success"]}
        if any(_LEFT_BEHIND in each["errorMessage"] for each in results):
            self._sessions |= self._existing()

    def _check(self) -> None:
        """Compare EC2's sessions with the answers; no mirror may exist twice."""
        sessions = self._sandbox.sessions()
        existing = {each["TrafficMirrorSessionId"] for each in sessions}
        if existing != self._sessions:
            raise Wrong(
                f"exist: {existing}, by answers: {self._sessions}; {self.messages}"
            )
        mirrors = Counter(
            (
                tags["MirrorFingerprint"],
                tags["MirrorSessionNumber"],
                each.get("PacketLength"),
            )
            for each in sessions
            for tags in [{tag["Key"]: tag["Value"] for tag in each["Tags"]}]
        )
        if any(count > 1 for count in mirrors.values()):
            raise Wrong(f"a mirror exists twice: {sessions}")

    def _existing(self) -> set[str]:
        return {each["TrafficMirrorSessionId"] for each in self._sandbox.sessions()}

    def _mirror(self) -> dict[str, Any]:
        return {
            "sourceNicId": self._choose.choice(self._nics.sources),
            "targetNicId": self._choose.choice(self._nics.targets),
            "sessionNumber": self._choose.choice((None, None, None, 1, 5, 7)),
            "filterRules": self._choose.choice(_RULES),
        }
