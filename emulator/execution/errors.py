"""Owns: every exception of the execution server. Must not know: who hears of them."""

# The numbers are CloudShell's own. Which one a failing driver gets is not documented;
# 100 is the general one.
GENERAL = "100"
NO_SUCH_COMMAND = "101"
NO_DRIVER = "129"
NO_SUCH_FUNCTION = "151"


class ShellError(Exception):
    """A shell that can't be loaded: its definition or metadata is wrong."""


class ExecutionError(Exception):
    """A command that was refused or that failed; carries CloudShell's error code."""

    def __init__(self, message: str, code: str = GENERAL) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class DriverError(ExecutionError):
    """An exception that left the driver's code."""

    def __init__(self, class_name: str, description: str) -> None:
        super().__init__(
            f"Command execution failed with error: '{class_name}'.\n"
            f"Error description: {description}"
        )
        self.class_name = class_name
        self.description = description


class DriverProcessEndedError(ExecutionError):
    """The driver's process ended while somebody waited for its answer."""
