"""Blocks in this process's memory."""

from __future__ import annotations

from adapters.memory.database import MemoryDatabase
from domain.ports import BlockPage


class MemoryBlockStore:
    """Implements :class:`domain.ports.BlockStore`; its cursors are the names of users."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._blocks = database.blocks

    async def set_everybody(self, blocked: bool, reason: str = "") -> None:
        self._blocks.set_everybody(blocked, reason)

    async def set_user(self, user_id: str, blocked: bool, reason: str = "") -> None:
        self._blocks.set_user(user_id, blocked, reason)

    async def page(self, cursor: str | None = None, limit: int = 1000) -> BlockPage:
        users = self._blocks.users_behind(cursor, limit + 1)
        shown, following = users[:limit], users[limit - 1] if len(users) > limit else None
        reasons = {user: reason for user in shown if (reason := self._blocks.reason_for(user))}
        return BlockPage(self._blocks.everybody, shown, following, self._blocks.reason, reasons)

    async def import_previous(self) -> int:
        """Find nothing: no scheduler before this process can have left anything in its memory."""
        return 0
