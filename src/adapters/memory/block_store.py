"""Blocks in this process's memory."""

from __future__ import annotations

from adapters.memory.database import MemoryDatabase
from domain.blocks import Block
from domain.ports import BlockPage


class MemoryBlockStore:
    """Implements :class:`domain.ports.BlockStore`; its cursors are the names of users."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._blocks = database.blocks
        self._clock = database.clock

    async def set_everybody(self, block: Block | None) -> None:
        self._blocks.set_everybody(block)

    async def set_user(self, user_id: str, block: Block | None) -> None:
        self._blocks.set_user(user_id, block)

    async def page(self, cursor: str | None = None, limit: int = 1000) -> BlockPage:
        now = self._clock.now()
        found = list(self._blocks.users_behind(cursor, limit + 1).items())
        following = found[limit - 1][0] if len(found) > limit else None
        users = {user_id: block for user_id, block in found[:limit] if block.holds_at(now)}
        return BlockPage(self._blocks.everybody(now), users, following)

    async def settle_ended(self) -> int:
        return self._blocks.forget_ended(self._clock.now())

    async def import_previous(self) -> int:
        """Find nothing: no scheduler before this process can have left anything in its memory."""
        return 0
