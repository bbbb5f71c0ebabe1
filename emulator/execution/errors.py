"""
The exceptions of the execution server.

Owns: their messages and CloudShell's error codes. Must not know: who gets them.
"""

# CloudShell's codes. The one of a failing driver is not documented; 100 is the general
# one.
GENERAL = "100"
NO_SUCH_COMMAND = "101"
NO_DRIVER = "129"
NO_SUCH_FUNCTION = "151"


class ShellError(Exception):
    """A shell that can't be loaded, because its files are wrong."""


class ExecutionError(Exception):
    """A command that was rejected or failed, with CloudShell's error code."""

    def __init__(self, message: str, code: str = GENERAL) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class DriverError(ExecutionError):
    """An exception that the driver raised."""

    def __init__(self, class_name: str, description: str) -> None:
        super().__init__(
            f"Command execution failed with error: '{class_name}'.\n"
            f"Error description: {description}"
        )
        self.class_name = class_name
        self.description = description


class DriverProcessEndedError(ExecutionError):
    """The driver process ended before it answered."""
