"""
The errors of API calls.

Owns: exceptions and CloudShell's error codes. Must not know: how they are sent.
"""

# CloudShell's codes; errors whose code is not public have the general one.
GENERAL = "100"
NO_ACCESS = "118"
NO_DRIVER = "129"


class ApiError(Exception):
    """A failed call; the client raises CloudShellAPIError."""

    def __init__(self, message: str, code: str = GENERAL) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class AnswerLost(Exception):
    """A call without an answer: HTTP closes the connection."""


class UnknownTokenError(Exception):
    """A call without a valid token: HTTP 401, after which the client logs on again."""
