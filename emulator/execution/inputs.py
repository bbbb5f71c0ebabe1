"""
Matching inputs with the parameters of a command.

Owns: which inputs are allowed and required. Must not know: processes, contexts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from emulator.execution.driver_metadata import INJECTED, DeclaredCommand
from emulator.execution.errors import NO_SUCH_COMMAND, NO_SUCH_FUNCTION, ExecutionError


@dataclass(frozen=True)
class Signature:
    """The parameters of a driver method, as the driver process reports them."""

    parameters: tuple[str, ...]
    required: frozenset[str]


def get_signature(
    name: str,
    signatures: Mapping[str, Signature],
    declared: DeclaredCommand | None,
) -> Signature:
    """Return the command's signature; raises ExecutionError if it has none."""
    if name in signatures:
        return signatures[name]
    if declared is not None:
        raise ExecutionError(
            f"Command {name!r} is declared in drivermetadata.xml, "
            "but the driver class has no such function",
            NO_SUCH_FUNCTION,
        )
    raise ExecutionError(f"The driver has no command {name!r}", NO_SUCH_COMMAND)


def match_inputs(
    inputs: Mapping[str, str], signature: Signature, declared: DeclaredCommand | None
) -> dict[str, str]:
    """Return the arguments by name; raises ExecutionError if they don't match."""
    visible = [name for name in signature.parameters if name not in INJECTED]
    _check_none("has no parameter", (name for name in inputs if name not in visible))
    arguments = dict(inputs)
    mandatory = set(signature.required).difference(INJECTED)
    for parameter in declared.parameters if declared else ():
        if parameter.mandatory:
            mandatory.add(parameter.name)
        elif parameter.name in mandatory:
            arguments.setdefault(parameter.name, parameter.default)
    _check_none("lacks mandatory parameter", sorted(mandatory.difference(arguments)))
    return arguments


def _check_none(problem: str, names: Iterable[str]) -> None:
    quoted = ", ".join(repr(name) for name in names)
    if quoted:
        raise ExecutionError(f"The command {problem} {quoted}")
