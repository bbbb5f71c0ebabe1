"""
Runs the same commands on both shells and prints what each leaves: `make compare`.

A comparison runs commands and returns a text about the result: what exists in EC2,
which session numbers are checked out, what the answers say. It doesn't know the shell.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.contenders import THIS_SHELL, TODAYS, lab_with
from benchmarks.scenario import KINDS, Scenario

Comparison = Callable[[Scenario], str]

# Latency, so that a shell that checks for cancellation only sometimes has time for it.
_LATENCY = 0.1


def _count(leftovers: dict[str, set[Any]]) -> str:
    counts = [_plural(len(items), kind) for kind, items in leftovers.items() if items]
    return f"{', '.join(counts) or 'nothing'} left"


def _created_and_removed(scenario: Scenario) -> str:
    scenario.create_all(*scenario.workload.create[:10])
    scenario.remove({"targetNicId": scenario.target})
    return _count(scenario.leftovers())


def _number_in_use(scenario: Scenario) -> str:
    elsewhere = scenario.mirror(10)["actionParams"]["targetNicId"]
    first, kept, other = scenario.create_all(
        scenario.mirror(0, sessionNumber="7"),
        scenario.mirror(0, sessionNumber="8", targetNicId=elsewhere),
        scenario.mirror(1, sessionNumber="8"),
    )
    scenario.remove({"sessionId": first}, {"sessionId": other})
    source = scenario.mirror(0)["actionParams"]["sourceNicId"]
    in_use = scenario.exists(kept) and (source, 8) in scenario.numbers
    return "still checked out" if in_use else "free for others"


def _source_missing(scenario: Scenario) -> str:
    missing = scenario.mirror(1, sourceNicId="eni-0123456789abcdef0")
    scenario.create(scenario.mirror(0), missing, scenario.mirror(2))
    return f"{len(scenario.find('session'))} created"


def _create_repeated(scenario: Scenario) -> str:
    for _ in range(2):
        scenario.create_all(scenario.mirror(0))
    return _sessions(scenario)


def _remove_repeated(scenario: Scenario) -> str:
    (session,) = scenario.create_all(scenario.mirror(0))
    scenario.remove({"sessionId": session})
    answer = scenario.remove({"sessionId": session})
    return "success" if all(each["success"] for each in answer.results) else "failure"


def _remove_by_foreign_id(scenario: Scenario) -> str:
    (session,) = scenario.create_all(scenario.mirror(0))
    scenario.remove({"sessionId": session}, workload=scenario.other)
    return _fate(scenario.exists(session))


def _remove_by_target(scenario: Scenario) -> str:
    (session,) = scenario.create_all(scenario.mirror(0))
    theirs = scenario.mirror(0, scenario.other, targetNicId=scenario.target)
    scenario.create_all(theirs, workload=scenario.other)
    scenario.remove({"targetNicId": scenario.target}, workload=scenario.other)
    return _fate(scenario.exists(session))


def _existing_target(scenario: Scenario) -> str:
    scenario.lab.client.create_traffic_mirror_target(NetworkInterfaceId=scenario.target)
    scenario.fail("CreateTrafficMirrorSession", times=None)
    scenario.create(scenario.mirror(0))
    return _fate(bool(scenario.find("target")))


def _last_session_fails(scenario: Scenario) -> str:
    scenario.fail("CreateTrafficMirrorSession", skip=2)
    answer = scenario.create(
        scenario.mirror(0), scenario.mirror(1), scenario.mirror(10)
    )
    return _count(scenario.leftovers(answer.sessions))


def _rollback_fails(scenario: Scenario) -> str:
    scenario.fail("CreateTrafficMirrorSession", skip=1)
    scenario.fail("DeleteTrafficMirrorFilter")
    answer = scenario.create(scenario.mirror(0), scenario.mirror(1))
    leftovers = scenario.leftovers(answer.sessions)
    ids = [each for kind in KINDS for each in leftovers[kind]]
    unreported = [each for each in ids if each not in answer.errors]
    report = f"{len(unreported)} unreported" if unreported else "reported"
    return f"{_count(leftovers)}, {report}"


def _remove_fails(scenario: Scenario) -> str:
    scenario.create_all(scenario.mirror(0), scenario.mirror(1))
    scenario.fail("DeleteTrafficMirrorSession", skip=1)
    for _ in range(2):
        scenario.remove({"targetNicId": scenario.target})
    return _count(scenario.leftovers())


def _rule_deleted(scenario: Scenario) -> str:
    scenario.create_all(scenario.mirror(0))
    ((rule,),) = (each["IngressFilterRules"] for each in scenario.find("filter"))
    scenario.lab.client.delete_traffic_mirror_filter_rule(
        TrafficMirrorFilterRuleId=rule["TrafficMirrorFilterRuleId"]
    )
    answer = scenario.create(scenario.mirror(0))
    if answer.sessions:
        return f"{_sessions(scenario)}, success"
    return "reported" if "rule 1 is absent" in answer.errors else "another error"


def _session_deleted(scenario: Scenario) -> str:
    (session,) = scenario.create_all(scenario.mirror(0, sessionNumber="5"))
    scenario.lab.client.delete_traffic_mirror_session(TrafficMirrorSessionId=session)
    again = scenario.create(scenario.mirror(0, sessionNumber="5"))
    scenario.remove({"targetNicId": scenario.target})
    outcome = "created again" if again.sessions else "refused"
    return f"{outcome}, then {_count(scenario.leftovers())}"


def _shared_target(scenario: Scenario) -> str:
    scenario.create_all(scenario.mirror(0))
    theirs = scenario.mirror(0, scenario.other, targetNicId=scenario.target)
    scenario.create_all(theirs, workload=scenario.other)
    for workload in (scenario.workload, scenario.other):
        scenario.remove({"targetNicId": scenario.target}, workload=workload)
    return _count(scenario.leftovers())


def _created_at_once(scenario: Scenario) -> str:
    theirs = scenario.mirror(0, scenario.other, targetNicId=scenario.target)
    commands = [
        lambda: scenario.create(scenario.mirror(0)),
        lambda: scenario.create(theirs, workload=scenario.other),
    ]
    with scenario.workload.latency(_LATENCY), ThreadPoolExecutor() as threads:
        running = [threads.submit(command) for command in commands]
    created = sum(len(each.result().sessions) for each in running)
    targets = _plural(len(scenario.find("target")), "target")
    return f"{created} of 2 created, {targets}"


def _number_taken(scenario: Scenario) -> str:
    wanted = scenario.mirror(1, sessionNumber="5")
    (other,) = scenario.create_all(wanted, workload=scenario.other)
    answer = scenario.create(scenario.mirror(0), wanted)
    return _count(scenario.leftovers([other, *answer.sessions]))


def _ports_misspelt(scenario: Scenario) -> str:
    action = scenario.mirror(0)
    (rule,) = action["actionParams"]["filterRules"]
    rule["destinationPortRange"] = {"type": "PortRange", "from": "443", "to": "443"}
    answer = scenario.create(action)
    if not answer.sessions:
        return f"rejected{', naming the key' * ('.from:' in answer.errors)}"
    ((created,),) = (each["IngressFilterRules"] for each in scenario.find("filter"))
    return f"ports mirrored: {created.get('DestinationPortRange', 'all')}"


def _type_misspelt(scenario: Scenario) -> str:
    misspelt = {**scenario.mirror(1), "type": "CreateTraficMirroring"}
    answer = scenario.create(scenario.mirror(0), misspelt)
    return f"{len(answer.results)} of 2 answered" if answer.results else "rejected"


def _no_rules(scenario: Scenario) -> str:
    scenario.create_all(scenario.mirror(0, filterRules=[]))
    (mirror_filter,) = scenario.find("filter")
    rules = mirror_filter["IngressFilterRules"] + mirror_filter["EgressFilterRules"]
    return f"{len(rules)} rules"


def _cancelled(scenario: Scenario) -> str:
    def cancel(operation: str, _writes: bool) -> None:
        if operation == "CreateTrafficMirrorSession":
            scenario.lab.execution.cancel_reservation(scenario.workload.reservation)

    scenario.lab.ec2.settings.before_call = cancel
    with scenario.workload.latency(_LATENCY):
        scenario.create(*scenario.workload.create)
    return _sessions(scenario)


def _sessions(scenario: Scenario) -> str:
    return _plural(len(scenario.find("session")), "session")


def _plural(count: int, kind: str) -> str:
    return f"{count} {kind}{'s' * (count != 1)}"


def _fate(exists: bool) -> str:
    return "kept" if exists else "deleted"


COMPARISONS: dict[str, Comparison] = {
    "10 mirrors to one target, created and removed": _created_and_removed,
    "a session's number, after other sessions were removed": _number_in_use,
    "3 mirrors, the second from a NIC that doesn't exist": _source_missing,
    "the same Create, sent twice": _create_repeated,
    "the same Remove, sent twice: the second answer": _remove_repeated,
    "a session, after another sandbox's Remove by its id": _remove_by_foreign_id,
    "a session, after another sandbox's Remove by its target NIC": _remove_by_target,
    "another tool's target, after a failed Create": _existing_target,
    "3 mirrors to 2 targets, EC2 rejects the last session": _last_session_fails,
    "a failed Create, with a failed delete in its rollback": _rollback_fails,
    "a Remove that fails midway, sent again": _remove_fails,
    "a mirror whose rule was deleted in the AWS console, sent again": _rule_deleted,
    "a session deleted in the AWS console, sent again, removed": _session_deleted,
    "2 sandboxes mirror to one target, one after the other, and remove": _shared_target,
    "2 sandboxes mirror to one target NIC at the same moment": _created_at_once,
    "2 mirrors, the second one's number is in use": _number_taken,
    "a port range with from and to for fromPort and toPort": _ports_misspelt,
    "2 actions, the type of the second misspelt": _type_misspelt,
    "a mirror without filterRules (AWS mirrors what rules accept)": _no_rules,
    "20 mirrors, cancelled at the first session": _cancelled,
}


def observe(compare: Comparison, scenario: Scenario) -> str:
    """Run a comparison; leave EC2 and the pools empty."""
    scenario.lab.ec2.clear_calls()
    try:
        result = compare(scenario)
        scenario.check_faults_hit()
        return result
    finally:
        scenario.clear()


def main() -> None:
    """Run every comparison on both shells and print the results."""
    plain = not sys.stdout.isatty()
    console = Console(width=160 if plain else None, highlight=False)
    style = box.MARKDOWN if plain else box.SIMPLE_HEAD
    table = Table("", THIS_SHELL, "cloudshell-cp-aws 3.6.3", box=style)
    progress = Console(stderr=True, highlight=False)
    progress.print("Installing both drivers with pip takes a minute or more.")
    with lab_with(TODAYS, "3.9") as (lab, shells):
        scenarios = [Scenario(lab, shell) for shell in shells]
        for title, compare in COMPARISONS.items():
            progress.print(title)
            table.add_row(
                title, *(observe(compare, scenario) for scenario in scenarios)
            )
    console.print(table)


if __name__ == "__main__":
    main()
