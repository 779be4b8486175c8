"""The scheduler with a cluster: what becomes of tasks, whoever is away meanwhile."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from application.settings import Lifetimes, SchedulerConfig
from domain.record import Record
from domain.retry import RetryPolicy
from domain.task import Task
from domain.values import TaskStatus
from tests.application.replica import Process, World
from tests.executors.driving import CLOCK
from tests.kubernetes.fake import Engine, FakeCluster, Fault
from tests.kubernetes.making import MakeExecutor, eventually

QUICK = Lifetimes(lease_s=0.6, kill_grace_s=0.1, shutdown_grace_s=0.0, poll_s=0.05, report_s=0.01, settle_s=0.01)


@dataclass
class Stage:
    """A store, and schedulers on it."""

    world: World
    make_executor: MakeExecutor

    def scheduler(self, name: str) -> Process:
        config = SchedulerConfig(name, lifetimes=QUICK, retry=RetryPolicy(2, 0.01, 0.01))
        return Process(self.world, self.make_executor(), config)

    async def submit(self, process: Process) -> Record:
        record = await self.world.register("cp", src="/pvs/a", dst="/home/gpu1/b")
        await process.submit(record)
        return record

    async def ended(self, record: Record, status: TaskStatus) -> Task:
        found: list[Task] = []

        async def look() -> None:
            while not found:
                task = await self.world.task(record.task_id)
                if task is not None and task.status is status:
                    found.append(task)
                await asyncio.sleep(0.01)

        await asyncio.wait_for(look(), 20)
        return found[0]


@pytest.fixture
async def stage(make_executor: MakeExecutor) -> Stage:
    return Stage(World(CLOCK), make_executor)  # type: ignore[arg-type]


async def test_a_task_runs_on_the_cluster(stage: Stage, engine: Engine, cluster: FakeCluster) -> None:
    engine.auto = engine.run
    process = stage.scheduler("one")
    async with process.running():
        record = await stage.submit(process)
        task = await stage.ended(record, TaskStatus.COMPLETED)
        assert task.result.launcher_output == "done"
        shown = await stage.world.record(record.task_id)
        assert shown is not None
        assert shown.active_jobs == () or shown.active_jobs == (f"dms-{record.task_id}-1-cp",)
    assert len([call for call in cluster.calls() if "/log" in call or call.startswith("POST")]) == 2


async def test_a_cancel_removes_the_work(stage: Stage, engine: Engine, cluster: FakeCluster) -> None:
    process = stage.scheduler("one")
    async with process.running():
        record = await stage.submit(process)
        await stage.ended(record, TaskStatus.RUNNING)
        await process.cancel(record)
        await stage.ended(record, TaskStatus.CANCELLED)
    assert engine.workloads == []
    assert len(cluster.calls("DELETE")) == 1


async def test_a_passing_failure_is_tried_again_and_another_is_not(stage: Stage, engine: Engine) -> None:
    process = stage.scheduler("one")
    seen: list[str] = []

    def evicts_the_first(workload: str) -> None:
        seen.append(workload)
        (pod,) = engine.make_pods(workload)
        engine.start(pod)
        if len(seen) == 1:
            engine.evict(pod, "low on memory")
        else:
            engine.end(pod, 2)
        engine.fail(workload)

    engine.auto = evicts_the_first
    async with process.running():
        record = await stage.submit(process)
        task = await stage.ended(record, TaskStatus.FAILED)
    assert seen == [f"dms-{record.task_id}-1-cp", f"dms-{record.task_id}-2-cp"]
    assert [attempt.outcome.partition(":")[0] for attempt in task.attempts] == ["failed", "failed"]
    assert "mover ended with exit code 2" in task.lines[-1]


async def test_a_shutdown_lets_go_and_the_next_scheduler_goes_on(
    stage: Stage, engine: Engine, cluster: FakeCluster
) -> None:
    first = stage.scheduler("one")
    async with first.running():
        record = await stage.submit(first)
        await stage.ended(record, TaskStatus.RUNNING)
    assert not cluster.calls("DELETE")
    second = stage.scheduler("two")
    async with second.running():
        engine.run(f"dms-{record.task_id}-1-cp")
        task = await stage.ended(record, TaskStatus.COMPLETED)
    assert len(task.attempts) == 1
    assert len(cluster.calls("POST")) == 1


@pytest.mark.slow
async def test_an_api_server_that_is_away_for_longer_than_a_lease_loses_no_work(
    stage: Stage, engine: Engine, cluster: FakeCluster
) -> None:
    process = stage.scheduler("one")
    async with process.running():
        record = await stage.submit(process)
        await stage.ended(record, TaskStatus.RUNNING)
        away = Fault(lambda _: True, 503, times=1_000_000)
        cluster.faults.append(away)
        cluster.break_connections()
        await process.cancel(record)
        await asyncio.sleep(2 * QUICK.lease_s)
        assert engine.workloads
        away.times = 0
        await stage.ended(record, TaskStatus.CANCELLED)
    assert engine.workloads == []


async def test_a_create_of_which_the_answer_never_comes_is_found_out(
    stage: Stage, engine: Engine, cluster: FakeCluster
) -> None:
    process = stage.scheduler("one")
    blind = Fault(lambda request: str(request.method).endswith("POST"), 503, times=1_000_000, does_it=True)
    cluster.faults.append(blind)
    async with process.running():
        record = await stage.submit(process)
        await eventually(lambda: engine.workloads)
        engine.run(f"dms-{record.task_id}-1-cp")
        task = await stage.ended(record, TaskStatus.COMPLETED)
    assert len(task.attempts) == 1
    assert len(engine.workloads) == 1
