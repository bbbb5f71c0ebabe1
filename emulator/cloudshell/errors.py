"""Owns: what an API call fails with. Must not know: how it is sent."""

# CloudShell's numbers; those that no public code shows are the general one.
GENERAL = "100"
NO_ACCESS = "118"
NO_DRIVER = "129"


class ApiError(Exception):
    """A call that CloudShell refuses; the client raises it as CloudShellAPIError."""

    def __init__(self, message: str, code: str = GENERAL) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class AnswerLost(Exception):
    """A call that gets no answer: HTTP closes the connection."""


class UnknownTokenError(Exception):
    """A call without a valid token: HTTP 401, upon which the client logs on again."""
