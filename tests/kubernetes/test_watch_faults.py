"""The watches go on through whatever an API server and the network do to them."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, tzinfo
from pathlib import Path
from urllib.parse import urlsplit

import kmock
import pytest
from lightkube.core.exceptions import ConfigError

from adapters.executors.kubernetes.executor import KubernetesExecutor
from adapters.system import SystemClock
from domain.execution import Failed, Succeeded
from tests.executors.driving import Ended, begin, follow, run
from tests.kubernetes.fake import Engine, FakeCluster, Fault
from tests.kubernetes.making import MakeExecutor, config_for, eventually, executor_for, order
from tests.support.ports import free_port

JOBS = "/apis/batch/v1/namespaces/dms/jobs"


ASKED_FOR_S = 77
PROBES = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)


class Hurried(SystemClock):
    """Notes the waits that the server asked for, and makes them short."""

    def __init__(self, zone: tzinfo) -> None:
        super().__init__(zone)
        self.waits: list[float] = []

    async def sleep(self, seconds: float) -> None:
        if seconds == ASKED_FOR_S:
            self.waits.append(seconds)
            seconds = 0.01
        await super().sleep(seconds)


def watching(request: object) -> bool:
    return "watch" in getattr(request, "params", {})


def listing(request: object) -> bool:
    named, method = getattr(request, "name", ""), str(getattr(request, "method", ""))
    return method.endswith("GET") and named is None and not watching(request)


async def started(executor: KubernetesExecutor, cluster: FakeCluster) -> asyncio.Task[Ended]:
    """Start work and follow it; all watches are open."""
    execution = await begin(executor, order())
    await eventually(lambda: len(cluster.watches) == 4)
    return asyncio.create_task(follow(execution))


async def test_a_watch_that_breaks_goes_on_from_where_it_was(
    executor: KubernetesExecutor, engine: Engine, cluster: FakeCluster
) -> None:
    following = await started(executor, cluster)
    lists = len(cluster.calls("GET", about="jobs"))
    cluster.break_connections()
    engine.run("dms-10-1-cp")
    assert isinstance((await following).outcome, Succeeded)
    assert len(cluster.calls("GET", about="jobs")) == lists


@pytest.mark.parametrize("code", [429, 500, 503])
async def test_a_server_that_cannot_answer_is_asked_again(
    executor: KubernetesExecutor, engine: Engine, cluster: FakeCluster, code: int
) -> None:
    following = await started(executor, cluster)
    cluster.faults.append(Fault(watching, code, times=8))
    cluster.break_connections()
    engine.run("dms-10-1-cp")
    assert isinstance((await following).outcome, Succeeded)


async def test_what_a_busy_server_asks_for_is_waited(
    make_executor: MakeExecutor, engine: Engine, cluster: FakeCluster
) -> None:
    clock = Hurried(UTC)
    following = await started(make_executor(clock), cluster)
    cluster.faults.append(Fault(watching, 429, headers={"Retry-After": str(ASKED_FOR_S)}, times=4))
    cluster.break_connections()
    engine.run("dms-10-1-cp")
    assert isinstance((await following).outcome, Succeeded)
    assert clock.waits == [ASKED_FOR_S] * 4


async def test_after_410_all_is_listed_again(
    executor: KubernetesExecutor, engine: Engine, cluster: FakeCluster
) -> None:
    following = await started(executor, cluster)
    cluster.store.touch()
    engine.run("dms-10-1-cp")
    cluster.store.forget()
    cluster.break_connections()
    ended = await following
    assert isinstance(ended.outcome, Succeeded)
    assert ended.output == "done"


async def test_where_etcd_was_restored_to_an_earlier_version_all_is_listed_again(
    executor: KubernetesExecutor, engine: Engine, cluster: FakeCluster
) -> None:
    following = await started(executor, cluster)
    lists = len(cluster.calls("GET", about="jobs"))
    too_new = "Too large resource version: 4711, current: 42"

    def is_of_jobs(request: object) -> bool:
        return watching(request) and "jobs" in str(getattr(request, "url", ""))

    cluster.faults.append(Fault(is_of_jobs, 504, "Timeout", too_new))
    cluster.break_connections()
    engine.run("dms-10-1-cp")
    assert isinstance((await following).outcome, Succeeded)
    await eventually(lambda: len(cluster.calls("GET", about="jobs")) > lists)


async def test_an_answer_that_comes_behind_the_deletion_brings_nothing_back(
    executor: KubernetesExecutor, engine: Engine, cluster: FakeCluster
) -> None:
    following = await started(executor, cluster)
    board = executor._cluster.board
    (workload,) = board.workloads
    cluster.store.remove(("jobs.batch", "dms", workload.name))
    await following
    late = board.follow(workload.key, workload.name)
    board.adopt(late, workload)
    assert late.is_gone
    assert not board.workloads


async def test_what_was_deleted_while_nobody_watched_is_noticed(
    executor: KubernetesExecutor, engine: Engine, cluster: FakeCluster
) -> None:
    following = await started(executor, cluster)
    engine.make_pods("dms-10-1-cp")
    key = ("jobs.batch", "dms", "dms-10-1-cp")
    cluster.faults.append(Fault(watching, 503, times=8))
    cluster.break_connections()
    cluster.store.change(key, lambda job: job["metadata"].update(deletionTimestamp="2026-01-01T00:00:00Z"))
    engine.remove_pods("dms-10-1-cp")
    cluster.store.forget()
    assert "deleted by somebody else" in (await following).reason


async def test_nothing_is_started_that_could_not_be_followed(
    executor: KubernetesExecutor, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.executors.kubernetes.executor.SEEN_WITHIN_S", 0.2)
    cluster.faults.append(Fault(listing, 403, "Forbidden", 'cannot list resource "jobs"', times=1_000_000))
    ended = await run(executor, order())
    assert isinstance(ended.outcome, Failed)
    assert ended.outcome.transient
    assert "the cluster cannot be watched: " in ended.reason
    assert 'cannot list resource "jobs"' in ended.reason
    assert not cluster.calls("POST")


async def test_an_api_server_that_restarts_is_found_again(tmp_path: Path) -> None:
    port = free_port()
    async with FakeCluster() as cluster:
        engine = Engine(cluster)
        async with kmock.Server(cluster, port=port):
            executor = executor_for(config_for(cluster, tmp_path))
            following = await started(executor, cluster)
            cluster.faults.append(refusing := Fault(lambda _: True, 503, times=1_000_000))
            cluster.break_connections()
            await eventually(lambda: not cluster.watches)
        engine.run("dms-10-1-cp")
        await eventually(lambda: "Connect" in executor._cluster.problem)
        refusing.times = 0
        async with kmock.Server(cluster, port=port):
            assert isinstance((await following).outcome, Succeeded)
            await executor.close()
            cluster.break_connections()


async def test_a_log_whose_connection_breaks_is_read_on(
    executor: KubernetesExecutor, engine: Engine, cluster: FakeCluster
) -> None:
    following = await started(executor, cluster)
    (pod,) = engine.make_pods("dms-10-1-cp")
    engine.start(pod)
    for number in range(3):
        engine.print(pod, f"line {number}")
    await eventually(lambda: cluster.calls("GET", about="/log"))
    cluster.logs.break_connections()
    engine.print(pod, "line 3")
    await eventually(lambda: len(cluster.calls("GET", about="/log")) > 1)
    engine.end(pod)
    engine.succeed("dms-10-1-cp")
    assert (await following).output.splitlines() == [f"line {number}" for number in range(4)]


async def test_a_list_comes_in_pages(executor: KubernetesExecutor, engine: Engine, cluster: FakeCluster) -> None:
    cluster.page_size = 2
    executions = [await begin(executor, order(task_id=str(number))) for number in range(1, 6)]
    following = [asyncio.create_task(follow(execution)) for execution in executions]
    await eventually(lambda: len(cluster.watches) == 4)
    cluster.store.forget()
    cluster.store.touch()
    for number in range(1, 6):
        engine.run(f"dms-{number}-1-cp")
    cluster.store.forget()
    cluster.break_connections()
    assert all(isinstance(ended.outcome, Succeeded) for ended in await asyncio.gather(*following))
    assert [call for call in cluster.calls("GET", about="jobs") if call == f"GET {JOBS}"]


@pytest.mark.parametrize("answer", ["<html>bad gateway</html>", '{"type": "ADDED"}', '{"type": "ADDED", "object": 7}'])
async def test_what_a_proxy_makes_of_an_event_is_survived(
    executor: KubernetesExecutor, engine: Engine, cluster: FakeCluster, answer: str
) -> None:
    following = await started(executor, cluster)
    cluster.garbage.extend([answer] * 4)
    cluster.break_connections()
    engine.run("dms-10-1-cp")
    assert isinstance((await following).outcome, Succeeded)


async def test_an_object_that_cannot_be_read_hides_no_other(
    executor: KubernetesExecutor, engine: Engine, cluster: FakeCluster, caplog: pytest.LogCaptureFixture
) -> None:
    odd = {"metadata": {"labels": {"dms/task-id": "1", "dms/attempt": "1"}}, "status": {"conditions": [7]}}
    cluster.store.add(("pods.", "dms", "odd"), odd)
    engine.auto = engine.run
    assert isinstance((await run(executor, order())).outcome, Succeeded)
    assert "an object of the cluster cannot be read" in caplog.text


async def test_credentials_that_cannot_be_read_are_no_failure_of_the_task(
    executor: KubernetesExecutor, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begin(executor, order(task_id="9"))

    async def cannot_read(*_: object, **__: object) -> None:
        raise ConfigError("Token file /var/run/secrets/token not found")

    monkeypatch.setattr(executor._cluster.api._client, "send", cannot_read)
    ended = await run(executor, order())
    assert isinstance(ended.outcome, Failed)
    assert ended.outcome.transient
    assert "Token file" in ended.reason


async def test_the_system_asks_whether_the_other_side_of_a_watch_is_still_there(
    executor: KubernetesExecutor, engine: Engine, cluster: FakeCluster
) -> None:
    """A break that nobody tells of can be made only with rights over the network: the sockets show what is asked."""
    following = await started(executor, cluster)
    connections = list(connections_to(urlsplit(str(cluster.servers[0].url)).port))
    try:
        probed = [each for each in connections if each.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)]
        assert len(probed) >= len(cluster.watches)
        for each in probed:
            idle, between, unanswered = (each.getsockopt(socket.IPPROTO_TCP, name) for name in PROBES)
            assert idle + between * unanswered <= 30
    finally:
        for each in connections:
            each.close()
        following.cancel()


def connections_to(port: int | None) -> Iterator[socket.socket]:
    """Copies of this process's connections to a port of this machine."""
    for each in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            if each.readlink().name.startswith("socket:"):
                copy = socket.socket(fileno=os.dup(int(each.name)))
                with suppress(OSError):
                    if copy.getpeername()[1:2] == (port,):
                        yield copy
                        continue
                copy.close()
