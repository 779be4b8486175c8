"""The block policy: an operator keeps everybody or one user from submitting (contract §5).

A block refuses new submits only. Cancels always pass, and tasks accepted earlier keep their place and run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from domain.errors import Blocked


@dataclass(frozen=True, slots=True)
class BlockFlags:
    """What one submit needs to know, at the same cost whoever else is blocked."""

    everybody: bool = False
    user: bool = False
    reason: str = ""
    """Why, of the wider block where both hold; empty where the operator gave no reason."""

    def admit(self, user_id: str) -> None:
        """Raise :class:`Blocked`, naming the wider block where both hold."""
        if self.everybody:
            raise Blocked("everybody", user_id, self.reason)
        if self.user:
            raise Blocked("user", user_id, self.reason)


@dataclass(frozen=True, slots=True)
class Blocks:
    """Every block in force: the model that the stores are held to."""

    everybody: bool = False
    users: frozenset[str] = frozenset()
    reason: str = ""
    """Why everybody is blocked, where an operator said so."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Why users are blocked, of those for whom an operator said so."""

    def with_everybody(self, blocked: bool, reason: str = "") -> Blocks:
        """Block or enable everybody; users' own blocks stay as they are. The latest reason stands."""
        return replace(self, everybody=blocked, reason=reason if blocked else "")

    def with_user(self, user_id: str, blocked: bool, reason: str = "") -> Blocks:
        """Block or enable one user. The latest reason stands."""
        users = self.users | {user_id} if blocked else self.users - {user_id}
        reasons = {user: why for user, why in self.reasons.items() if user != user_id}
        if blocked and reason:
            reasons[user_id] = reason
        return replace(self, users=users, reasons=reasons)

    def flags_for(self, user_id: str) -> BlockFlags:
        """Return what holds for one user."""
        reason = self.reason if self.everybody else self.reasons.get(user_id, "")
        return BlockFlags(self.everybody, user_id in self.users, reason)
