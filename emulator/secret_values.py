"""
The mark of every secret that the emulator issues.

Owns: the mark, by which a test finds a secret in any text. Must not know: whose secret
it is.
"""

import secrets

SECRET_MARK = "EmulatedSecret"  # noqa: S105  # no real secret
"""Letters only, so that no encoding of a URL or of XML changes it."""


def new_secret() -> str:
    """Return a random secret with the mark."""
    return f"{SECRET_MARK}{secrets.token_hex(16)}"
