"""
Owns: turning the names of Apps in Create actions into the ids of their NICs.

Must not know: EC2, CloudShell's API.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Union

from traffic_mirroring.errors import MirrorRejected, TrafficMirroringError
from traffic_mirroring.flows.context import CommandContext
from traffic_mirroring.models import AppName, CreateAction, Destination, NamedAction
from traffic_mirroring.sandbox.apps import SandboxApps

Requested = Union[CreateAction, NamedAction]


def resolve_names(
    context: CommandContext, requested: Mapping[int, Requested]
) -> tuple[dict[int, CreateAction], dict[int, TrafficMirroringError]]:
    """
    Return the actions with NICs, and why others have none, both by their index.

    The sandbox's Apps are looked up once, and only if an action names one. If the
    look-up fails, only these actions fail.
    """
    actions = {
        index: each
        for index, each in requested.items()
        if isinstance(each, CreateAction)
    }
    named = {
        index: each
        for index, each in requested.items()
        if isinstance(each, NamedAction)
    }
    if not named:
        return actions, {}
    try:
        apps = context.find_apps()
    except TrafficMirroringError as error:
        return actions, dict.fromkeys(named, error)
    errors: dict[int, TrafficMirroringError] = {}
    for index, action in named.items():
        try:
            actions[index] = _resolve(action, apps)
        except MirrorRejected as error:
            errors[index] = error
    return dict(sorted(actions.items())), errors


def _resolve(action: NamedAction, apps: SandboxApps) -> CreateAction:
    source, destination = action.mirror.source, action.mirror.destination
    source_nic = apps.primary_nic(source) if isinstance(source, AppName) else source
    target: Destination = (
        apps.primary_nic(destination)
        if isinstance(destination, AppName)
        else destination
    )
    if source_nic == target:
        raise MirrorRejected(
            f"{target} can't be both source and target: choose another App or NIC "
            "for one of them"
        )
    return action.between(source_nic, target)
