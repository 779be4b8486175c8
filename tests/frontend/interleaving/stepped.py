"""A scheduler's stores with a step before each operation, so that whoever uses them is an actor of the driver."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence

from domain.blocks import BlockFlags
from domain.dispatch import Limits
from domain.ports import Admission, DispatchQueue, QueueOverview, Snapshot, TaskStore
from domain.record import Record
from domain.task import Task
from domain.values import Lease
from tests.frontend.standin.journal import Journal
from tests.frontend.standin.steps import Step, Steps


def _nothing(task_id: str) -> None:
    pass


class Stepping:
    """What both stores share: the steps, and who is told of what a scheduler reads and changes."""

    def __init__(
        self,
        steps: Steps,
        *,
        journal: Journal | None = None,
        changed: Callable[[str], None] = _nothing,
        who: str = "scheduler",
    ) -> None:
        """`changed` is called after each operation on a task. The steps' names begin with `who`."""
        self._steps = steps
        self._journal = journal
        self._changed = changed
        self._who = who

    async def about_to(self, operation: str, task_ids: Sequence[str] = (), *, reads_only: bool = False) -> None:
        """The step before an operation; one on several tasks depends on everything."""
        only = task_ids[0] if len(task_ids) == 1 else ""
        await self._steps.at(Step(f"{self._who}.{operation}", only, reads_only))

    def done(self, *snapshots: Snapshot) -> None:
        """Tell what was read, and that it may have changed.

        Lines that were read while the task had no ledger count as not seen: there was nothing to keep them in, and a
        commit that makes one compares the record, so it keeps what it read.
        """
        for snapshot in snapshots:
            if self._journal is not None and snapshot.record is not None and snapshot.own_task is not None:
                self._journal.shown_to_scheduler(snapshot.task_id, snapshot.record.logs)
            self._changed(snapshot.task_id)


class SteppedStore:
    """A `TaskStore` whose steps are `<who>.load`, `<who>.load_for_submit`, `<who>.commit` and `<who>.list`."""

    def __init__(self, store: TaskStore, stepping: Stepping) -> None:
        self._store = store
        self._stepping = stepping

    async def load(self, task_ids: Sequence[str]) -> Sequence[Snapshot]:
        await self._stepping.about_to("load", task_ids, reads_only=True)
        snapshots = await self._store.load(task_ids)
        self._stepping.done(*snapshots)
        return snapshots

    async def load_unsettled(self, task_ids: Sequence[str]) -> Sequence[Snapshot]:
        await self._stepping.about_to("load", task_ids, reads_only=True)
        snapshots = await self._store.load_unsettled(task_ids)
        self._stepping.done(*snapshots)
        return snapshots

    async def load_for_submit(self, task_id: str, user_id: str) -> tuple[Snapshot, BlockFlags]:
        await self._stepping.about_to("load_for_submit", [task_id], reads_only=True)
        snapshot, flags = await self._store.load_for_submit(task_id, user_id)
        self._stepping.done(snapshot)
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
        await self._stepping.about_to("commit", [before.task_id])
        after = await self._store.commit(before, task, record, admission=admission, announce=announce)
        self._stepping.done(after)
        return after

    async def secure(self) -> None:
        await self._store.secure()

    async def live_ids(self) -> AsyncIterator[Sequence[str]]:
        await self._stepping.about_to("list", reads_only=True)
        async for batch in self._store.live_ids():
            yield batch
            await self._stepping.about_to("list", reads_only=True)

    async def recently_ended_ids(self, within_s: float) -> Sequence[str]:
        await self._stepping.about_to("list", reads_only=True)
        return await self._store.recently_ended_ids(within_s)


class SteppedQueue:
    """A `DispatchQueue` whose steps are `<who>.claim`, `<who>.renew`, `<who>.take_over` and `<who>.overview`."""

    def __init__(self, queue: DispatchQueue, stepping: Stepping) -> None:
        self._queue = queue
        self._stepping = stepping

    async def claim(self, owner: str, nonces: Sequence[str], limits: Limits, lease_s: float) -> Sequence[Snapshot]:
        await self._stepping.about_to("claim")
        claimed = await self._queue.claim(owner, nonces, limits, lease_s)
        self._stepping.done(*claimed)
        return claimed

    async def renew(self, leases: Mapping[str, Lease], lease_s: float) -> frozenset[str]:
        await self._stepping.about_to("renew", list(leases))
        return await self._queue.renew(leases, lease_s)

    async def take_over(self, owner: str, nonces: Sequence[str], lease_s: float) -> Sequence[Snapshot]:
        await self._stepping.about_to("take_over")
        taken = await self._queue.take_over(owner, nonces, lease_s)
        self._stepping.done(*taken)
        return taken

    async def overview(self, heads_per_lane: int = 3) -> QueueOverview:
        await self._stepping.about_to("overview", reads_only=True)
        return await self._queue.overview(heads_per_lane)
