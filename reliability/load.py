"""
Twenty sandboxes at the same moment in one driver process, and two thousand in a row.

`make load`; `ARGS="--sandboxes 20 --actions 25 --served 2000"`. The process must do all
work, mix nothing up, and be as small afterwards as before.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from emulator.ec2 import TokenBuckets
from emulator.lab import Lab
from reliability.at_once import MixedUp, SandboxesAtOnce, serve_sandboxes
from reliability.driver_process import COUNTING_DRIVER, Size, find_growth, size

_LATENCY = 0.02
_FEW = 20


def main() -> int:
    """Print times and sizes; return 1 if a command failed or the process grew."""
    options = _options()
    try:
        growths = [_at_once(options), _in_a_row(options)]
    except MixedUp as error:
        print(f"FAILED: {error}")
        return 1
    for growth in growths:
        if growth:
            print(f"GREW: {growth}")
    print(
        f"Load: {options.sandboxes} sandboxes x {options.actions} mirrors at once, "
        f"slow and throttled, and {options.served} sandboxes in a row; failed: 0, "
        f"grew: {'yes' if any(growths) else 'no'}"
    )
    return int(any(growths))


def _at_once(options: argparse.Namespace) -> str | None:
    """Run all sandboxes at once, with latency and then with EC2's own limits."""
    with Lab(driver_folder=COUNTING_DRIVER) as lab:
        load = SandboxesAtOnce(lab, options.sandboxes, options.actions)
        lab.ec2.settings.latency = _LATENCY
        # The first round also makes what a process keeps, such as connections.
        _run(load, "to warm up")
        before = _print_size("after the first round", lab)
        _run(load, f"at {1000 * _LATENCY:.0f} ms per call")
        after = _print_size("after the second round", lab)
        lab.ec2.settings.throttle = TokenBuckets()
        lab.ec2.clear_calls()
        _run(load, "with EC2's limits")
        throttled = sum(
            call.error_code == "RequestLimitExceeded" for call in lab.ec2.calls
        )
        print(f"EC2 throttled {throttled} of {len(lab.ec2.calls)} calls")
        lab.ec2.settings.throttle = None
        last = _print_size("after the throttled round", lab)
        load.check_logs()
    return find_growth(before, after) or find_growth(before, last)


def _run(load: SandboxesAtOnce, how: str) -> None:
    with _timed(f"All mirrors created {how}"):
        load.create()
    with _timed(f"All sandboxes cleaned up {how}"):
        load.clean_up()


def _in_a_row(options: argparse.Namespace) -> str | None:
    with Lab(driver_folder=COUNTING_DRIVER) as lab:
        serve_sandboxes(lab, _FEW)
        few = _print_size(f"after {_FEW} sandboxes", lab)
        with _timed(f"{options.served - _FEW} more sandboxes served"):
            serve_sandboxes(lab, options.served - _FEW)
        return find_growth(few, _print_size(f"after {options.served} sandboxes", lab))


def _print_size(when: str, lab: Lab) -> Size:
    found = size(lab)
    print(f"{when:28} {found}", flush=True)
    return found


@contextmanager
def _timed(what: str) -> Iterator[None]:
    started = time.monotonic()
    yield
    print(f"{what}: {time.monotonic() - started:.1f} s", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sandboxes", type=int, default=20)
    parser.add_argument("--actions", type=int, default=25)
    parser.add_argument("--served", type=int, default=2000)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
