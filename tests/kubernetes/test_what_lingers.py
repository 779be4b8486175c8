"""Pods that outlive their workload, or what the watches say of it: nothing of a task is at work beside them."""

from __future__ import annotations

import asyncio

import pytest

from adapters.executors.kubernetes.executor import KubernetesExecutor
from domain.execution import Failed, Stopped, Succeeded
from tests.executors.driving import begin, follow
from tests.kubernetes.fake import Engine, FakeCluster
from tests.kubernetes.making import SERVICES, eventually, go_on, order

MULTIPOD = [kind for kind in SERVICES if kind != "job"]


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits longer than it takes."""
    monkeypatch.setattr("adapters.executors.kubernetes.execution.LINGERING_PODS_S", 0.01)
    monkeypatch.setattr("adapters.executors.kubernetes.execution.PODS_END_S", 0.0)


@pytest.mark.parametrize("kind", MULTIPOD)
async def test_a_failure_that_will_be_tried_again_waits_for_what_is_left_of_the_work(
    executor: KubernetesExecutor, engine: Engine, cluster: FakeCluster, kind: str
) -> None:
    engine.holds_pods = True
    execution = await begin(executor, order(SERVICES[kind]))
    launcher, *workers = engine.make_pods(execution.name)
    for pod in (launcher, *workers):
        engine.start(pod)
    following = asyncio.create_task(follow(execution))
    engine.evict(launcher, "The node was low on resource: memory.")
    engine.fail(execution.name)  # an engine need not wait for the workers before it says so
    await eventually(lambda: all(each.is_deleted for each in executor._cluster.board.workloads))
    await go_on()
    assert not following.done()
    engine.remove_pods(execution.name)
    ended = await following
    assert isinstance(ended.outcome, Failed)
    assert ended.outcome.transient
    assert "evicted from its node" in ended.reason


async def test_a_cancel_waits_for_pods_that_no_watch_has_shown(
    executor: KubernetesExecutor, engine: Engine, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.holds_pods = True
    execution = await begin(executor, order())
    board = executor._cluster.board
    monkeypatch.setattr(board, "put_pod", lambda key, pod: None)
    engine.make_pods(execution.name)
    following = asyncio.create_task(follow(execution))
    await execution.stop()
    await eventually(lambda: cluster.calls("DELETE"))
    cluster.store.remove(("jobs.batch", "dms", execution.name))
    asked = len(cluster.calls("GET", about="pods"))
    await eventually(lambda: len(cluster.calls("GET", about="pods")) > asked + 2)  # and again, and again
    assert not following.done()
    engine.remove_pods(execution.name)
    assert isinstance((await following).outcome, Stopped)


@pytest.mark.parametrize(("code", "outcome"), [(0, Succeeded), (1, Failed)])
async def test_pods_that_have_ended_may_stay(
    executor: KubernetesExecutor, engine: Engine, cluster: FakeCluster, code: int, outcome: type[Succeeded | Failed]
) -> None:
    """As after `kubectl delete --cascade=orphan`."""
    execution = await begin(executor, order())
    (pod,) = engine.make_pods(execution.name)
    engine.start(pod)
    following = asyncio.create_task(follow(execution))
    engine.end(pod, code)
    cluster.store.remove(("jobs.batch", "dms", execution.name))
    assert isinstance((await following).outcome, outcome)
