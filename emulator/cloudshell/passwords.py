"""
Encrypted passwords.

Owns: the key, encryption and decryption. Must not know: whose passwords they are.

As on CloudShell, the encrypted text is useless without DecryptPassword. It is no
protection from code in this process.
"""

import base64
import binascii
import hashlib
import hmac
import secrets

from emulator.cloudshell.errors import ApiError

_NONCE = 16
_SIGNATURE = 16


class PasswordStore:
    """Encrypts and decrypts passwords with a key of its own."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def encrypt(self, plain: str) -> str:
        """Return the encrypted text, different each time, also of an empty text."""
        nonce = secrets.token_bytes(_NONCE)
        body = self._mix(nonce, plain.encode())
        return base64.b64encode(nonce + body + self._sign(nonce + body)).decode()

    def decrypt(self, encrypted: str) -> str:
        """Return the plain text; raises ApiError if it was not encrypted here."""
        if not encrypted:
            return ""
        try:
            raw = base64.b64decode(encrypted, validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        signed, signature = raw[:-_SIGNATURE], raw[-_SIGNATURE:]
        if not hmac.compare_digest(self._sign(signed), signature):
            raise ApiError("The text can't be decrypted: CloudShell did not encrypt it")
        return self._mix(signed[:_NONCE], signed[_NONCE:]).decode()

    def _mix(self, nonce: bytes, data: bytes) -> bytes:
        stream = hashlib.shake_256(self._key + nonce).digest(len(data))
        return bytes(a ^ b for a, b in zip(data, stream, strict=True))

    def _sign(self, data: bytes) -> bytes:
        return hmac.digest(self._key, data, "sha256")[:_SIGNATURE]
