"""Owns: what an API method is. Must not know: any of them."""

import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass

from emulator.cloudshell.arguments import Arguments, Parameter
from emulator.cloudshell.tokens import Grant
from emulator.cloudshell.world import World


@dataclass(frozen=True)
class Call:
    """One call: who calls, and with what. `grant` is None only while logging on."""

    world: World
    arguments: Arguments
    grant: Grant | None = None

    @property
    def caller(self) -> Grant:
        """What the caller may do."""
        assert self.grant is not None  # noqa: S101 logon methods don't ask
        return self.grant


@dataclass(frozen=True)
class Method:
    """An API method; `rest` if the client also knows it on port 9000."""

    name: str
    parameters: tuple[Parameter, ...]
    run: Callable[[Call], ET.Element | None]
    rest: bool = False
    logs_on: bool = False
