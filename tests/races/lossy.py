"""Stores whose answers get lost: what was asked for is done, and the asker hears only that there was no answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from domain.dispatch import Limits
from domain.ports import Admission, DispatchQueue, Snapshot, StoreUnavailable, TaskStore
from domain.record import Record
from domain.task import Task
from tests.frontend.interleaving.stepped import SteppedQueue, SteppedStore, Stepping

T = TypeVar("T")
Loses = Callable[[], bool]
"""Asked after each change whether its answer gets lost."""


def never() -> bool:
    """All answers come."""
    return False


def _unless_lost(answer: T, loses: Loses) -> T:
    if loses():
        raise StoreUnavailable("the store's answer got lost")
    return answer


class LossyStore(SteppedStore):
    """Loses answers to commits."""

    def __init__(self, store: TaskStore, stepping: Stepping, loses: Loses) -> None:
        super().__init__(store, stepping)
        self._loses = loses

    async def commit(
        self,
        before: Snapshot,
        task: Task | None,
        record: Record | None,
        *,
        admission: Admission | None = None,
        announce: bool = True,
    ) -> Snapshot:
        after = await super().commit(before, task, record, admission=admission, announce=announce)
        return _unless_lost(after, self._loses)


class LossyQueue(SteppedQueue):
    """Loses answers to claims and take-overs: nobody then knows that the task is in its hands."""

    def __init__(self, queue: DispatchQueue, stepping: Stepping, loses: Loses) -> None:
        super().__init__(queue, stepping)
        self._loses = loses

    async def claim(self, owner: str, nonces: Sequence[str], limits: Limits, lease_s: float) -> Sequence[Snapshot]:
        return _unless_lost(await super().claim(owner, nonces, limits, lease_s), self._loses)

    async def take_over(self, owner: str, nonces: Sequence[str], lease_s: float) -> Sequence[Snapshot]:
        return _unless_lost(await super().take_over(owner, nonces, lease_s), self._loses)
