"""Every line of a log is heard, and heard once, whatever times a container runtime gives to lines."""

from __future__ import annotations

import asyncio

import pytest

from adapters.executors.kubernetes.executor import KubernetesExecutor
from domain.execution import Report
from tests.executors.driving import Ended, begin, follow
from tests.kubernetes.fake import Engine, FakeCluster
from tests.kubernetes.making import eventually, order

FIRST, SECOND = "2026-01-01T00:00:01.100000000Z", "2026-01-01T00:00:01.200000000Z"


@pytest.fixture
async def following(executor: KubernetesExecutor, engine: Engine, cluster: FakeCluster) -> asyncio.Task[Ended]:
    """Work of which the log is being followed."""
    task = asyncio.create_task(follow(await begin(executor, order())))
    (pod,) = engine.make_pods("dms-10-1-cp")
    engine.start(pod)
    await eventually(lambda: cluster.calls("GET", about="/log"))
    return task


async def output(following: asyncio.Task[Ended], engine: Engine) -> list[str]:
    """End the work, and return what was heard of it."""
    (pod,) = engine.pods_of("dms-10-1-cp")
    engine.end(pod["metadata"]["name"])
    engine.succeed("dms-10-1-cp")
    return (await following).output.splitlines()


async def test_lines_of_one_moment_are_all_heard(
    following: asyncio.Task[Ended], engine: Engine, cluster: FakeCluster
) -> None:
    # CRI-O gives all lines that it reads at once the same time.
    cluster.logs.of("dms-10-1-cp-x7k2p").add_at(FIRST, "one", "two", "two", "three")
    assert await output(following, engine) == ["one", "two", "two", "three"]


async def test_lines_need_not_be_in_the_order_of_their_times(
    following: asyncio.Task[Ended], engine: Engine, cluster: FakeCluster
) -> None:
    # Standard output and standard error are read by two threads, and written to one file.
    log = cluster.logs.of("dms-10-1-cp-x7k2p")
    log.add_at(SECOND, "later")
    log.add_at(FIRST, "earlier")
    assert await output(following, engine) == ["later", "earlier"]


async def test_what_is_redrawn_within_a_line_has_no_time_of_its_own(
    following: asyncio.Task[Ended], engine: Engine, cluster: FakeCluster
) -> None:
    log = cluster.logs.of("dms-10-1-cp-x7k2p")
    log.add_at(FIRST, "10 %\rtwo: 20 %\r30 %")
    log.add_at(SECOND, "done")
    assert await output(following, engine) == ["10 %", "two: 20 %", "30 %", "done"]


async def test_after_a_lost_connection_no_line_is_missed_or_heard_twice(
    executor: KubernetesExecutor, engine: Engine, cluster: FakeCluster
) -> None:
    log = cluster.logs.of("dms-10-1-cp-x7k2p")

    def lose_connection(report: Report) -> None:
        if report.result and (report.result.launcher_output or "").endswith("three"):
            cluster.logs.break_connections()
            log.add_at(SECOND, "two", "four")

    task = asyncio.create_task(follow(await begin(executor, order()), lose_connection))
    (pod,) = engine.make_pods("dms-10-1-cp")
    engine.start(pod)
    log.add_at("2026-01-01T00:00:00.900000000Z", "before")
    log.add_at(SECOND, "one", "two")
    log.add_at(FIRST, "10 %\rthree")
    await eventually(lambda: len(cluster.calls("GET", about="/log")) == 2)
    assert await output(task, engine) == ["before", "one", "two", "10 %", "three", "two", "four"]
