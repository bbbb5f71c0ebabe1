"""
Random changes to the structure of a JSON text.

Owns the values that are put in. Must not know requests: names come from the caller.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 65536, 10**39, 10**41, 1.5, 1e308, -0.0),
    *("", " ", "0", "007", "-1", "all", "*", "%s%n", "{0.__class__}", "aws:x", "py/id"),
    *("\x00", "a\nb", "\x7f", "\x85", "\u2028", "\ud800", "\ufffe", "\U0010ffff"),
    *("10.0.0.1/8", "::/0", "::ffff:10.0.0.1", "fe80::1%eth0", "\u0661", "x" * 300),
    *([], {}, [[]], [{}], {"": ""}, {"py/object": "os.system"}),
)
_Place = tuple[Any, Any]


def mutate_json(text: str, names: Sequence[str], choose: random.Random) -> str:
    """
    Return the text with one to four changes; `names` are likely keys and values.

    Raises ValueError if the text isn't JSON.
    """
    holder = [json.loads(text)]
    for _ in range(choose.randint(1, 4)):
        _change(holder, names, choose)
    return json.dumps(holder[0])


def _change(holder: list[Any], names: Sequence[str], choose: random.Random) -> None:
    places = _places(holder)
    outer, step = choose.choice(places)
    value = outer[step]
    change = choose.randrange(6)
    if change == 0:
        outer[step] = deepcopy(choose.choice([*_VALUES, choose.choice(names)]))
    elif change == 1:
        other, other_step = choose.choice(places)
        outer[step] = deepcopy(other[other_step])
    elif change == 2 and outer is not holder:
        del outer[step]
    elif change == 3 and isinstance(outer, dict):
        outer[choose.choice([*names, str(step).swapcase()])] = outer.pop(step)
    elif change == 4 and isinstance(value, dict):
        value[choose.choice(names)] = deepcopy(choose.choice(_VALUES))
    elif isinstance(value, list) and value:
        value += deepcopy(value[: choose.randint(1, 12)])
    else:
        outer[step] = str(value) if change == 5 else [value]


def _places(holder: list[Any]) -> list[_Place]:
    """Return every value of a JSON document, as its container and its key or index."""
    places: list[_Place] = []
    containers: list[Any] = [holder]
    while containers:
        container = containers.pop()
        steps = container if isinstance(container, dict) else range(len(container))
        for step in steps:
            places.append((container, step))
            if isinstance(container[step], (dict, list)):
                containers.append(container[step])
    return places
