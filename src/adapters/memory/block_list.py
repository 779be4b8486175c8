"""The blocks in force, changed in place: :class:`domain.blocks.Blocks` for any number of users."""

from __future__ import annotations

from adapters.memory.sorted_keys import SortedKeys
from domain.blocks import BlockFlags


class BlockList:
    """Everybody, or users by name."""

    def __init__(self) -> None:
        self.everybody = False
        self._users: SortedKeys[str] = SortedKeys()

    def set_user(self, user_id: str, blocked: bool) -> None:
        """Block or enable one user."""
        if blocked:
            self._users.add(user_id)
        else:
            self._users.discard(user_id)

    def flags_for(self, user_id: str) -> BlockFlags:
        """Return what holds for one user."""
        return BlockFlags(self.everybody, user_id in self._users)

    def users_behind(self, user_id: str | None, limit: int) -> list[str]:
        """Return the next ``limit`` blocked users by name."""
        return self._users.behind(user_id, limit)

    def become(self, other: BlockList) -> None:
        """Block whom the other one blocks, and nobody else."""
        self.everybody, self._users = other.everybody, other._users.copy()
