"""No two workloads for one task, whatever becomes of answers, and whoever starts it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from adapters.executors.kubernetes.config import KubernetesConfig
from adapters.executors.kubernetes.executor import KubernetesExecutor
from domain.execution import Failed, LeaseLapsed, Succeeded
from domain.ports import ExecutorUnavailable
from tests.executors.driving import begin, follow, run, until
from tests.kubernetes.fake import Engine, FakeCluster, Fault
from tests.kubernetes.making import MakeExecutor, eventually, order


def creating(request: object) -> bool:
    return str(getattr(request, "method", "")).endswith("POST")


@pytest.mark.parametrize("does_it", [True, False])
@pytest.mark.parametrize("drops", [True, False])
async def test_a_create_whose_answer_got_lost_is_made_again(
    executor: KubernetesExecutor, engine: Engine, cluster: FakeCluster, does_it: bool, drops: bool
) -> None:
    cluster.faults.append(Fault(creating, 504, "Timeout", drops=drops, does_it=does_it))
    execution = await begin(executor, order())
    assert len(cluster.calls("POST")) == 2
    assert engine.workloads == ["dms-10-1-cp"]
    engine.run("dms-10-1-cp")
    assert isinstance((await follow(execution)).outcome, Succeeded)


async def test_a_start_that_never_learns_what_came_of_it_says_so(
    executor: KubernetesExecutor, engine: Engine, cluster: FakeCluster
) -> None:
    assert isinstance((await run(executor, order("rm", path="/etc"))).outcome, Failed)
    cluster.faults.append(Fault(creating, 503, times=1_000_000, does_it=True))
    with pytest.raises(ExecutorUnavailable, match="did not tell whether it has taken dms-10-1-cp"):
        await executor.start(order(), until(0.3))
    found = await executor.attach(order(), until())
    assert found is not None
    assert found.name == "dms-10-1-cp"
    await found.detach()


async def test_a_server_that_was_never_reached_has_done_nothing(
    make_executor: MakeExecutor, config: KubernetesConfig, cluster: FakeCluster
) -> None:
    executor = make_executor()
    await begin(executor, order(task_id="9"))  # all is seen
    cluster.break_connections()
    api = executor._cluster.api
    api._client._client.base_url = "http://127.0.0.1:1/"
    ended = await run(executor, order())
    assert isinstance(ended.outcome, Failed)
    assert ended.outcome.transient
    assert "API server cannot be reached" in ended.reason


async def test_two_schedulers_that_start_the_same_attempt_share_one_workload(
    make_executor: MakeExecutor, engine: Engine
) -> None:
    first, second = make_executor(), make_executor()
    executions = await asyncio.gather(begin(first, order()), begin(second, order()))
    assert engine.workloads == ["dms-10-1-cp"]
    following = [asyncio.create_task(follow(execution)) for execution in executions]
    engine.run("dms-10-1-cp")
    assert all(isinstance(ended.outcome, Succeeded) for ended in await asyncio.gather(*following))


async def test_work_of_another_task_with_the_same_id_is_a_conflict_and_left_alone(
    executor: KubernetesExecutor, engine: Engine, cluster: FakeCluster
) -> None:
    await begin(executor, order(created_at="2026-01-01T00:00:00+00:00"))
    ended = await run(executor, order())
    assert isinstance(ended.outcome, Failed)
    assert ended.reason == (
        "conflict: dms-10-1-cp exists on the cluster already and belongs to something else; it was left alone"
    )
    assert ended.outcome.transient  # the next attempt has a name of its own
    assert await executor.attach(order(), until()) is None
    assert engine.workloads == ["dms-10-1-cp"]
    assert not cluster.calls("DELETE")


async def test_the_same_moment_in_another_offset_is_the_same_task(executor: KubernetesExecutor) -> None:
    work = order(created_at="2026-03-12T10:00:00.123456+09:00")
    await begin(executor, work)
    assert await executor.attach(replace(work, created_at="2026-03-12T01:00:00.123456+00:00"), until()) is not None


async def test_what_was_never_started_is_not_found(executor: KubernetesExecutor) -> None:
    assert await executor.attach(order(), until()) is None


async def test_a_cluster_that_does_not_answer_does_not_say_that_there_is_no_work(
    executor: KubernetesExecutor, cluster: FakeCluster
) -> None:
    await begin(executor, order())
    cluster.faults.append(Fault(lambda request: request.name == "dms-10-1-cp", 503, times=1_000_000))
    with pytest.raises(ExecutorUnavailable):
        await executor.attach(order(), until())


async def test_a_lease_that_ends_while_the_server_is_busy_starts_nothing(
    executor: KubernetesExecutor, engine: Engine, cluster: FakeCluster
) -> None:
    await begin(executor, order(task_id="9"))
    cluster.faults.append(Fault(creating, 429, times=1_000_000, headers={"Retry-After": "5"}))
    outcome = await executor.start(order(), until(0.5))
    assert isinstance(outcome, Failed | LeaseLapsed)
    assert engine.workloads == ["dms-9-1-cp"]
    await eventually(lambda: len(cluster.calls("POST")) >= 2)
