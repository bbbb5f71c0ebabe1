"""
`make demo`: create and remove a mirror on the emulator.

Owns: the command line. Must not know: the steps.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from demo import walkthrough
from demo.walkthrough import Demo
from emulator.lab import Lab


def main() -> None:
    """Run the demo from the command line."""
    parser = argparse.ArgumentParser(prog="make demo", description=walkthrough.__doc__)
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
