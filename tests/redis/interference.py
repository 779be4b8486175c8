"""Stores and queues that let somebody else act between two steps of the scheduler."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

from domain.blocks import BlockFlags
from domain.dispatch import Limits
from domain.ports import Admission, DispatchQueue, QueueOverview, Snapshot, TaskStore
from domain.record import Record
from domain.task import Task
from domain.values import Lease

Interfere = Callable[[], Awaitable[None]]


class Steps:
    """Counts the steps of the scheduler in Redis, and lets somebody else act after one of them, or after each."""

    def __init__(self, after: int | None, interfere: Interfere) -> None:
        """`after` is the step's number from 1; 0 is before the first, None is after each."""
        self._after = after
        self._interfere = interfere
        self.taken = 0

    async def begin(self) -> None:
        if self._after in (0, None):
            await self._interfere()

    async def step(self) -> None:
        self.taken += 1
        if self._after in (self.taken, None):
            await self._interfere()


class InterferedStore:
    """A task store between whose answers somebody else acts. A commit that fails is a step too."""

    def __init__(self, store: TaskStore, steps: Steps) -> None:
        self._store = store
        self._steps = steps

    async def load(self, task_ids: Sequence[str]) -> Sequence[Snapshot]:
        loaded = await self._store.load(task_ids)
        await self._steps.step()
        return loaded

    async def load_unsettled(self, task_ids: Sequence[str]) -> Sequence[Snapshot]:
        loaded = await self._store.load_unsettled(task_ids)
        await self._steps.step()
        return loaded

    async def load_for_submit(self, task_id: str, user_id: str) -> tuple[Snapshot, BlockFlags]:
        loaded = await self._store.load_for_submit(task_id, user_id)
        await self._steps.step()
        return loaded

    async def commit(
        self,
        before: Snapshot,
        task: Task | None,
        record: Record | None,
        *,
        admission: Admission | None = None,
        announce: bool = True,
    ) -> Snapshot:
        try:
            return await self._store.commit(before, task, record, admission=admission, announce=announce)
        finally:
            await self._steps.step()

    async def secure(self) -> None:
        await self._store.secure()

    def live_ids(self) -> AsyncIterator[Sequence[str]]:
        return self._store.live_ids()

    async def recently_ended_ids(self, within_s: float) -> Sequence[str]:
        return await self._store.recently_ended_ids(within_s)


class InterferedQueue:
    """The same for the queue."""

    def __init__(self, queue: DispatchQueue, steps: Steps) -> None:
        self._queue = queue
        self._steps = steps

    async def claim(self, owner: str, nonces: Sequence[str], limits: Limits, lease_s: float) -> Sequence[Snapshot]:
        claimed = await self._queue.claim(owner, nonces, limits, lease_s)
        await self._steps.step()
        return claimed

    async def renew(self, leases: Mapping[str, Lease], lease_s: float) -> frozenset[str]:
        return await self._queue.renew(leases, lease_s)

    async def take_over(self, owner: str, nonces: Sequence[str], lease_s: float) -> Sequence[Snapshot]:
        taken = await self._queue.take_over(owner, nonces, lease_s)
        await self._steps.step()
        return taken

    async def overview(self, heads_per_lane: int = 3) -> QueueOverview:
        return await self._queue.overview(heads_per_lane)


def undisturbed() -> Steps:
    """Steps between which nobody acts."""

    async def nobody() -> None:
        raise AssertionError("nobody acts here")

    return Steps(-1, nobody)
