"""One replica, or several, of the scheduler on a memory store, and the frontend's side of the records."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeVar

from adapters.memory import (
    MemoryBlockStore,
    MemoryDatabase,
    MemoryDispatchQueue,
    MemoryFrontendRecords,
    MemoryRecordWatch,
    MemoryReplicaBoard,
    MemoryTaskStore,
)
from application.blocks import SettleEndedBlocks
from application.cancel import Cancellation, CancelTask
from application.dispatcher import Dispatcher
from application.leases import KeepLeases, TakeOver
from application.ledger import Ledger
from application.meter import UNMETERED, Meter
from application.presence import KeepPresence
from application.priority import ChangePriority
from application.reconciling import ReconcileTasks
from application.restoring import RestoreLedgers
from application.scheduler import Scheduler
from application.settings import SchedulerConfig
from application.submit import SubmitTask
from application.tools import Tools
from application.unsettled import Unsettled
from application.watching import WatchRecords
from domain.admission import Submission
from domain.ports import DispatchQueue, Executor, TaskStore
from domain.record import Record
from domain.task import Task
from domain.values import Priority
from tests.frontend.interleaving import Interleaver, VirtualClock, replay
from tests.support.manual_executor import ManualExecutor

T = TypeVar("T")

TTL_S = 1000.0
LOOK_S = 0.05
MOST_LOOKS = 10_000


def in_virtual_time(story: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a story to its end; whenever all wait, the time passes at once up to what comes next."""
    return replay(lambda choices: Interleaver(choices).run(story()), ())


class Sequence:
    """Randomness that a test can foretell."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def nonce(self) -> str:
        return f"{next(self._numbers):04x}"

    def jitter(self) -> float:
        return 0.0


@dataclass
class World:
    """What replicas share. Make it inside of virtual time."""

    clock: VirtualClock = field(default_factory=VirtualClock)

    def __post_init__(self) -> None:
        self.database = MemoryDatabase(self.clock, asyncio.get_running_loop().time)
        self.store = MemoryTaskStore(self.database)
        self.frontend = MemoryFrontendRecords(self.database)
        self.blocks = MemoryBlockStore(self.database)

    async def register(
        self, service: str = "sync", user_id: str = "alice", *, priority: Priority = Priority.LOW, **parameters: object
    ) -> Record:
        """Write a record as the frontend does."""
        now = self.clock.now().isoformat()
        record = Record(
            task_id=await self.frontend.next_id(),
            service=service,
            user_id=user_id,
            status="dispatching",
            parameters=parameters,
            created_at=now,
            updated_at=now,
            logs=(f"{now},Dispatching to scheduler",),
            priority=priority,
        )
        await self.frontend.write(record, TTL_S)
        return record

    async def record(self, task_id: str) -> Record | None:
        """What the frontend would read."""
        return await self.frontend.read(task_id)

    async def task(self, task_id: str) -> Task | None:
        """What the ledger says."""
        (snapshot,) = await self.store.load([task_id])
        return snapshot.task

    async def until(self, task_id: str, status: str) -> Task:
        """Wait, in virtual time, until the ledger has this status."""
        task = await self.task(task_id)
        for _ in range(MOST_LOOKS):
            if task is not None and task.status == status:
                break
            await asyncio.sleep(LOOK_S)
            task = await self.task(task_id)
        assert task is not None
        assert task.status == status, f"task {task_id} never became {status}: {task}"
        return task


async def eventually(holds: Callable[[], bool]) -> None:
    """Wait, in virtual time, until something holds."""
    for _ in range(MOST_LOOKS):
        if holds():
            return
        await asyncio.sleep(LOOK_S)
    raise AssertionError("it never came to hold")


class Process:
    """Everything of one process but its HTTP."""

    def __init__(
        self,
        world: World,
        executor: Executor,
        config: SchedulerConfig | None = None,
        store: TaskStore | None = None,
        queue: DispatchQueue | None = None,
        meter: Meter = UNMETERED,
    ) -> None:
        config = config or SchedulerConfig("replica-1")
        self._world = world
        self.store = store or world.store
        queue = queue or MemoryDispatchQueue(world.database)
        self.ledger = Ledger(self.store, world.clock, meter)
        self.tools = Tools(self.ledger, executor, world.clock, Sequence(), config, meter)
        self.dispatcher = Dispatcher(queue, self.tools)
        self.reconcile = ReconcileTasks(self.store, self.ledger, self.dispatcher.see, meter)
        self.keep_leases = KeepLeases(queue, self.dispatcher, self.tools)
        self.take_over = TakeOver(queue, self.dispatcher, self.tools)
        self.restore = RestoreLedgers(self.store, self.ledger, self.dispatcher, self.keep_leases, world.clock)
        self.watch = WatchRecords(
            MemoryRecordWatch(world.database),
            self.store,
            self.reconcile,
            self.restore,
            self.dispatcher,
            world.clock,
            config.lifetimes,
            meter,
        )
        self.submit_task = SubmitTask(self.store, self.ledger, executor, world.clock, self.dispatcher, config)
        self.cancel_task = CancelTask(self.ledger)
        self.unsettled = Unsettled(self.ledger, self.cancel_task, world.clock)
        board = MemoryReplicaBoard(world.database)
        self.presence = KeepPresence(board, self.dispatcher, world.clock, config)
        self.scheduler = Scheduler(
            self.dispatcher,
            self.keep_leases,
            self.take_over,
            self.watch,
            self.restore,
            self.unsettled,
            world.blocks,
            SettleEndedBlocks(world.blocks, world.clock),
            self.presence,
        )
        self.change_priority = ChangePriority(self.ledger)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the loops."""
        async with self.scheduler.running():
            yield

    async def start_task(self, service: str = "sync") -> Record:
        """Register and submit a task, and return its record as registered when its work has started."""
        record = await self._world.register(service)
        await self.submit(record)
        await self._world.until(record.task_id, "running")
        return record

    async def submit(self, record: Record) -> Task:
        """Submit as the frontend does."""
        return await self.submit_task(Submission(record.task_id, record.service, record.user_id, record.parameters))

    async def cancel(self, record: Record) -> str:
        """Cancel as the frontend does."""
        return await self.cancel_task(Cancellation(record.task_id, record.service, record.user_id))


class Replica(Process):
    """A process whose work the test itself does."""

    def __init__(
        self,
        world: World,
        executor: ManualExecutor,
        config: SchedulerConfig | None = None,
        store: TaskStore | None = None,
        meter: Meter = UNMETERED,
    ) -> None:
        super().__init__(world, executor, config, store, meter=meter)
        self.executor = executor
