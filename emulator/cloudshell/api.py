"""Owns: a call, from name, token and body to the answer. Must not know: HTTP."""

import logging
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence

from emulator.cloudshell import (
    command_methods,
    envelope,
    logon_methods,
    orchestration_methods,
    pool_methods,
    sandbox_methods,
)
from emulator.cloudshell.arguments import Arguments, Parameter
from emulator.cloudshell.errors import AnswerLost, ApiError
from emulator.cloudshell.method import Call, Method
from emulator.cloudshell.world import World

_LOGGER = logging.getLogger(__name__)
METHODS: tuple[Method, ...] = (
    *logon_methods.METHODS,
    *command_methods.METHODS,
    *sandbox_methods.METHODS,
    *pool_methods.METHODS,
    *orchestration_methods.METHODS,
)

Parser = Callable[[str, Sequence[Parameter], bytes], Arguments]


class Api:
    """CloudShell's API methods, over one world."""

    def __init__(self, world: World, parse: Parser, *, rest: bool = False) -> None:
        self._world = world
        self._parse = parse
        self._methods = {each.name: each for each in METHODS if each.rest or not rest}

    def answer(self, name: str, token: str, body: bytes) -> bytes:
        """
        Return the envelope.

        Raises UnknownTokenError and AnswerLost, which are for HTTP to tell.
        """
        try:
            return envelope.success(name, self._run(name, token, body))
        except ApiError as error:
            return envelope.failure(name, error.code, error.message)

    def _run(self, name: str, token: str, body: bytes) -> ET.Element | None:
        self._world.calls.append(name)
        method = self._methods.get(name)
        # The token first: a stranger does not learn what there is.
        if method is None or not method.logs_on:
            grant = self._world.tokens.get(token)
        else:
            grant = None
        if method is None:
            raise ApiError(f"There is no API method {name!r} here")
        arguments = self._parse(name, method.parameters, body)
        return self._guarded(method, Call(self._world, arguments, grant))

    def _guarded(self, method: Method, call: Call) -> ET.Element | None:
        try:
            return method.run(call)
        except (ApiError, AnswerLost):
            raise
        except Exception as error:
            _LOGGER.exception("%s failed inside the emulator", method.name)
            raise ApiError(
                f"{method.name} failed inside the emulator: {type(error).__name__}"
            ) from error
