"""The use cases of blocking and enabling submits."""

from __future__ import annotations

from application.surviving import survived
from domain.blocks import Block
from domain.errors import Refused
from domain.ports import BlockStore, Clock

LONGEST_USER_ID = 256

SETTLE_S = 5.0
"""Pause between looks for blocks that have ended by themselves. No submit waits for it."""


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

    async def everybody(self, block: Block | None) -> None:
        """Raise StoreUnavailable. The reason and the end of a block are told to those whose submits it refuses."""
        await self._blocks.set_everybody(block)

    async def user(self, user_id: str, block: Block | None) -> None:
        """Raise InvalidUserId, StoreUnavailable."""
        await self._blocks.set_user(valid_user_id(user_id), block)


class SettleEndedBlocks:
    """Tidy up after blocks that have ended by themselves, so that the keys of the previous scheduler are true too."""

    def __init__(self, blocks: BlockStore, clock: Clock) -> None:
        self._blocks = blocks
        self._clock = clock

    async def run(self) -> None:
        """Tidy up until cancelled."""
        while True:
            await self._clock.sleep(SETTLE_S)
            with survived("settle blocks that have ended"):
                await self._blocks.settle_ended()
