"""Blocks in this process's memory."""

from __future__ import annotations

from adapters.memory.database import MemoryDatabase
from domain.ports import BlockPage


class MemoryBlockStore:
    """Implements :class:`domain.ports.BlockStore`; its cursors are the names of users."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._blocks = database.blocks

    async def set_everybody(self, blocked: bool) -> None:
        self._blocks.everybody = blocked

    async def set_user(self, user_id: str, blocked: bool) -> None:
        self._blocks.set_user(user_id, blocked)

    async def page(self, cursor: str | None = None, limit: int = 1000) -> BlockPage:
        users = self._blocks.users_behind(cursor, limit + 1)
        more = len(users) > limit
        return BlockPage(self._blocks.everybody, users[:limit], users[limit - 1] if more else None)

    async def import_previous(self) -> int:
        """Find nothing: no scheduler before this process can have left anything in its memory."""
        return 0
