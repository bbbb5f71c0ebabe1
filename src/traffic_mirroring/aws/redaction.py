"""
Removal of credentials from texts and exceptions.

Owns the forms in which AWS and its libraries quote them: an Authorization header that
http.client refuses, a canonical request in an error message, a response in a debug log.
Must not know clients.
https://docs.aws.amazon.com/IAM/latest/UserGuide/signing-elements.html
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

_NAMES = (
    r"Credential|Signature|AccessKey(?:Id)?|SecretAccessKey|SecurityToken|SessionToken|"
    r"x-amz-security-token|aws_(?:access_key_id|secret_access_key|session_token)"
)
_SECRETS = re.compile(
    # http.client names neither the header nor where its value ends.
    r"(?P<header>Invalid header value)\s.*"
    r"|AWS4-HMAC-SHA256\s+Credential=.*?Signature=\w*"
    rf"|(?P<name>\b(?:{_NAMES}))(?P<sign>['\"]?\s*[:=]\s*b?['\"]?|>)[^\s'\"<>,&]+"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{12,}",
    re.DOTALL | re.IGNORECASE,
)
_REDACTED = "[redacted]"


def redact(text: object) -> str:
    """Return a text without keys, tokens and signatures."""
    return _SECRETS.sub(_replacement, str(text))


def printable_cause(error: BaseException) -> BaseException | None:
    """
    Return the error, for a `raise ... from`, or None if its traceback has secrets.

    A traceback also shows the errors that the error was raised from.
    """
    texts = [str(each) for each in _chain(error)]
    return error if all(redact(text) == text for text in texts) else None


def keep_debug_logs_off() -> None:
    """
    Disable botocore's debug logs, which contain requests, responses and signatures.

    They would appear in a log of the host if its root logger is at DEBUG.
    """
    logger = logging.getLogger("botocore")
    if logger.getEffectiveLevel() < logging.INFO:
        logger.setLevel(logging.INFO)


def _replacement(match: re.Match[str]) -> str:
    if match["header"]:
        return f"{match['header']} {_REDACTED}"
    return f"{match['name'] or ''}{match['sign'] or ''}{_REDACTED}"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen = set()
    while error and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
