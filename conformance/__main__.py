"""
The entry of `make conformance`: in the emulator, or in an AWS account.

Owns: the options, and running the emulator. Must not know: the behaviors.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from botocore.exceptions import BotoCoreError, ClientError

from conformance.account import Account, Chosen, NotUsable, open_account, own_clients
from conformance.behavior import Behavior
from conformance.catalogue import matching
from conformance.console import NOT_STARTED, Expected, Terminal, run_and_report
from conformance.emulated import as_in_an_account, emulated_calls, emulated_place
from conformance.observe import observe_all
from conformance.report import exit_code, figures, lines_of
from conformance.verdicts import judge_emulator
from emulator.ec2 import Ec2Emulator


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the behaviors; return 1 if one is different or something is left."""
    options = _parse(arguments)
    behaviors = matching(options.only)
    if not options.real:
        return _report_emulator(behaviors)
    balancer, endpoint = options.balancer or None, options.endpoint or None
    try:
        account = open_account(
            Chosen(options.source, options.target, balancer, endpoint), own_clients()
        )
    except (NotUsable, BotoCoreError, ClientError) as error:
        print(f"Nothing was created: {error}")
        return NOT_STARTED
    expected = _expect(account, behaviors)
    terminal = Terminal(sys.stdin, sys.stdout, asks=not options.yes)
    return run_and_report(account, behaviors, expected, terminal)


def _report_emulator(behaviors: Sequence[Behavior]) -> int:
    with Ec2Emulator() as emulator:
        place = emulated_place(emulator)
        observations = observe_all(behaviors, place, emulated_calls(place))
    judgements = [judge_emulator(each, observations[each.id]) for each in behaviors]
    for judgement in judgements:
        print(*lines_of(judgement), sep="\n")
    print(figures(judgements))
    return exit_code(judgements)


def _expect(account: Account, behaviors: Sequence[Behavior]) -> Expected:
    """Try the behaviors in the emulator, with what the account offers."""
    with Ec2Emulator() as emulator:
        place = as_in_an_account(emulated_place(emulator), account.place)
        calls = emulated_calls(place)
        return Expected(observe_all(behaviors, place, calls), calls.counts)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="conformance")
    parser.add_argument("--only", metavar="PATTERN", help="ids of behaviors, with *")
    parser.add_argument("--real", action="store_true", help="in an AWS account")
    parser.add_argument("--source", metavar="ENI", help="the interface to mirror")
    parser.add_argument("--target", metavar="ENI", help="the interface to mirror to")
    parser.add_argument("--balancer", metavar="ARN", help="a network load balancer")
    parser.add_argument("--endpoint", metavar="VPCE", help="a Gateway Load Balancer's")
    parser.add_argument("--yes", action="store_true", help="don't ask")
    options = parser.parse_args(arguments)
    if options.real and not (options.source and options.target):
        parser.error("REAL=1 needs SOURCE=eni-... and TARGET=eni-...")
    return options


if __name__ == "__main__":
    sys.exit(main())
