"""Ledgers and records in this process's memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from itertools import islice, takewhile

from adapters.memory.database import MemoryDatabase
from adapters.memory.records import is_exactly
from domain.blocks import BlockFlags
from domain.notifications import NotificationOf
from domain.ports import Admission, ConcurrentChange, QueueFull, Snapshot
from domain.record import Record
from domain.tally import addition
from domain.task import Task

BATCH = 1_000
"""Ids that are read at once."""
MOST_ENDED_IDS = 10_000


class MemoryTaskStore:
    """Implements :class:`domain.ports.TaskStore`."""

    def __init__(self, database: MemoryDatabase, notification_of: NotificationOf | None = None) -> None:
        self._database = database
        self._notification_of = notification_of
        self._settled: dict[str, Snapshot] = {}
        """The ended tasks that were committed here last."""

    async def load(self, task_ids: Sequence[str]) -> Sequence[Snapshot]:
        return [self._database.snapshot(task_id) for task_id in task_ids]

    async def load_unsettled(self, task_ids: Sequence[str]) -> Sequence[Snapshot]:
        return [snapshot for snapshot in await self.load(task_ids) if not self._is_settled(snapshot)]

    async def load_for_submit(self, task_id: str, user_id: str) -> tuple[Snapshot, BlockFlags]:
        return self._database.snapshot(task_id), self._database.blocks.flags_for(user_id, self._database.clock.now())

    async def commit(
        self,
        before: Snapshot,
        task: Task | None,
        record: Record | None,
        *,
        admission: Admission | None = None,
        announce: bool = True,
    ) -> Snapshot:
        _check_arguments(before, task, record)
        self._check_unchanged(before)
        self._check_admitted(before.task_id, admission)
        records, ledgers = self._database.records, self._database.ledgers
        if record is not None:
            records.replace(before.task_id, record)
        if task is not None:
            ledgers.put(task, records.remaining_s(task.task_id), announce=announce)
            self._notify(before.task, task)
            self._count(before.task, task)
        after = self._database.snapshot(before.task_id)
        self._note(after)
        return after

    async def secure(self) -> None:
        """There are no replicas of this process's memory."""

    async def live_ids(self) -> AsyncIterator[Sequence[str]]:
        after: str | None = None
        while batch := self._database.ledgers.live_ids(after, BATCH):
            yield batch
            after = batch[-1]

    async def recently_ended_ids(self, within_s: float) -> Sequence[str]:
        since = self._database.monotonic() - within_s
        ended = takewhile(lambda entry: entry[0].at >= since, self._database.ledgers.ended())
        return [end.task_id for end, _ in islice(ended, MOST_ENDED_IDS)]

    def _notify(self, before: Task | None, after: Task) -> None:
        notification = self._notification_of(before, after) if self._notification_of else None
        if notification is not None:
            self._database.outbox.add(notification)

    def _note(self, committed: Snapshot) -> None:
        self._settled.pop(committed.task_id, None)
        if committed.task is None or not committed.task.is_terminal:
            return
        self._settled[committed.task_id] = committed
        if len(self._settled) > MOST_ENDED_IDS:
            del self._settled[next(iter(self._settled))]

    def _count(self, before: Task | None, after: Task) -> None:
        added = addition(before, after)
        if added is not None:
            self._database.counts.add(int(self._database.clock.now().timestamp()) // 60, added)

    def _is_settled(self, now: Snapshot) -> bool:
        settled = self._settled.get(now.task_id)
        return settled is not None and _is_same(settled, now)

    def _check_unchanged(self, before: Snapshot) -> None:
        now = self._database.snapshot(before.task_id)
        if not _is_same(now, before):
            raise ConcurrentChange(f"task {before.task_id} was changed by somebody else", now)

    def _check_admitted(self, task_id: str, admission: Admission | None) -> None:
        if admission is None:
            return
        flags = self._database.blocks.flags_for(admission.user_id, self._database.clock.now())
        if flags != BlockFlags():
            found = self._database.snapshot(task_id)
            raise ConcurrentChange(f"a block came before task {task_id} was accepted", found)
        waiting = sum(self._database.ledgers.queue.waiting().values())
        if waiting >= admission.most_waiting:
            raise QueueFull(f"{waiting} tasks wait, and {admission.most_waiting} may")


def _is_same(one: Snapshot, other: Snapshot) -> bool:
    return one.revision == other.revision and is_exactly(one.record, other.record)


def _check_arguments(before: Snapshot, task: Task | None, record: Record | None) -> None:
    """A commit can neither drop a ledger nor create or drop a record; asking for it is a programming error."""
    if task is None and before.task is not None:
        raise ValueError(f"the ledger of task {before.task_id} cannot be taken away")
    if task is not None and task.task_id != before.task_id:
        raise ValueError(f"task {task.task_id} cannot be committed as task {before.task_id}")
    if (record is None) is not (before.record is None):
        raise ValueError(f"a commit of task {before.task_id} must pass the record if, and only if, there is one")
