"""
Run the same commands on both shells, and print what each leaves: `make compare`.

A scenario returns what it saw afterwards: what stands in EC2, which session numbers are
out, what the answers say. It doesn't know which shell it has.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.scene import KINDS, Scene
from benchmarks.side import both_sides

Scenario = Callable[[Scene], str]

# Whoever looks for the cancellation only now and then is to have seconds for it.
_SLOW = 0.1


def _count(left: dict[str, set[Any]]) -> str:
    counts = [_some(len(items), kind) for kind, items in left.items() if items]
    return f"{', '.join(counts) or 'nothing'} left"


def _created_and_removed(scene: Scene) -> str:
    scene.made(*scene.stage.create[:10])
    scene.remove({"targetNicId": scene.target})
    return _count(scene.left())


def _number_in_use(scene: Scene) -> str:
    elsewhere = scene.mirror(10)["actionParams"]["targetNicId"]
    first, living, other = scene.made(
        scene.mirror(0, sessionNumber="7"),
        scene.mirror(0, sessionNumber="8", targetNicId=elsewhere),
        scene.mirror(1, sessionNumber="8"),
    )
    scene.remove({"sessionId": first}, {"sessionId": other})
    source = scene.mirror(0)["actionParams"]["sourceNicId"]
    kept = scene.stands(living) and (source, 8) in scene.numbers
    return "still checked out" if kept else "free for others"


def _source_missing(scene: Scene) -> str:
    missing = scene.mirror(1, sourceNicId="eni-0123456789abcdef0")
    scene.create(scene.mirror(0), missing, scene.mirror(2))
    return f"{len(scene.standing('session'))} made"


def _create_repeated(scene: Scene) -> str:
    for _ in range(2):
        scene.made(scene.mirror(0))
    return _sessions(scene)


def _remove_repeated(scene: Scene) -> str:
    (session,) = scene.made(scene.mirror(0))
    scene.remove({"sessionId": session})
    answer = scene.remove({"sessionId": session})
    return "success" if all(each["success"] for each in answer.results) else "failure"


def _foreign_id(scene: Scene) -> str:
    (session,) = scene.made(scene.mirror(0))
    scene.remove({"sessionId": session}, stage=scene.other)
    return _fate(scene.stands(session))


def _shared_target(scene: Scene) -> str:
    (session,) = scene.made(scene.mirror(0))
    theirs = scene.mirror(0, scene.other, targetNicId=scene.target)
    scene.made(theirs, stage=scene.other)
    scene.remove({"targetNicId": scene.target}, stage=scene.other)
    return _fate(scene.stands(session))


def _found_target(scene: Scene) -> str:
    scene.lab.client.create_traffic_mirror_target(NetworkInterfaceId=scene.target)
    scene.refuse("CreateTrafficMirrorSession", times=None)
    scene.create(scene.mirror(0))
    return _fate(bool(scene.standing("target")))


def _last_refused(scene: Scene) -> str:
    scene.refuse("CreateTrafficMirrorSession", skip=2)
    answer = scene.create(scene.mirror(0), scene.mirror(1), scene.mirror(10))
    return _count(scene.left(answer.sessions))


def _undo_refused(scene: Scene) -> str:
    scene.refuse("CreateTrafficMirrorSession", skip=1)
    scene.refuse("DeleteTrafficMirrorFilter")
    answer = scene.create(scene.mirror(0), scene.mirror(1))
    left = scene.left(answer.sessions)
    ids = [each for kind in KINDS for each in left[kind]]
    unnamed = [each for each in ids if each not in answer.errors]
    return f"{_count(left)}, {f'{len(unnamed)} unnamed' if unnamed else 'named'}"


def _remove_refused(scene: Scene) -> str:
    scene.made(scene.mirror(0), scene.mirror(1))
    scene.refuse("DeleteTrafficMirrorSession", skip=1)
    for _ in range(2):
        scene.remove({"targetNicId": scene.target})
    return _count(scene.left())


def _number_taken(scene: Scene) -> str:
    wanted = scene.mirror(1, sessionNumber="5")
    (other,) = scene.made(wanted, stage=scene.other)
    answer = scene.create(scene.mirror(0), wanted)
    return _count(scene.left([other, *answer.sessions]))


def _ports_misspelt(scene: Scene) -> str:
    action = scene.mirror(0)
    (rule,) = action["actionParams"]["filterRules"]
    rule["destinationPortRange"] = {"type": "PortRange", "from": "443", "to": "443"}
    answer = scene.create(action)
    if not answer.sessions:
        return f"refused{', naming the key' * ('.from:' in answer.errors)}"
    ((made,),) = (each["IngressFilterRules"] for each in scene.standing("filter"))
    return f"ports mirrored: {made.get('DestinationPortRange', 'all')}"


def _type_misspelt(scene: Scene) -> str:
    misspelt = {**scene.mirror(1), "type": "CreateTraficMirroring"}
    answer = scene.create(scene.mirror(0), misspelt)
    return f"{len(answer.results)} of 2 answered" if answer.results else "refused"


def _no_rules(scene: Scene) -> str:
    scene.made(scene.mirror(0, filterRules=[]))
    (made,) = scene.standing("filter")
    return f"{len(made['IngressFilterRules'] + made['EgressFilterRules'])} rules"


def _cancelled(scene: Scene) -> str:
    def cancel(operation: str, _writes: bool) -> None:
        if operation == "CreateTrafficMirrorSession":
            scene.lab.execution.cancel_reservation(scene.stage.reservation)

    scene.lab.ec2.settings.before_call = cancel
    with scene.stage.latency(_SLOW):
        scene.create(*scene.stage.create)
    return _sessions(scene)


def _sessions(scene: Scene) -> str:
    return _some(len(scene.standing("session")), "session")


def _some(count: int, kind: str) -> str:
    return f"{count} {kind}{'s' * (count != 1)}"


def _fate(stands: bool) -> str:
    return "stands" if stands else "deleted"


SCENARIOS: dict[str, Scenario] = {
    "10 mirrors to one target, created and removed": _created_and_removed,
    "a session's number, after a Remove of others beside it": _number_in_use,
    "3 mirrors, the second from a NIC that doesn't exist": _source_missing,
    "the same Create, sent twice": _create_repeated,
    "the same Remove, sent twice: the second answer": _remove_repeated,
    "a session, after another sandbox removed it by its id": _foreign_id,
    "a session, after another sandbox removed by the same target NIC": _shared_target,
    "a target that another tool made, after a Create that failed": _found_target,
    "3 mirrors to 2 targets, EC2 refuses the last session": _last_refused,
    "a Create that fails, and a delete of its undoing too": _undo_refused,
    "a Remove that EC2 refuses midway, sent again": _remove_refused,
    "2 mirrors, the number of the second is taken": _number_taken,
    "a port range with from and to for fromPort and toPort": _ports_misspelt,
    "2 actions, the type of the second misspelt": _type_misspelt,
    "a mirror without filterRules (AWS mirrors what rules accept)": _no_rules,
    "20 mirrors, cancelled at the first session": _cancelled,
}


def observe(scenario: Scenario, scene: Scene) -> str:
    """Run a scenario; leave EC2 and the pools as they were."""
    scene.lab.ec2.clear_calls()
    try:
        seen = scenario(scene)
        scene.check_refusals()
        return seen
    finally:
        scene.clear()


def main() -> None:
    """Observe every scenario on both sides, and print what was seen."""
    plain = not sys.stdout.isatty()
    console = Console(width=160 if plain else None, highlight=False)
    style = box.MARKDOWN if plain else box.SIMPLE_HEAD
    table = Table("", "this shell", "cloudshell-cp-aws 3.6.3", box=style)
    progress = Console(stderr=True, highlight=False)
    progress.print("First pip installs both drivers, which takes a minute or more.")
    with both_sides("3.9") as (lab, sides):
        scenes = [Scene(lab, side) for side in sides]
        for what, scenario in SCENARIOS.items():
            progress.print(what)
            table.add_row(what, *(observe(scenario, scene) for scene in scenes))
    console.print(table)


if __name__ == "__main__":
    main()
