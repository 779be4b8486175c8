"""Short ways to do what a frontend and a scheduler do with one Redis server, step by step."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

from adapters.redis.dispatch_queue import RedisDispatchQueue
from adapters.redis.endpoints import RedisEndpoints
from adapters.redis.task_store import RedisTaskStore
from domain.dispatch import Limits
from domain.ports import Snapshot, TaskStore
from domain.reconcile import reconcile
from domain.record import Record
from domain.task import Task, Token
from domain.values import TaskResult

TTL_MS = 5_000_000
LEASE_S = 60.0
NO_LIMITS = Limits()
_NONCES = count(1)
"""Of all desks: no two calls have the same nonces, or the later one counts as a repetition."""
CREATED_AT = "2026-03-12T10:00:00.123456+09:00"
DONE = TaskResult("local: Succeeded", "done")


def document(task_id: str, /, **changes: object) -> dict[str, object]:
    """A record as the frontend writes it, with other fields where they are given."""
    return {
        "task_id": task_id,
        "service": "sync",
        "user_id": "alice",
        "status": "pending",
        "parameters": {"src": "/home/gpu1/a", "dst": "/pvs/b"},
        "active_jobs": [],
        "created_at": CREATED_AT,
        "updated_at": CREATED_AT,
        "logs": [],
        "result": {"pod_status": None, "launcher_output": None},
        "priority": "low",
        **changes,
    }


class Clock:
    """Half a second goes by from one look at it to the next. It begins now, for Redis has a clock of its own."""

    def __init__(self) -> None:
        self._moment = datetime.now(UTC)

    def now(self) -> datetime:
        self._moment += timedelta(milliseconds=500)
        return self._moment

    def monotonic(self) -> float:
        return self._moment.timestamp()

    async def sleep(self, seconds: float) -> None:
        self._moment += timedelta(seconds=seconds)


class Desk:
    """One frontend and one scheduler; `store` may be wrapped to interfere with what the scheduler does."""

    def __init__(self, endpoints: RedisEndpoints, *, limits: Limits = NO_LIMITS) -> None:
        self.endpoints = endpoints
        self.redis = endpoints.write
        self.store: TaskStore = RedisTaskStore(endpoints, limits)
        self.queue = RedisDispatchQueue(endpoints)
        self.limits = limits
        self.clock = Clock()

    # --- the frontend ------------------------------------------------------------------------------------------

    async def put(self, task_id: str, content: Mapping[str, object] | bytes, ttl_ms: int | None = TTL_MS) -> None:
        """Save a record, whatever stands there."""
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        await self.redis.set(f"task:{task_id}", raw, px=ttl_ms)

    async def raw(self, task_id: str) -> bytes | None:
        """The record's bytes."""
        found = await self.redis.get(f"task:{task_id}")
        assert found is None or isinstance(found, bytes)
        return found

    async def shown(self, task_id: str) -> dict[str, object]:
        """The record, parsed as a frontend would."""
        raw = await self.raw(task_id)
        assert raw is not None, f"task {task_id} has no record"
        parsed = json.loads(raw)
        assert isinstance(parsed, dict)
        return parsed

    # --- the scheduler -----------------------------------------------------------------------------------------

    async def load(self, task_id: str) -> Snapshot:
        (snapshot,) = await self.store.load([task_id])
        return snapshot

    async def change(self, before: Snapshot, task: Task) -> Snapshot:
        """Commit a task with the record that it implies."""
        met = reconcile(task, before.record, self.clock.now())
        return await self.store.commit(before, met.task, met.record)

    async def accept(self, task_id: str, **changes: object) -> Snapshot:
        """Save a new record, and accept the task."""
        await self.put(task_id, document(task_id, **changes))
        return await self.accept_as_it_stands(task_id)

    async def accept_as_it_stands(self, task_id: str) -> Snapshot:
        before = await self.load(task_id)
        return await self.change(before, Task.accept(record_of(before), self.clock.now()))

    def nonces(self, number: int) -> list[str]:
        """Token parts that nobody has used."""
        return [f"{next(_NONCES):016x}" for _ in range(number)]

    async def claim(self, slots: int = 1, owner: str = "replica-1") -> Sequence[Snapshot]:
        return await self.queue.claim(owner, self.nonces(slots), self.limits, LEASE_S)

    async def start(self, claimed: Snapshot) -> Snapshot:
        """Bring claimed work to `running`."""
        task = task_of(claimed)
        dispatched = await self.change(claimed, task.dispatch(token_of(claimed), self.clock.now()))
        return await self.change(dispatched, task_of(dispatched).start(token_of(dispatched), "a-job", self.clock.now()))

    async def at_work(self, task_id: str, **changes: object) -> Snapshot:
        """Bring a new task to work, where nothing else waits."""
        await self.accept(task_id, **changes)
        (claimed,) = await self.claim()
        assert claimed.task_id == task_id
        return await self.start(claimed)

    async def complete(self, running: Snapshot) -> Snapshot:
        return await self.change(running, task_of(running).complete(token_of(running), DONE, self.clock.now()))

    async def run(self, task_id: str, **changes: object) -> Snapshot:
        """Bring a new task from its record to `completed`."""
        return await self.complete(await self.at_work(task_id, **changes))


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
