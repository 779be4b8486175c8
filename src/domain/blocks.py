"""The block policy: an operator keeps everybody or one user from submitting (contract §5).

A block refuses new submits only. Cancels always pass, and tasks accepted earlier keep their place and run. A block may
end by itself, at a moment that was given when it was set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from domain.errors import Blocked, Refused
from domain.instants import as_utc


class InvalidEnd(Refused):
    """A block that is to end before it begins, or at a moment beyond the years that UTC has here."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"until: {until.isoformat()} is over already, or too far; name another moment, or none")


@dataclass(frozen=True, slots=True)
class Block:
    """One block in force."""

    reason: str = ""
    """In an operator's words; empty where none was given."""
    until: datetime | None = None
    """When it ends by itself; None where an operator must lift it. To the millisecond, in UTC."""

    def holds_at(self, now: datetime) -> bool:
        """Whether it has not ended by itself."""
        return self.until is None or as_utc(now) < self.until

    def check_end(self, now: datetime) -> None:
        """Raise :class:`InvalidEnd` for a block that would never hold."""
        if self.until is not None and not self.holds_at(now):
            raise InvalidEnd(self.until)


def block_for(reason: str = "", until: datetime | None = None) -> Block:
    """Return a block whose end is as exact as stores keep it. Raises :class:`InvalidEnd`."""
    if until is None:
        return Block(reason)
    try:
        moment = as_utc(until)
    except OverflowError:
        raise InvalidEnd(until) from None
    return Block(reason, moment.replace(microsecond=moment.microsecond // 1000 * 1000))


@dataclass(frozen=True, slots=True)
class BlockFlags:
    """What one submit needs to know, at the same cost whoever else is blocked."""

    everybody: Block | None = None
    user: Block | None = None

    def admit(self, user_id: str) -> None:
        """Raise :class:`Blocked`, naming the wider block where both hold."""
        if self.everybody is not None:
            raise Blocked("everybody", user_id, self.everybody.reason, self.everybody.until)
        if self.user is not None:
            raise Blocked("user", user_id, self.user.reason, self.user.until)


@dataclass(frozen=True, slots=True)
class Blocks:
    """Every block that was set and not lifted: the model that the stores are held to."""

    everybody: Block | None = None
    users: Mapping[str, Block] = field(default_factory=dict)

    def with_everybody(self, block: Block | None) -> Blocks:
        """Block everybody, or enable them for None; users' own blocks stay as they are. The latest block stands."""
        return replace(self, everybody=block)

    def with_user(self, user_id: str, block: Block | None) -> Blocks:
        """Block one user, or enable the user for None. The latest block stands."""
        others = {user: known for user, known in self.users.items() if user != user_id}
        return replace(self, users=others if block is None else {**others, user_id: block})

    def at(self, now: datetime) -> Blocks:
        """Return the blocks that have not ended by then."""
        everybody = self.everybody if self.everybody is not None and self.everybody.holds_at(now) else None
        return Blocks(everybody, {user: block for user, block in self.users.items() if block.holds_at(now)})

    def flags_for(self, user_id: str) -> BlockFlags:
        """Return what holds for one user."""
        return BlockFlags(self.everybody, self.users.get(user_id))
