"""The blocks in force, changed in place: :class:`domain.blocks.Blocks` for any number of users."""

from __future__ import annotations

from datetime import datetime

from adapters.memory.sorted_keys import SortedKeys
from domain.blocks import Block, BlockFlags


class BlockList:
    """Everybody, or users by name. What has ended is passed over at once, and forgotten when somebody tidies up."""

    def __init__(self) -> None:
        self._everybody: Block | None = None
        self._users: dict[str, Block] = {}
        self._names: SortedKeys[str] = SortedKeys()

    def set_everybody(self, block: Block | None) -> None:
        """Block or enable everybody."""
        self._everybody = block

    def set_user(self, user_id: str, block: Block | None) -> None:
        """Block or enable one user."""
        if block is None:
            self._users.pop(user_id, None)
            self._names.discard(user_id)
        else:
            self._users[user_id] = block
            self._names.add(user_id)

    def flags_for(self, user_id: str, now: datetime) -> BlockFlags:
        """Return what holds for one user."""
        return BlockFlags(_held(self._everybody, now), _held(self._users.get(user_id), now))

    def everybody(self, now: datetime) -> Block | None:
        """Return the block of everybody."""
        return _held(self._everybody, now)

    def users_behind(self, user_id: str | None, limit: int) -> dict[str, Block]:
        """Return the next ``limit`` users by name, those among them whose block has ended too."""
        return {name: self._users[name] for name in self._names.behind(user_id, limit)}

    def forget_ended(self, now: datetime) -> int:
        """Forget the blocks that have ended, and return how many there were. Looks at every user."""
        ended = [user_id for user_id, block in self._users.items() if not block.holds_at(now)]
        for user_id in ended:
            self.set_user(user_id, None)
        if self._everybody is None or self._everybody.holds_at(now):
            return len(ended)
        self._everybody = None
        return len(ended) + 1

    def become(self, other: BlockList) -> None:
        """Block whom the other one blocks, and nobody else."""
        self._everybody, self._users, self._names = other._everybody, dict(other._users), other._names.copy()


def _held(block: Block | None, now: datetime) -> Block | None:
    return block if block is not None and block.holds_at(now) else None
