"""
Owns: encryption of stored passwords. Must not know: whose they are.

This keeps nothing safe from anybody who has the process; it makes the stored text
useless without DecryptPassword, as CloudShell's is.
"""

import base64
import binascii
import hashlib
import hmac
import secrets

from emulator.cloudshell.errors import ApiError

_NONCE = 16
_SEAL = 16


class Vault:
    """Encrypts and decrypts with a key of its own."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def encrypt(self, plain: str) -> str:
        """Return the encrypted text; another one each time, empty for empty."""
        if not plain:
            return ""
        nonce = secrets.token_bytes(_NONCE)
        body = self._mix(nonce, plain.encode())
        return base64.b64encode(nonce + body + self._seal(nonce + body)).decode()

    def decrypt(self, encrypted: str) -> str:
        """Return the plain text; raises ApiError for what was not encrypted here."""
        if not encrypted:
            return ""
        try:
            raw = base64.b64decode(encrypted, validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        sealed, seal = raw[:-_SEAL], raw[-_SEAL:]
        if not hmac.compare_digest(self._seal(sealed), seal):
            raise ApiError("The text can't be decrypted: CloudShell did not encrypt it")
        return self._mix(sealed[:_NONCE], sealed[_NONCE:]).decode()

    def _mix(self, nonce: bytes, data: bytes) -> bytes:
        stream = hashlib.shake_256(self._key + nonce).digest(len(data))
        return bytes(a ^ b for a, b in zip(data, stream, strict=True))

    def _seal(self, data: bytes) -> bytes:
        return hmac.digest(self._key, data, "sha256")[:_SEAL]
