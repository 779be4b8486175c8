"""Short ways to say what happens in an example."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

from domain.dispatch import Limits
from domain.ports import Snapshot
from domain.reconcile import reconcile
from domain.record import Record
from domain.task import Task, Token
from domain.values import Priority, TaskResult
from tests.stores.harness import StoreHarness

TTL_S = 5_000.0
LEASE_S = 60.0
NO_LIMITS = Limits()


class Story:
    """Tells what the frontend and the owners of tasks do, each at a moment of its own."""

    def __init__(self, store: StoreHarness) -> None:
        self.store = store
        self._moment = store.now()
        self._nonces = count(1)

    def at(self) -> datetime:
        """Return the moment of the next event: half a second after the one before."""
        self._moment += timedelta(seconds=0.5)
        return self._moment

    def nonces(self, number: int) -> list[str]:
        """Return token parts that nobody has used."""
        return [f"{next(self._nonces):016x}" for _ in range(number)]

    # --- the frontend ------------------------------------------------------------------------------------------

    async def register(
        self, task_id: str, service: str = "sync", user_id: str = "alice", priority: Priority = Priority.LOW
    ) -> Record:
        """Write the record of a new task, whatever had the id before."""
        moment = self.at().isoformat()
        record = Record(
            task_id=task_id,
            service=service,
            user_id=user_id,
            status="pending",
            parameters={"src": "/pvs/a", "dst": "/pvs/b"},
            created_at=moment,
            updated_at=moment,
            priority=priority,
        )
        await self.store.frontend.write(record, TTL_S)
        return record

    # --- the scheduler -----------------------------------------------------------------------------------------

    async def load(self, task_id: str) -> Snapshot:
        (snapshot,) = await self.store.tasks.load([task_id])
        return snapshot

    async def change(self, before: Snapshot, task: Task) -> Snapshot:
        """Commit a task with the record that it implies."""
        met = reconcile(task, before.record, self.at())
        return await self.store.tasks.commit(before, met.task, met.record)

    async def accept(
        self, task_id: str, service: str = "sync", user_id: str = "alice", priority: Priority = Priority.LOW
    ) -> Snapshot:
        """Register a task and accept it."""
        record = await self.register(task_id, service, user_id, priority)
        return await self.change(await self.load(task_id), Task.accept(record, self.at()))

    async def claim(self, slots: int = 1, limits: Limits = NO_LIMITS, owner: str = "replica-1") -> Sequence[Snapshot]:
        return await self.store.queue.claim(owner, self.nonces(slots), limits, LEASE_S)

    async def claim_ids(self, slots: int = 1, limits: Limits = NO_LIMITS) -> list[str]:
        return [snapshot.task_id for snapshot in await self.claim(slots, limits)]

    async def take_over(self, number: int = 1, owner: str = "replica-2") -> Sequence[Snapshot]:
        return await self.store.queue.take_over(owner, self.nonces(number), LEASE_S)

    async def at_work(self, task_id: str, user_id: str = "alice") -> Snapshot:
        """Bring a task to work, where nothing else waits."""
        await self.accept(task_id, user_id=user_id)
        (claimed,) = await self.claim()
        assert claimed.task_id == task_id
        dispatched = await self.change(claimed, task_of(claimed).dispatch(token_of(claimed), self.at()))
        return await self.change(dispatched, task_of(dispatched).start(token_of(dispatched), "a-job", self.at()))

    async def complete(self, before: Snapshot) -> Snapshot:
        done = task_of(before).complete(token_of(before), TaskResult("local: Succeeded", "done"), self.at())
        return await self.change(before, done)

    async def refuse(self, task_id: str) -> Snapshot:
        """Let a task be born failed."""
        record = await self.register(task_id)
        return await self.change(await self.load(task_id), Task.refuse(record, "no such path", self.at()))

    async def hand_back(self, before: Snapshot) -> Snapshot:
        return await self.change(before, task_of(before).hand_back(token_of(before), self.at(), "shutdown"))

    async def retry_later(self, before: Snapshot, retry_at: datetime) -> Snapshot:
        waiting = task_of(before).retry_later(token_of(before), "network", retry_at, self.at())
        return await self.change(before, waiting)


def task_of(snapshot: Snapshot) -> Task:
    assert snapshot.task is not None
    return snapshot.task


def record_of(snapshot: Snapshot) -> Record:
    assert snapshot.record is not None
    return snapshot.record


def token_of(snapshot: Snapshot) -> Token:
    lease = task_of(snapshot).lease
    assert lease is not None
    return lease.token


def with_line(record: Record, line: str) -> Record:
    """Return the record as the frontend saves it with one more line."""
    return replace(record, logs=(*record.logs, line))
