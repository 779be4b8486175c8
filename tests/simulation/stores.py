"""The ports of the store, as one process sees them: the memory adapters behind its wire, and the judge beside them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any

from adapters.memory import MemoryBlockStore, MemoryTaskStore
from domain.blocks import Block, BlockFlags
from domain.ports import Admission, BlockPage, Snapshot
from domain.record import Record
from domain.task import Task
from tests.simulation.judge import Judge
from tests.simulation.knowledge import Moment
from tests.simulation.loop import Life
from tests.simulation.wire import Wire, at_once


class SimulatedStore:
    """Implements :class:`domain.ports.TaskStore`."""

    def __init__(self, store: MemoryTaskStore, wire: Wire, judge: Judge, life: Life) -> None:
        self._store = store
        self._wire = wire
        self._judge = judge
        self._knowledge = judge.knowledge
        self._life = life

    async def load(self, task_ids: Sequence[str]) -> Sequence[Snapshot]:
        return await self._load(self._store.load, task_ids)

    async def load_unsettled(self, task_ids: Sequence[str]) -> Sequence[Snapshot]:
        return await self._load(self._store.load_unsettled, task_ids)

    async def _load(
        self, load: Callable[[Sequence[str]], Coroutine[Any, Any, Sequence[Snapshot]]], task_ids: Sequence[str]
    ) -> Sequence[Snapshot]:
        def act() -> tuple[Moment, Sequence[Snapshot]]:
            return self._judge.moment(), at_once(load(task_ids))

        about = task_ids[0] if len(task_ids) == 1 else "several"
        moment, snapshots = await self._wire.call("load", about, act)
        self._knowledge.was_shown(self._life, moment, snapshots)
        return snapshots

    async def load_for_submit(self, task_id: str, user_id: str) -> tuple[Snapshot, BlockFlags]:
        def act() -> tuple[Moment, tuple[Snapshot, BlockFlags]]:
            return self._judge.moment(), at_once(self._store.load_for_submit(task_id, user_id))

        moment, (snapshot, flags) = await self._wire.call("load for submit", task_id, act)
        self._knowledge.was_shown(self._life, moment, [snapshot])
        return snapshot, flags

    async def commit(
        self,
        before: Snapshot,
        task: Task | None,
        record: Record | None,
        *,
        admission: Admission | None = None,
        announce: bool = True,
    ) -> Snapshot:
        def act() -> tuple[Moment, Snapshot]:
            committed = at_once(self._store.commit(before, task, record, admission=admission, announce=announce))
            self._judge.committed(self._life, before, admitted=admission is not None)
            return self._judge.moment(), committed

        moment, after = await self._wire.call("commit", before.task_id, act)
        self._knowledge.wrote(self._life, moment, [after])
        return after

    async def secure(self) -> None:
        await self._wire.call("secure", "", lambda: at_once(self._store.secure()))

    async def live_ids(self) -> AsyncIterator[Sequence[str]]:
        for batch in await self._wire.call("list live", "", lambda: at_once(self._all_live())):
            yield batch

    async def recently_ended_ids(self, within_s: float) -> Sequence[str]:
        return await self._wire.call("list ended", "", lambda: at_once(self._store.recently_ended_ids(within_s)))

    async def _all_live(self) -> list[Sequence[str]]:
        return [batch async for batch in self._store.live_ids()]


class SimulatedBlocks:
    """Implements :class:`domain.ports.BlockStore`."""

    def __init__(self, blocks: MemoryBlockStore, wire: Wire) -> None:
        self._blocks = blocks
        self._wire = wire

    async def set_everybody(self, block: Block | None) -> None:
        await self._wire.call("block", "everybody", lambda: at_once(self._blocks.set_everybody(block)))

    async def set_user(self, user_id: str, block: Block | None) -> None:
        await self._wire.call("block", user_id, lambda: at_once(self._blocks.set_user(user_id, block)))

    async def settle_ended(self) -> int:
        return 0  # no block of a run ends by itself

    async def page(self, cursor: str | None = None, limit: int = 1000) -> BlockPage:
        return await self._wire.call("page of blocks", "", lambda: at_once(self._blocks.page(cursor, limit)))

    async def import_previous(self) -> int:
        return await self._wire.call("import blocks", "", lambda: at_once(self._blocks.import_previous()))
