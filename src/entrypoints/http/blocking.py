"""Operators' blocks: patient with a store that is away, and written down."""

from __future__ import annotations

from application.auditing import EVERYBODY, Audit, Subject
from application.blocks import SetBlock, valid_user_id
from domain.audit import Action
from domain.operators import Decision
from entrypoints.http.patience import Patience


class BlockByOperator:
    """Sets and lifts blocks in an operator's name."""

    def __init__(self, set_block: SetBlock, patience: Patience, audit: Audit) -> None:
        self._set_block = set_block
        self._patience = patience
        self._audit = audit

    async def everybody(self, blocked: bool, by: Decision) -> None:
        """Block or enable everybody. Raises StoreUnavailable."""
        async with self._audit.of(_action(blocked), by, EVERYBODY):
            await self._patience.insist(lambda: self._set_block.everybody(blocked, by.reason))

    async def user(self, user_id: str, blocked: bool, by: Decision) -> None:
        """Block or enable one user. Raises InvalidUserId, StoreUnavailable."""
        valid_user_id(user_id)
        async with self._audit.of(_action(blocked), by, Subject(user_id=user_id)):
            await self._patience.insist(lambda: self._set_block.user(user_id, blocked, by.reason))


def _action(blocked: bool) -> Action:
    return Action.BLOCK if blocked else Action.ENABLE
