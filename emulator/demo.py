"""
What `make demo` shows: the life of a mirror, with packets that go through it.

The scripts of examples/ talk to the emulated CloudShell as they would to a real one;
what they caused is then read from EC2 and from CloudShell's pools, and seen by packets.
Every step says what it proves; the exit code is 0 where all of it was found true.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from rich.console import Console

from emulator.cloudshell import Nic, Reservation
from emulator.demo_packets import (
    Probe,
    Seen,
    any_probes,
    copy_tree,
    inner_packet,
    packet_table,
    probes,
)
from emulator.demo_stage import Ran, Stage
from emulator.demo_tables import app_table, call_table
from emulator.ec2 import Fault
from emulator.lab import Lab

APPS = {"web": "eni-008322622e675cd80", "capture": "eni-05fc8d0b34b762305"}
"""The NIC ids of the platform vendor's own example."""

CREATE, REMOVE = "create_traffic_mirroring.py", "remove_traffic_mirroring.py"


class Demo(Stage):
    """Tells the story, step by step."""

    def run(self, request: Path | None) -> bool:
        """Show everything; return whether all that was claimed is true."""
        asked = ["--request", str(request)] if request else list(APPS)
        sandbox = self.deploy(request)
        created = self.create(sandbox, asked)
        self.show()
        if created.session_ids:
            self.send(sandbox, is_own=request is not None)
            self.repeat(sandbox, asked, created)
            self.fail()
        self.remove(sandbox)
        self.show_end(sandbox)
        return self._held

    def deploy(self, request: Path | None) -> Reservation:
        """Start a sandbox."""
        self._step("Deploy Apps in a sandbox")
        sandbox = self._lab.deploy("Traffic mirroring demo", _apps(request))
        self._console.print(app_table(sandbox))
        self._prove("nothing is mirrored yet.", self._standing().is_empty)
        return sandbox

    def create(self, sandbox: Reservation, asked: list[str]) -> Ran:
        """Run the script that creates mirrors."""
        self._step("Create the mirror, as a setup script would")
        created = self._script(CREATE, sandbox, *asked)
        self._prove(
            "one command made what was asked for, and named each session.",
            created.succeeded
            and self._standing().sessions == {*created.session_ids} != set(),
        )
        return created

    def show(self) -> None:
        """Show what the script caused."""
        self._step("What now stands in EC2, and which session numbers are out")
        self._show_world()
        standing = self._standing()
        self._prove(
            f"{standing.counted}; nothing stands but what the sessions use.",
            self._is_sound(),
        )

    def send(self, sandbox: Reservation, *, is_own: bool) -> None:
        """Send packets past the sources, and show what became of them."""
        self._step("Send packets past the source")
        sent = [
            seen
            for nic in self._source_nics(sandbox)
            for seen in self._send(
                nic, any_probes(nic.address) if is_own else probes(nic.address)
            )
        ]
        self._console.print(packet_table(sent))
        if is_own:
            claim = "whatever the rules accepted has arrived at its target."
        else:
            claim = "what the rule says was mirrored, and nothing else was."
        self._prove(claim, all(seen.as_asked for seen in sent))
        self._show_copy([seen for seen in sent if seen.mirrored])

    def _show_copy(self, mirrored: list[Seen]) -> None:
        self._step("What the target received")
        if not mirrored:
            self._console.print("None of these packets was mirrored.")
            return
        first = mirrored[0]
        data = self._lab.ec2.copies_at(first.target)[0]
        self._console.print(copy_tree(data))
        sent, copied = bytes(first.probe.packet), inner_packet(data)
        what = "the packet as it was sent" if sent == copied else "its beginning"
        self._prove(f"it is {what}, in VXLAN, to UDP 4789.", sent.startswith(copied))

    def repeat(self, sandbox: Reservation, asked: list[str], created: Ran) -> None:
        """Ask for the same mirror again."""
        self._step("Ask for the same again, as a script that is run twice does")
        before = self._standing()
        self._lab.ec2.clear_calls()
        again = self._script(CREATE, sandbox, *asked)
        writes = self._lab.ec2.writes()
        self._prove(
            "the same session is answered, and nothing is made twice: "
            f"{len(writes) or 'none'} of {len(self._lab.ec2.calls)} calls to EC2 "
            f"wrote; still {self._standing().counted}.",
            again.session_ids == created.session_ids
            and not writes
            and self._standing() == before,
        )

    def fail(self) -> None:
        """Let a call of another sandbox's creation fail."""
        self._step("Let a call to EC2 fail, in another sandbox")
        before = self._standing()
        sandbox = self._lab.deploy("Traffic mirroring fails", dict.fromkeys(APPS))
        self._lab.ec2.clear_calls()
        fault = Fault(
            "CreateTrafficMirrorSession",
            code="TrafficMirrorSessionLimitExceeded",
            message="The account has as many traffic mirror sessions as it may have",
        )
        self._lab.ec2.faults.append(fault)
        failed = self._script(CREATE, sandbox, *APPS)
        self._console.print(call_table(self._lab.ec2.writes()))
        self._prove(
            "the caller is told what failed, and what was made until then is gone; "
            f"still {self._standing().counted}.",
            not failed.succeeded
            and all(fault.code in each["errorMessage"] for each in failed.results)
            and failed.results != []
            and self._standing() == before,
        )

    def remove(self, sandbox: Reservation) -> None:
        """Run the script that removes mirrors, for each target."""
        self._step("Remove the mirror, as a teardown script would")
        removed = [
            self._script(REMOVE, sandbox, "--target-nic", nic)
            for nic in self._target_nics()
        ]
        if removed:
            self._prove(
                "the sessions are gone, and with them all that only they used.",
                all(each.succeeded for each in removed) and self._standing().is_empty,
            )
        else:
            self._console.print("There is nothing to remove.")

    def show_end(self, sandbox: Reservation) -> None:
        """Show that nothing is left."""
        self._step("What is left")
        self._show_world()
        seen = [
            seen
            for nic in self._nics(sandbox)
            for seen in self._send(nic, any_probes(nic.address))
        ]
        self._prove(
            "the world is empty, and no packet is mirrored any more.",
            self._standing().is_empty and not any(each.passage.copy for each in seen),
        )

    def _send(self, nic: Nic, packets: list[Probe]) -> list[Seen]:
        """Send packets past a NIC; return what happened there."""
        subnets = self._lab.client.describe_subnets(SubnetIds=[nic.subnet_id])
        vpc = subnets["Subnets"][0]["VpcId"]
        return [
            Seen(probe, passage)
            for probe in packets
            for passage in self._lab.ec2.carry(probe.packet, vpc)
            if passage.interface_id == nic.id
        ]

    def _is_sound(self) -> bool:
        """Tell whether all that stands belongs to a session."""
        standing, sessions = self._standing(), self._sessions()
        return (
            standing.filters == {each["TrafficMirrorFilterId"] for each in sessions}
            and standing.targets == {each["TrafficMirrorTargetId"] for each in sessions}
            and standing.numbers
            == {
                (each["NetworkInterfaceId"], each["SessionNumber"]) for each in sessions
            }
        )

    def _source_nics(self, sandbox: Reservation) -> list[Nic]:
        sources = {each["NetworkInterfaceId"] for each in self._sessions()}
        return [nic for nic in self._nics(sandbox) if nic.id in sources]

    def _nics(self, sandbox: Reservation) -> list[Nic]:
        return [nic for app in sandbox.apps for nic in app.nics]

    def _target_nics(self) -> list[str]:
        targets = self._lab.client.describe_traffic_mirror_targets()
        return [
            target["NetworkInterfaceId"] for target in targets["TrafficMirrorTargets"]
        ]


def _apps(request: Path | None) -> dict[str, str]:
    """Return Apps by name with their NICs: those that a request file names."""
    if not request:
        return APPS
    nics = re.findall(r"eni-[0-9a-f]{8,17}\b", request.read_text(encoding="utf-8"))
    return {f"app-{number}": nic for number, nic in enumerate(dict.fromkeys(nics), 1)}


def main() -> None:
    """Run the demo from the command line."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--request", type=Path, help="a CreateTrafficMirroring request")
    request = parser.parse_args().request
    if request and not request.is_file():
        sys.exit(f"There is no request file {request}")
    console = Console(highlight=False)
    console.print("Starting EC2 and CloudShell on this machine ...")
    with Lab() as lab:
        sys.exit(0 if Demo(lab, console).run(request) else 1)


if __name__ == "__main__":
    main()
