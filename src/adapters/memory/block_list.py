"""The blocks in force, changed in place: :class:`domain.blocks.Blocks` for any number of users."""

from __future__ import annotations

from adapters.memory.sorted_keys import SortedKeys
from domain.blocks import BlockFlags


class BlockList:
    """Everybody, or users by name."""

    def __init__(self) -> None:
        self.everybody = False
        self.reason = ""
        """Why everybody is blocked."""
        self._users: SortedKeys[str] = SortedKeys()
        self._reasons: dict[str, str] = {}

    def set_everybody(self, blocked: bool, reason: str) -> None:
        """Block or enable everybody."""
        self.everybody, self.reason = blocked, reason if blocked else ""

    def set_user(self, user_id: str, blocked: bool, reason: str) -> None:
        """Block or enable one user."""
        self._reasons.pop(user_id, None)
        if not blocked:
            self._users.discard(user_id)
            return
        self._users.add(user_id)
        if reason:
            self._reasons[user_id] = reason

    def flags_for(self, user_id: str) -> BlockFlags:
        """Return what holds for one user."""
        reason = self.reason if self.everybody else self.reason_for(user_id)
        return BlockFlags(self.everybody, user_id in self._users, reason)

    def reason_for(self, user_id: str) -> str:
        """Return why a user is blocked; empty where nobody said so."""
        return self._reasons.get(user_id, "")

    def users_behind(self, user_id: str | None, limit: int) -> list[str]:
        """Return the next ``limit`` blocked users by name."""
        return self._users.behind(user_id, limit)

    def become(self, other: BlockList) -> None:
        """Block whom the other one blocks, and nobody else."""
        self.everybody, self.reason = other.everybody, other.reason
        self._users, self._reasons = other._users.copy(), dict(other._reasons)
