"""The use cases of blocking and enabling submits."""

from __future__ import annotations

from domain.errors import Refused
from domain.ports import BlockStore

LONGEST_USER_ID = 256


class InvalidUserId(Refused):
    """A user id that no account can have."""


def valid_user_id(text: str) -> str:
    """Return ``text`` if an account can have such a name, else raise :class:`InvalidUserId`."""
    if not text or len(text) > LONGEST_USER_ID or not text.isprintable():
        raise InvalidUserId(f"a user id has 1 to {LONGEST_USER_ID} printable characters; name the user as records do")
    return text


class SetBlock:
    """Block or enable everybody or one user, on every replica at once. Accepted tasks and cancels are not touched."""

    def __init__(self, blocks: BlockStore) -> None:
        self._blocks = blocks

    async def everybody(self, blocked: bool, reason: str = "") -> None:
        """Raise StoreUnavailable. The reason of a block is told to those whose submits it refuses."""
        await self._blocks.set_everybody(blocked, reason)

    async def user(self, user_id: str, blocked: bool, reason: str = "") -> None:
        """Raise InvalidUserId, StoreUnavailable."""
        await self._blocks.set_user(valid_user_id(user_id), blocked, reason)
