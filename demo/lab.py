"""
`make lab`: EC2 and CloudShell on this machine, until they are interrupted.

Owns: what is printed for scripts and the AWS command line, and the end.
Must not know: mirroring.
"""

from __future__ import annotations

import gc
import shlex
import signal
import sys
from threading import Event

from demo.walkthrough import APPS, CREATE, SHOW
from emulator.cloudshell import ADMIN, AddressesInUseError, Reservation
from emulator.lab import ACCESS_KEY, Lab
from tools.checkout import ROOT

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> None:
    """Run the lab until the process is interrupted or terminated."""
    ended = Event()
    for each in _ENDING:
        signal.signal(each, lambda *_: ended.set())
    _print("Starting EC2 and CloudShell on this machine ...")
    try:
        with Lab() as lab:
            # The garbage collector need not look at what was imported again and again.
            gc.freeze()
            sandbox = lab.deploy("Traffic mirroring lab", APPS)
            _print(*introduction(lab, sandbox))
            ended.wait()
    except AddressesInUseError as error:
        sys.exit(str(error))
    _print("", "EC2 and CloudShell have ended, and everything in them is gone.")


def introduction(lab: Lab, sandbox: Reservation) -> list[str]:
    """Return lines to read and to paste into a shell."""
    python = shlex.quote(sys.executable)
    scripts = [shlex.quote(str(ROOT / "examples" / name)) for name in (CREATE, SHOW)]
    apps = [f"{app.name} ({app.nics[0].id})" for app in sandbox.apps]
    return [
        "",
        f"A sandbox has the Apps {' and '.join(apps)}. Paste this into another shell:",
        "",
        *(f"export {name}={value}" for name, value in exports(lab, sandbox).items()),
        "unset AWS_PROFILE AWS_SESSION_TOKEN",
        "",
        "The scripts of examples/ and the AWS command line then use this lab:",
        "",
        f"{python} {scripts[0]} $SANDBOX {' '.join(APPS)}",
        f"{python} {scripts[1]} $SANDBOX",
        "aws ec2 describe-traffic-mirror-sessions",
        "",
        "Press Ctrl-C to end the lab.",
    ]


def exports(lab: Lab, sandbox: Reservation) -> dict[str, str]:
    """Return the variables of scripts and of AWS's programs."""
    return {
        "SANDBOX": sandbox.id,
        "CLOUDSHELL_SERVER": lab.cloudshell.host,
        "CLOUDSHELL_USER": ADMIN.name,
        "CLOUDSHELL_PASSWORD": ADMIN.password,
        "CLOUDSHELL_DOMAIN": sandbox.domain,
        "AWS_ENDPOINT_URL": lab.ec2.endpoint_url,
        "AWS_REGION": lab.ec2.region,
        "AWS_DEFAULT_REGION": lab.ec2.region,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": "invented",
    }


def _print(*lines: str) -> None:
    print(*lines, sep="\n", flush=True)  # noqa: T201 - this is its output


if __name__ == "__main__":
    main()
