"""
A call to the API, from its name, token and body to the answer.

Owns: finding the method, checking the token, answering errors. Must not know: HTTP.
"""

import logging
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence

from emulator.cloudshell import envelope
from emulator.cloudshell.arguments import Arguments, Parameter
from emulator.cloudshell.errors import AnswerLost, ApiError
from emulator.cloudshell.methods import (
    commands,
    logon,
    orchestration,
    pools,
    sandboxes,
)
from emulator.cloudshell.methods.method import Call, Method
from emulator.cloudshell.state import ServerState

_LOGGER = logging.getLogger("emulator")
METHODS: tuple[Method, ...] = (
    *logon.METHODS,
    *commands.METHODS,
    *sandboxes.METHODS,
    *pools.METHODS,
    *orchestration.METHODS,
)

Parser = Callable[[str, Sequence[Parameter], bytes], Arguments]


class Api:
    """CloudShell's API; with `rest`, only the methods that port 9000 has, too."""

    def __init__(
        self, state: ServerState, parse: Parser, *, rest: bool = False
    ) -> None:
        self._state = state
        self._parse = parse
        self._methods = {each.name: each for each in METHODS if each.rest or not rest}

    def answer(self, name: str, token: str, body: bytes) -> bytes:
        """
        Return the envelope with the result or the error of a call.

        Raises UnknownTokenError and AnswerLost, for which HTTP has its own replies.
        """
        try:
            return envelope.success(name, self._run(name, token, body))
        except ApiError as error:
            return envelope.failure(name, error.code, error.message)

    def _run(self, name: str, token: str, body: bytes) -> ET.Element | None:
        self._state.calls.append(name)
        method = self._methods.get(name)
        # The token is checked first, so that strangers can't find out the methods.
        if method is None or not method.logs_on:
            grant = self._state.tokens.get(token)
        else:
            grant = None
        if method is None:
            raise ApiError(f"The emulator has no API method {name!r}")
        arguments = self._parse(name, method.parameters, body)
        return self._run_method(method, Call(self._state, arguments, grant))

    def _run_method(self, method: Method, call: Call) -> ET.Element | None:
        try:
            return method.run(call)
        except (ApiError, AnswerLost):
            raise
        except Exception as error:
            _LOGGER.exception("%s failed inside the emulator", method.name)
            raise ApiError(
                f"{method.name} failed inside the emulator: {type(error).__name__}"
            ) from error
