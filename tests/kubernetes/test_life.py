"""The whole life of a task, for each kind of workload."""

from __future__ import annotations

import asyncio

import pytest

from adapters.executors.kubernetes.executor import KubernetesExecutor
from domain.execution import LeaseLapsed, Report, Stopped, Succeeded
from domain.values import Priority, Progress
from tests.executors.driving import begin, follow, run, until
from tests.kubernetes.fake import Engine, FakeCluster
from tests.kubernetes.making import SERVICES, MakeExecutor, eventually, go_on, order

COPIED = "[2026-03-12T10:00:10] Copied 1.500 GiB (50%) in 10.003 secs (153.600 MiB/s) 10 secs left ..."


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> str:
    """The service of each kind in turn."""
    return SERVICES[request.param]


async def test_work_runs_to_its_end(executor: KubernetesExecutor, engine: Engine, service: str) -> None:
    engine.auto = engine.run
    ended = await run(executor, order(service))
    assert isinstance(ended.outcome, Succeeded)
    assert ended.outcome.result.launcher_output == "done"
    pods = [pod["metadata"]["name"] for pod in engine.pods_of(engine.workloads[0])]
    assert ended.outcome.result.pod_status == "\n".join(f"{pod}: Succeeded" for pod in sorted(pods))


async def test_a_quick_task_costs_a_create_and_a_log_request(
    executor: KubernetesExecutor, engine: Engine, cluster: FakeCluster, service: str
) -> None:
    engine.auto = engine.run
    await run(executor, order(service))
    asked = [call for call in cluster.calls() if "10-1" in call or call.startswith("POST")]
    assert [call.split()[0] for call in asked] == ["POST", "GET"]
    assert asked[1].endswith("/log")


async def test_what_happens_is_told_while_it_happens(
    executor: KubernetesExecutor, engine: Engine, service: str
) -> None:
    execution = await begin(executor, order(service))
    (workload,) = engine.workloads
    pods: list[str] = []

    def next_step(report: Report) -> None:
        told = report.result
        assert told is not None
        if not pods:
            pods.extend(engine.make_pods(workload))
            engine.unschedulable(pods[0], "0/12 nodes are available: 12 Insufficient cpu.")
        elif "Insufficient cpu" in (told.launcher_output or ""):
            for pod in pods:
                engine.start(pod)
            engine.begin(workload)
            engine.print(pods[0], COPIED)
        elif report.progress is not None:
            for pod in pods:
                engine.end(pod)
            engine.succeed(workload)

    ended = await follow(execution, next_step)
    assert isinstance(ended.outcome, Succeeded)
    assert ended.output == COPIED
    statuses = [report.result.pod_status for report in ended.reports if report.result and report.result.pod_status]
    assert f"{pods[0]}: Pending" in statuses[0]
    assert any(f"{pods[0]}: Running" in status for status in statuses)
    progress = [report.progress for report in ended.reports if report.progress]
    assert progress[-1] == Progress(bytes_done=1610612736, bytes_total=3221225472, rate_bps=153.6 * 1024**2, eta_s=10.0)


async def test_a_cancel_waits_until_the_pods_are_gone(
    executor: KubernetesExecutor, engine: Engine, cluster: FakeCluster, service: str
) -> None:
    engine.holds_pods = True
    execution = await begin(executor, order(service))
    (workload,) = engine.workloads
    for pod in engine.make_pods(workload):
        engine.start(pod)
    following = asyncio.create_task(follow(execution))
    await execution.stop()
    await eventually(lambda: cluster.calls("DELETE"))
    assert engine.workload(workload)["metadata"]["finalizers"] == ["foregroundDeletion"]
    await eventually(lambda: all(each.is_deleted for each in executor._cluster.board.workloads))
    await go_on()
    assert not following.done()
    engine.remove_pods(workload)
    ended = await following
    assert isinstance(ended.outcome, Stopped)
    assert ended.outcome.result is not None
    assert "Running" in (ended.outcome.result.pod_status or "")
    assert len(cluster.calls("DELETE")) == 1


async def test_a_cancel_waits_for_pods_that_outlive_their_workload(
    executor: KubernetesExecutor, engine: Engine, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.executors.kubernetes.execution.PODS_END_S", 0.0)
    engine.holds_pods = True
    execution = await begin(executor, order())
    engine.make_pods(execution.name)
    following = asyncio.create_task(follow(execution))
    await execution.stop()
    await eventually(lambda: cluster.calls("DELETE"))
    cluster.store.remove(("jobs.batch", "dms", execution.name))
    seen = executor._cluster.board
    await eventually(lambda: not seen.workloads and seen.pod_uids())
    await go_on()
    assert not following.done()
    engine.remove_pods(execution.name)
    assert isinstance((await following).outcome, Stopped)


async def test_work_that_ends_before_its_cancel_is_done(
    executor: KubernetesExecutor, engine: Engine, cluster: FakeCluster, service: str
) -> None:
    engine.holds_pods = True
    execution = await begin(executor, order(service))
    (workload,) = engine.workloads
    following = asyncio.create_task(follow(execution))
    await execution.stop()
    await eventually(lambda: cluster.calls("DELETE"))
    engine.run(workload)  # it has happened, though the news of it come later
    engine.remove_pods(workload)
    assert isinstance((await following).outcome, Succeeded)


async def test_pods_that_end_well_while_they_are_deleted_have_done_the_work(
    executor: KubernetesExecutor, engine: Engine, cluster: FakeCluster
) -> None:
    engine.holds_pods = True
    execution = await begin(executor, order())
    (workload,) = engine.workloads
    (pod,) = engine.make_pods(workload)
    engine.start(pod)
    following = asyncio.create_task(follow(execution))
    await execution.stop()
    await eventually(lambda: cluster.calls("DELETE"))
    engine.end(pod)  # a controller says nothing more of a workload that is being deleted
    engine.remove_pods(workload)
    assert isinstance((await following).outcome, Succeeded)


async def test_nothing_is_started_once_the_lease_has_ended(executor: KubernetesExecutor, cluster: FakeCluster) -> None:
    assert await executor.start(order(), until(0)) == LeaseLapsed()
    assert not cluster.calls()


async def test_what_is_let_go_of_goes_on(executor: KubernetesExecutor, engine: Engine, cluster: FakeCluster) -> None:
    execution = await begin(executor, order())
    following = asyncio.create_task(follow(execution))
    await eventually(lambda: cluster.calls("WATCH"))
    await execution.detach()
    following.cancel()
    await asyncio.wait({following})
    assert engine.workloads
    assert not cluster.calls("DELETE")


@pytest.mark.parametrize(
    ("service", "patched"),
    [
        ("sync", {"priorityClassName": "urgent"}),
        ("mpisync", {"runPolicy": {"schedulingPolicy": {"queue": "high-q", "priorityClass": "urgent"}}}),
        ("cp", None),
    ],
)
async def test_a_change_of_priority_reaches_an_engine_that_can_take_it_while_the_work_waits(
    make_executor: MakeExecutor, engine: Engine, cluster: FakeCluster, service: str, patched: dict[str, object] | None
) -> None:
    executor = make_executor(priority_classes={Priority.HIGH: "urgent"})
    execution = await begin(executor, order(service))
    (workload,) = engine.workloads
    following = asyncio.create_task(follow(execution))
    await execution.change_priority(Priority.HIGH)
    await eventually(lambda: cluster.calls("PATCH" if patched else "GET", about=workload))
    engine.run(workload)
    assert isinstance((await following).outcome, Succeeded)
    spec = engine.workload(workload)["spec"]
    for name, value in (patched or {}).items():
        if name == "priorityClassName":
            assert spec[name] == value
        else:
            assert spec["runPolicy"]["schedulingPolicy"] == {"queue": "high-q", "priorityClass": "urgent"}
    assert len(cluster.calls("PATCH")) == (1 if patched else 0)
