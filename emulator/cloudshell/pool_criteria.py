"""
The selection criteria of a checkout.

Owns: parsing them. Must not know: which numbers are checked out.

CloudShell does not document the JSON. The case of keys is ignored, because callers with
upper and lower case are known to work.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from emulator.cloudshell.errors import ApiError

NEXT_FROM_RANGE = "NextAvailableNumericFromRange"
SPECIFIC = "SpecificNumeric"
_EXTRA = {NEXT_FROM_RANGE: "requestedrange", SPECIFIC: "requesteditem"}
_COMMON = ("type", "poolid", "reservationid", "ownerid", "isolation")


@dataclass(frozen=True)
class PoolCriteria:
    """A checkout of one of the `candidates`, for an owner in a reservation."""

    type: str
    pool_id: str
    reservation_id: str
    owner_id: str
    candidates: range


def parse_criteria(text: str) -> PoolCriteria:
    """Parse selection criteria; raises ApiError."""
    try:
        fields = _folded(json.loads(text), "selectionCriteriaJson")
    except json.JSONDecodeError as error:
        raise ApiError(f"selectionCriteriaJson is not JSON: {error}") from error
    kind = fields.get("type")
    if kind not in _EXTRA:
        raise ApiError(
            f"Pool request type {kind!r} is unknown, use {', '.join(_EXTRA)}"
        )
    _check_keys(fields, (*_COMMON, _EXTRA[kind]), "selectionCriteriaJson")
    if fields["isolation"] != "Exclusive":
        raise ApiError(f"Isolation {fields['isolation']!r} is unknown, use Exclusive")
    return PoolCriteria(
        type=kind,
        pool_id=_text(fields, "poolid", empty=False),
        reservation_id=_text(fields, "reservationid"),
        owner_id=_text(fields, "ownerid"),
        candidates=_candidates(kind, fields[_EXTRA[kind]]),
    )


def parse_number(value: object, what: str) -> int:
    """Parse a number, a JSON integer or digits; raises ApiError."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    raise ApiError(f"{what} is {value!r}, expected a whole number")


def _candidates(kind: str, details: object) -> range:
    if kind == SPECIFIC:
        item = _folded(details, "requestedItem")
        _check_keys(item, ("value",), "requestedItem")
        number = parse_number(item["value"], "requestedItem.value")
        return range(number, number + 1)
    bounds = _folded(details, "requestedRange")
    _check_keys(bounds, ("start", "end"), "requestedRange")
    start = parse_number(bounds["start"], "requestedRange.start")
    end = parse_number(bounds["end"], "requestedRange.end")
    if start > end:
        raise ApiError(f"requestedRange starts at {start}, after its end {end}")
    return range(start, end + 1)


def _folded(value: object, what: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ApiError(f"{what} must be a JSON object")
    folded = {str(key).lower(): entry for key, entry in value.items()}
    if len(folded) != len(value):
        raise ApiError(f"{what} has two keys that differ only in case")
    return folded


def _check_keys(
    found: Mapping[str, object], expected: tuple[str, ...], what: str
) -> None:
    missing = [key for key in expected if key not in found]
    unknown = [key for key in found if key not in expected]
    if missing or unknown:
        raise ApiError(f"{what}: missing {missing}, unknown {unknown}")


def _text(fields: Mapping[str, object], key: str, *, empty: bool = True) -> str:
    value = fields[key]
    if not isinstance(value, str) or not (value or empty):
        raise ApiError(f"selectionCriteriaJson: {key} is {value!r}, expected text")
    return value
