"""Operators' blocks: patient with a store that is away, and written down."""

from __future__ import annotations

from application.auditing import EVERYBODY, Audit, Subject
from application.blocks import SetBlock, valid_user_id
from domain.audit import Action
from domain.blocks import Block
from domain.operators import Decision
from domain.ports import Clock
from entrypoints.http.patience import Patience


class BlockByOperator:
    """Sets and lifts blocks in an operator's name."""

    def __init__(self, set_block: SetBlock, patience: Patience, audit: Audit, clock: Clock) -> None:
        self._set_block = set_block
        self._patience = patience
        self._audit = audit
        self._clock = clock

    async def everybody(self, block: Block | None, by: Decision) -> None:
        """Block everybody, or enable them for None. Raises InvalidEnd, StoreUnavailable."""
        detail = self._checked(block)
        async with self._audit.of(_action(block), by, Subject(detail=detail) if detail else EVERYBODY):
            await self._patience.insist(lambda: self._set_block.everybody(block))

    async def user(self, user_id: str, block: Block | None, by: Decision) -> None:
        """Block one user, or enable the user for None. Raises InvalidUserId, InvalidEnd, StoreUnavailable."""
        valid_user_id(user_id)
        detail = self._checked(block)
        async with self._audit.of(_action(block), by, Subject(user_id=user_id, detail=detail)):
            await self._patience.insist(lambda: self._set_block.user(user_id, block))

    def _checked(self, block: Block | None) -> str:
        """Return what the audit says of the block besides its reason."""
        if block is None or block.until is None:
            return ""
        block.check_end(self._clock.now())
        return f"until {block.until.isoformat(timespec='seconds')}"


def _action(block: Block | None) -> Action:
    return Action.ENABLE if block is None else Action.BLOCK
