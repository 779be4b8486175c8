"""The machine's randomness."""

from __future__ import annotations

import random
import secrets

NONCE_BYTES = 8


class SystemEntropy:
    """Implements :class:`domain.ports.Entropy` with the operating system's source."""

    def __init__(self) -> None:
        self._random = random.SystemRandom()

    def nonce(self) -> str:
        return secrets.token_hex(NONCE_BYTES)

    def jitter(self) -> float:
        return self._random.random()
