"""A source and a capture machine: two network namespaces, joined by a cable."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from scapy.utils import rdpcap

SENDER = Path(__file__).with_name("send_ip_packets.py")
TIMEOUT = 60


def need_program(name: str) -> str:
    """Return the path of a program; skip the test if it is not installed."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


def run(*command: str, text: str | None = None) -> str:
    """Run a command, which must succeed; return its standard output."""
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, timeout=TIMEOUT
    )
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout


class Machine:
    """A network namespace whose interface eth0 has an MTU of 9001, as in EC2."""

    def __init__(self, name: str, address: str) -> None:
        self.name, self.address = name, address
        self._enter = (need_program("ip"), "netns", "exec", name)

    def run(self, script: str) -> str:
        """Run a shell script on the machine; return its standard output."""
        return run(*self._enter, "sh", "-ec", script)

    def send(self, packets: Sequence[bytes]) -> None:
        """Send IP packets as they are."""
        lines = "\n".join(packet.hex() for packet in packets)
        run(*self._enter, sys.executable, str(SENDER), text=lines)

    @contextmanager
    def capture(self, command: str, folder: Path, count: int) -> Iterator[list]:
        """
        Run a tcpdump command until it has captured a number of packets.

        After the block, the list has the captured packets.
        """
        file, captured = folder / "captured.pcap", []
        program, arguments = command.split(maxsplit=1)
        with self.start(f"{program} -c {count} -w {file} {arguments}") as tcpdump:
            yield captured
            tcpdump.communicate(timeout=TIMEOUT)
        captured += rdpcap(str(file))

    @contextmanager
    def start(self, command: str) -> Iterator[subprocess.Popen[str]]:
        """Run a tcpdump command during the block, which begins when it listens."""
        need_program("tcpdump")
        with subprocess.Popen(
            [*self._enter, "sh", "-c", f"exec {command}"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as tcpdump:
            try:
                messages = iter(tcpdump.stderr.readline, "")
                assert any("listening on" in line for line in messages)
                yield tcpdump
            finally:
                tcpdump.terminate()


@contextmanager
def cabled_machines(source: str, target: str) -> Iterator[tuple[Machine, Machine]]:
    """Create machines with these addresses; skip the test if that isn't possible."""
    ip = need_program("ip")
    names = [f"mirror-{role}-{os.getpid()}" for role in ("source", "target")]
    machines = Machine(names[0], source), Machine(names[1], target)
    created = []
    try:
        for name in names:
            _run_or_skip(ip, "netns", "add", name)
            created.append(name)
        end = "eth0 mtu 9001"
        cable = f"link add {end} type veth peer name {end} netns {names[1]}"
        _run_or_skip(ip, "-n", names[0], *cable.split())
        _run_or_skip(ip, "-n", names[1], *"link add vxlan1 type vxlan id 1".split())
        run(ip, "-n", names[1], *"link delete vxlan1".split())
        for machine, other in (machines, machines[::-1]):
            address = f"address add {machine.address} peer {other.address} dev eth0"
            run(ip, "-n", machine.name, *address.split())
        for name in names:
            run(ip, "-n", name, *"link set eth0 up".split())
        yield machines
    finally:
        for name in created:
            run(ip, "netns", "delete", name)


def _run_or_skip(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT)
    if done.returncode:
        pytest.skip(f"{' '.join(command[1:])}: {done.stderr.strip()}")
