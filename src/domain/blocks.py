"""The block policy: an operator keeps everybody or one user from submitting (contract §5).

A block refuses new submits only. Cancels always pass, and tasks accepted earlier keep their place and run.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from domain.errors import Blocked


@dataclass(frozen=True, slots=True)
class BlockFlags:
    """What one submit needs to know, at the same cost whoever else is blocked."""

    everybody: bool = False
    user: bool = False

    def admit(self, user_id: str) -> None:
        """Raise :class:`Blocked`, naming the wider block where both hold."""
        if self.everybody:
            raise Blocked("everybody", user_id)
        if self.user:
            raise Blocked("user", user_id)


@dataclass(frozen=True, slots=True)
class Blocks:
    """Every block in force: the model that the stores are held to."""

    everybody: bool = False
    users: frozenset[str] = frozenset()

    def with_everybody(self, blocked: bool) -> Blocks:
        """Block or enable everybody; users' own blocks stay as they are."""
        return replace(self, everybody=blocked)

    def with_user(self, user_id: str, blocked: bool) -> Blocks:
        """Block or enable one user."""
        users = self.users | {user_id} if blocked else self.users - {user_id}
        return replace(self, users=users)

    def flags_for(self, user_id: str) -> BlockFlags:
        """Return what holds for one user."""
        return BlockFlags(self.everybody, user_id in self.users)
