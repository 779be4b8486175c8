"""The use cases of blocking and enabling submits."""

from __future__ import annotations

from domain.errors import Refused
from domain.ports import BlockStore

LONGEST_USER_ID = 256


class InvalidUserId(Refused):
    """A user id that no account can have."""


class SetBlock:
    """Block or enable everybody or one user, on every replica at once. Accepted tasks and cancels are not touched."""

    def __init__(self, blocks: BlockStore) -> None:
        self._blocks = blocks

    async def everybody(self, blocked: bool) -> None:
        """Raise StoreUnavailable."""
        await self._blocks.set_everybody(blocked)

    async def user(self, user_id: str, blocked: bool) -> None:
        """Raise InvalidUserId, StoreUnavailable."""
        if not user_id or len(user_id) > LONGEST_USER_ID or not user_id.isprintable():
            raise InvalidUserId(
                f"a user id has 1 to {LONGEST_USER_ID} printable characters; name the user as records do"
            )
        await self._blocks.set_user(user_id, blocked)
