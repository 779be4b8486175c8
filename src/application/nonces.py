"""Nonces for many leases at once."""

from __future__ import annotations

from collections.abc import Sequence

from domain.ports import Entropy


def fresh_nonces(count: int, entropy: Entropy) -> Sequence[str]:
    """Return so many nonces that were never used before. They share what is random in them: that costs enough once.

    A fencing token need be unguessable for nobody who holds another one from the same call: both are the same owner's.
    """
    shared = entropy.nonce()
    return [f"{place:04x}{shared}" for place in range(count)]
