"""The settings of the emulator that decide what AWS leaves open."""

from __future__ import annotations

from collections.abc import Callable

from emulator.ec2.settings import Lag, Settings


def _second_targets(settings: Settings) -> None:
    settings.second_targets = True


def _equal_sessions(settings: Settings) -> None:
    settings.equal_sessions = True


def _protocol_0(settings: Settings) -> None:
    settings.protocol_0_is_all = True


def _ids_first(settings: Settings) -> None:
    settings.ids_before_permissions = True


def _empty_filters(settings: Settings) -> None:
    settings.empty_filters = True


def _balancers_as_sources(settings: Settings) -> None:
    settings.source_requesters |= {"amazon-elb"}


def _unsupported_types(settings: Settings) -> None:
    settings.unsupported_source_types = frozenset({"t2.micro"})


def _in_use_for_a_while(settings: Settings) -> None:
    settings.in_use_lag = Lag(requests=2)


# For each setting: how to change it, and what is observed then.
SETTINGS_OF_GUESSES: dict[str, tuple[Callable[[Settings], None], dict[str, str]]] = {
    "second_targets": (
        _second_targets,
        {
            "second-target-on-an-interface": "accepted",
            "second-target-on-a-load-balancer": "accepted",
            "second-target-on-an-endpoint": "accepted",
        },
    ),
    "ids_before_permissions": (
        _ids_first,
        {
            "dry-run-on-an-unknown-id": (
                "refused: InvalidTrafficMirrorTargetId.NotFound, "
                "refused: InvalidTrafficMirrorFilterId.NotFound, "
                "refused: InvalidTrafficMirrorSessionId.NotFound"
            ),
            "dry-run-on-an-unknown-id-without-permission": (
                "refused: InvalidTrafficMirrorFilterId.NotFound"
            ),
        },
    ),
    "equal_sessions": (
        _equal_sessions,
        {"sessions-with-equal-target-and-filter": "accepted"},
    ),
    "protocol_0_is_all": (
        _protocol_0,
        {"rule-with-protocol-0": "accepted, shown with protocol absent"},
    ),
    "empty_filters": (
        _empty_filters,
        {"filter-without-values": "accepted, finds nothing"},
    ),
    "source_requesters": (
        _balancers_as_sources,
        {"source-of-a-load-balancer": "accepted"},
    ),
    "unsupported_source_types": (
        _unsupported_types,
        {"source-of-a-type-without-mirroring": "refused: UnsupportedOperation"},
    ),
    "in_use_lag": (
        _in_use_for_a_while,
        {
            "deletion-right-after-the-session": (
                "refused: TrafficMirrorFilterInUse, refused: TrafficMirrorTargetInUse"
            )
        },
    ),
}
