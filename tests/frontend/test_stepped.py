"""The stores with steps, and the stand-in's side of the memory adapters."""

import asyncio
import json
from dataclasses import replace
from typing import Any

from adapters.memory import MemoryDatabase, MemoryDispatchQueue, MemoryTaskStore
from domain.dispatch import Limits
from domain.ports import Snapshot
from domain.task import Task
from tests.frontend.interleaving import Choices, Interleaver, VirtualClock, replay
from tests.frontend.interleaving.stepped import SteppedQueue, SteppedStore, Stepping
from tests.frontend.standin import Answer, DatabaseRecords, Frontend, InProcessScheduler, Journal, truth_of, verdict
from tests.frontend.standin.database_records import document_of, record_from


class World:
    """A frontend, and the scheduler's stores, on one memory database; nobody is there to be called."""

    def __init__(self, choices: Choices) -> None:
        self.driver, self.journal, self.clock = Interleaver(choices), Journal(), VirtualClock()
        self.database = MemoryDatabase(self.clock, self.driver.loop.time)
        self.records = DatabaseRecords(self.database)
        stepping = Stepping(self.driver, journal=self.journal, changed=self.records.note)
        self.store = SteppedStore(MemoryTaskStore(self.database), stepping)
        self.queue = SteppedQueue(MemoryDispatchQueue(self.database), stepping)
        self.frontend = Frontend(
            self.records,
            InProcessScheduler(_refuse, _refuse),
            clock=self.clock,
            journal=self.journal,
            steps=self.driver,
        )

    async def accept(self, task_id: str) -> Snapshot:
        """Accept a registered task as a scheduler does."""
        snapshot, _ = await self.store.load_for_submit(task_id, "alice")
        assert snapshot.record is not None
        task = Task.accept(snapshot.record, self.clock.now())
        lines = (*snapshot.record.logs, *task.lines)
        record = replace(snapshot.record, logs=lines, status=str(task.status))
        return await self.store.commit(snapshot, replace(task, lines=lines), record)


async def _refuse(body: dict[str, Any]) -> Answer:
    return Answer(404)


def test_every_operation_of_a_store_is_a_step() -> None:
    def run(choices: Choices) -> list[str]:
        world = World(choices)

        async def main() -> None:
            task_id = await world.frontend.register()
            await world.accept(task_id)
            await world.store.load([task_id])
            claimed = await world.queue.claim("me", ["1"], Limits(), 10)
            assert claimed[0].task is not None
            assert claimed[0].task.lease is not None
            await world.queue.renew({task_id: claimed[0].task.lease}, 10)
            await world.queue.overview()
            await world.queue.take_over("me", ["2"], 10)
            assert [ids async for ids in world.store.live_ids()] == [[task_id]]
            await world.store.recently_ended_ids(10)

        world.driver.run(main())
        return [str(step) for step in world.driver.trace]

    assert replay(run, ()) == [
        "create.write 1",
        "scheduler.load_for_submit 1",
        "scheduler.commit 1",
        "scheduler.load 1",
        "scheduler.claim",
        "scheduler.renew 1",
        "scheduler.overview",
        "scheduler.take_over",
        "scheduler.list",
        "scheduler.list",
        "scheduler.list",
    ]


def test_versions_of_both_sides_are_known_and_lines_that_a_ledger_could_keep_are_demanded() -> None:
    def run(choices: Choices) -> None:
        world = World(choices)

        async def main() -> None:
            task_id = await world.frontend.register()
            await world.frontend.cancel(task_id)
            accepted = await world.accept(task_id)
            assert [bool(document) for document in world.records.versions.latest(task_id, 9)] == [
                True,
                True,
                True,
                False,
            ]
            history = world.journal.histories[task_id]
            (requested,) = history.lines
            assert requested in history.shown
            assert accepted.task is not None
            assert verdict(world.records.peek(task_id), truth_of(accepted.task), history) == []

        world.driver.run(main())

    replay(run, ())


def test_a_record_survives_the_way_through_the_database() -> None:
    fields = {
        "task_id": "1",
        "service": "sync",
        "user_id": "alice",
        "status": "running",
        "parameters": {"empty": [], "none": {}, "float": 1.0, "big": 2**63},
        "active_jobs": ["job"],
        "created_at": "2026-03-12T10:00:00+09:00",
        "updated_at": "2026-03-12T10:00:01+09:00",
        "logs": ["2026-03-12T10:00:00+09:00,hello"],
        "result": {"pod_status": "a: Running", "launcher_output": None, "more": [1]},
        "priority": "high",
        "newer": {"a": []},
    }
    assert document_of(record_from(json.dumps(fields).encode())).decode() == json.dumps(fields)


def test_a_caller_that_gives_up_leaves_the_handler_at_work() -> None:
    def run(choices: Choices) -> str:
        driver, handled = Interleaver(choices), asyncio.Event()

        async def handle(body: dict[str, Any]) -> Answer:
            await asyncio.sleep(60)
            handled.set()
            return Answer(202)

        async def main() -> str:
            scheduler = InProcessScheduler(handle, handle, impatience=driver)
            try:
                await scheduler.submit({"task_id": "1"})
            except Exception as error:
                assert not handled.is_set()
                await scheduler.settled()
                assert handled.is_set()
                return type(error).__name__
            return "answered"

        return driver.run(main())

    assert replay(run, ()) == "SchedulerUnavailable"
