"""
Requests for property-based tests: near a valid one, or arbitrary JSON and text.

Owns Hypothesis's strategies of requests. Must not know what is checked.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from reliability.request_names import NAMES

_Strategy = st.SearchStrategy[Any]

JSON: _Strategy = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=3), inner)
    ),
    max_leaves=8,
)

_CIDR = st.one_of(
    st.ip_addresses().map(str),
    st.tuples(st.ip_addresses(v=4), st.integers(0, 32)).map("{0[0]}/{0[1]}".format),
    st.tuples(st.ip_addresses(v=6), st.integers(0, 128)).map("{0[0]}/{0[1]}".format),
)


def _number(lowest: int, highest: int) -> _Strategy:
    integers = st.integers(lowest, highest)
    return integers | integers.map(str) | integers.map(lambda number: f" {number}\n")


def _id(prefix: str) -> _Strategy:
    return st.from_regex(f"{prefix}-[0-9a-f]{{8,17}}", fullmatch=True)


def _text(longest: int) -> _Strategy:
    # Of all planes, but without control characters and surrogates.
    return st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=longest)


class _Actions:
    """Builds actions; with `loose`, any value may be replaced by arbitrary JSON."""

    def __init__(self, *, loose: bool) -> None:
        self._loose = loose

    def of_all_commands(self) -> list[_Strategy]:
        """Return a strategy for the actions of each command."""
        create = st.just("CreateTrafficMirroring")
        remove, get, cleanup = map(
            st.just, ("RemoveTrafficMirroring", "GetTrafficMirroring", "CleanupNetwork")
        )
        optional = {"actionId": _text(40)}
        return [
            self._object({"type": create, "actionParams": self._params()}, optional),
            self._object({"type": remove, "sessionId": _id("tms")}, optional),
            self._object({"type": remove, "targetNicId": _id("eni")}, optional),
            self._object({"type": get}, optional),
            self._object({"type": cleanup}, optional),
        ]

    def _params(self) -> _Strategy:
        return self._object(
            {"sourceNicId": _id("eni"), "targetNicId": _id("eni")},
            {
                "sessionNumber": _number(1, 32766),
                "filterRules": st.lists(self._any_of(self._rule()), max_size=10),
                "packetLength": _number(1, 8500),
                "virtualNetworkId": _number(1, 16777215),
                "description": _text(255),
                "networkServices": st.lists(st.just("amazon-dns"), max_size=10),
                "tags": st.dictionaries(_text(127), _text(256), max_size=40),
                "dryRun": st.booleans(),
            },
        )

    def _rule(self) -> _Strategy:
        required = {
            "direction": st.sampled_from(["ingress", "EGRESS", " ingress "]),
            "protocol": st.sampled_from(["tcp", "UDP", "all", -1]) | _number(1, 255),
        }
        optional = {
            "ruleAction": st.sampled_from(["accept", "reject"]),
            "description": _text(255),
            "sourceCidr": _CIDR,
        }
        ports = self._object({"fromPort": st.just(7), "toPort": _number(7, 65535)}, {})
        of_ports = {"protocol": st.sampled_from(["tcp", 17]), "sourcePortRange": ports}
        return self._object(required, optional) | self._object(
            {**required, **of_ports}, {"destinationPortRange": ports}
        )

    def _object(
        self, required: dict[str, _Strategy], optional: dict[str, _Strategy]
    ) -> _Strategy:
        return st.fixed_dictionaries(
            {name: self._any_of(values) for name, values in required.items()},
            optional={name: self._any_of(values) for name, values in optional.items()},
        )

    def _any_of(self, values: _Strategy) -> _Strategy:
        return st.one_of(*[values] * 5, JSON) if self._loose else values


def _request(actions: object) -> str:
    return json.dumps({"driverRequest": {"actions": actions}})


REQUESTS: st.SearchStrategy[str] = st.one_of(
    *(
        st.lists(action, min_size=1, max_size=3).map(_request)
        for loose in (False, True)
        for action in _Actions(loose=loose).of_all_commands()
    ),
    st.lists(JSON, max_size=3).map(_request),
    JSON.map(json.dumps),
    st.text(max_size=20),
)
"""Texts of requests: valid ones, nearly valid ones, and others."""
