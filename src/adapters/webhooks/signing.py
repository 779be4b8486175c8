"""Signatures by the Standard Webhooks specification 1.0.0 (https://www.standardwebhooks.com), symmetric scheme."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence

SECRET_PREFIX = "whsec_"
LEAST_BYTES, MOST_BYTES = 24, 64
"""Of a secret, as the specification wants it."""


class Signer:
    """Signs with every secret, so that a receiver may know the old or the new one while they change."""

    def __init__(self, secrets: Sequence[str]) -> None:
        """Take secrets as :func:`read_secret` accepts them. Raises ValueError."""
        self._keys = [read_secret(each) for each in secrets]

    def headers(self, notification_id: str, timestamp: int, body: bytes) -> dict[str, str]:
        """Return the headers of one try; ``timestamp`` is its moment, in seconds since 1970."""
        signed = f"{notification_id}.{timestamp}.".encode() + body
        signatures = (hmac.new(key, signed, hashlib.sha256).digest() for key in self._keys)
        return {
            "webhook-id": notification_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": " ".join(f"v1,{base64.b64encode(each).decode()}" for each in signatures),
        }


def read_secret(text: str) -> bytes:
    """Return the key of a secret such as ``whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw``.

    Raises:
        ValueError: it is none. Nothing of it is in the error's text.
    """
    try:
        key = base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not text.startswith(SECRET_PREFIX) or not LEAST_BYTES <= len(key) <= MOST_BYTES:
        raise ValueError(f"accepted is {SECRET_PREFIX} and {LEAST_BYTES} to {MOST_BYTES} bytes in base64")
    return key
