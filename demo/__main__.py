"""
`make demo`: create and remove a mirror on the emulator.

Owns: the command line. Must not know: the steps.
"""

from __future__ import annotations

import argparse
import gc
import sys
from pathlib import Path

from rich.console import Console

from demo import walkthrough
from demo.pcap import write_pcap
from demo.request import UnreadableRequestError, read_request
from demo.walkthrough import Demo
from emulator.cloudshell import AddressesInUseError
from emulator.lab import Lab


def main() -> None:
    """Run the demo from the command line."""
    parser = argparse.ArgumentParser(prog="make demo", description=walkthrough.__doc__)
    parser.add_argument("--request", type=Path, help="a CreateTrafficMirroring request")
    parser.add_argument("--pcap", type=Path, help="write the copies to this file")
    arguments = parser.parse_args()
    try:
        request = read_request(arguments.request) if arguments.request else None
    except UnreadableRequestError as error:
        sys.exit(str(error))
    console = Console(highlight=False)
    console.print("Starting EC2 and CloudShell on this machine ...")
    try:
        with Lab() as lab:
            # The garbage collector need not look at what was imported again and again.
            gc.freeze()
            all_true = Demo(lab, console).run(request)
            if arguments.pcap:
                _write_pcap(lab, arguments.pcap, console)
    except AddressesInUseError as error:
        sys.exit(str(error))
    sys.exit(0 if all_true else 1)


def _write_pcap(lab: Lab, file: Path, console: Console) -> None:
    try:
        count = write_pcap(lab, file)
    except OSError as error:
        sys.exit(f"The copies can't be written to {file}: {error.strerror}")
    console.print(f"\nCopies written to {file}, for Wireshark: {count}.")


if __name__ == "__main__":
    main()
