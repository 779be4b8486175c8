"""Hundreds of tasks at once cost no more watches than one."""

from __future__ import annotations

import asyncio

import pytest

from adapters.executors.kubernetes.executor import KubernetesExecutor
from domain.execution import Succeeded
from tests.executors.driving import run
from tests.kubernetes.fake import Engine, FakeCluster
from tests.kubernetes.making import order

TASKS = 500


@pytest.mark.slow
async def test_500_tasks_at_once_share_the_watches(
    executor: KubernetesExecutor, engine: Engine, cluster: FakeCluster
) -> None:
    all_run = asyncio.Event()

    async def work(number: int) -> None:
        ended = await run(executor, order(task_id=str(number)))
        assert isinstance(ended.outcome, Succeeded)
        assert ended.output == f"task {number}"

    def starts(workload: str) -> None:
        (pod,) = engine.make_pods(workload)
        engine.start(pod)
        engine.begin(workload)
        if len(engine.workloads) == TASKS:
            all_run.set()

    engine.auto = starts
    works = asyncio.gather(*(work(number) for number in range(1, TASKS + 1)))
    await all_run.wait()
    for number in range(1, TASKS + 1):
        (pod,) = (each["metadata"]["name"] for each in engine.pods_of(f"dms-{number}-1-cp"))
        engine.print(pod, f"task {number}")
        engine.end(pod)
        engine.succeed(f"dms-{number}-1-cp")
    await works
    assert len(cluster.calls("WATCH")) == 4  # three kinds, and pods
    assert len(cluster.calls("POST")) == TASKS
    assert len(cluster.calls("GET", about="/log")) <= 2 * TASKS
    assert len(cluster.calls()) <= 4 * TASKS
