"""
What an API method is.

Owns: the types of methods and calls. Must not know: any particular method.
"""

import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass

from emulator.cloudshell.arguments import Arguments, Parameter
from emulator.cloudshell.state import ServerState
from emulator.cloudshell.tokens import Grant


@dataclass(frozen=True)
class Call:
    """A call with its arguments; `grant` is None only for logon methods."""

    state: ServerState
    arguments: Arguments
    grant: Grant | None = None

    @property
    def caller(self) -> Grant:
        """The grant of the caller."""
        assert self.grant is not None  # noqa: S101 logon methods don't use it
        return self.grant


@dataclass(frozen=True)
class Method:
    """An API method; with `rest` it exists on port 9000, too."""

    name: str
    parameters: tuple[Parameter, ...]
    run: Callable[[Call], ET.Element | None]
    rest: bool = False
    logs_on: bool = False
