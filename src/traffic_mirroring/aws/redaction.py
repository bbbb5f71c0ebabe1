"""
Texts and exceptions of AWS and its libraries, made fit to be shown.

Owns their length, and the forms in which they quote credentials: an Authorization
header that http.client refuses, a canonical request in an error message, a response in
a debug log. Must not know clients.
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

# XML 1.0 can't carry them, so that CloudShell could not answer with an error's text.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

MAX_TEXT = 10_000
"""The longest text that is shown, in characters."""


def redact(text: object) -> str:
    """
    Return a text without keys, tokens and signatures, cut to 10,000 characters.

    Characters that XML can't carry are escaped.
    https://www.w3.org/TR/xml/#charsets
    """
    given = str(text)
    # Cut first: the time that the search takes grows faster than the text.
    kept = _SECRETS.sub(_replacement, given[:MAX_TEXT])
    return _NOT_XML.sub(_escape, kept) + ("..." if len(given) > MAX_TEXT else "")


def printable_cause(error: BaseException) -> BaseException | None:
    """
    Return the error, for a `raise ... from`, or None if its traceback has secrets.

    A traceback also shows the errors that the error was raised from.
    """
    texts = [str(each) for each in _chain(error)]
    return error if all(redact(text) == text for text in texts) else None


def keep_secret_logs_off() -> None:
    """
    Disable botocore's logs that contain requests, responses and signatures.

    Its debug logs would appear in a log of the host if its root logger is at DEBUG. Its
    warnings that credentials can't be renewed appear even in a host without logging,
    with a traceback that may quote the keys; the calls that need them fail anyway.
    """
    logger = logging.getLogger("botocore")
    if logger.getEffectiveLevel() < logging.INFO:
        logger.setLevel(logging.INFO)
    for name in ("botocore.credentials", "botocore.tokens"):
        logging.getLogger(name).setLevel(logging.ERROR)


def _replacement(match: re.Match[str]) -> str:
    if match["header"]:
        return f"{match['header']} {_REDACTED}"
    return f"{match['name'] or ''}{match['sign'] or ''}{_REDACTED}"


def _escape(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode()


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen = set()
    while error and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
