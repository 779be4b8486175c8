"""How each kind of workload says how far it is."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.executors.kubernetes.config import TimeLimits
from adapters.executors.kubernetes.executor import KubernetesExecutor
from adapters.executors.kubernetes.judging import next_limit, parts_of, pod_status
from adapters.executors.kubernetes.kinds import KINDS, Phase
from adapters.executors.kubernetes.objects import read_pod, read_workload
from domain.execution import Failed
from tests.executors.driving import begin, follow
from tests.kubernetes.fake import Engine
from tests.kubernetes.making import CREATED_AT, MakeExecutor, order

JOB, VOLCANO, MPI = KINDS
MARKS = {
    "labels": {"dms/task-id": "10", "dms/attempt": "1"},
    "annotations": {"dms/created-at": CREATED_AT},
    "name": "dms-10-1-sync",
    "uid": "1",
    "creationTimestamp": "2026-03-12T01:00:00Z",
}


def conditions(**holds: str) -> dict[str, Any]:
    return {"status": {"conditions": [{"type": kind, "status": status} for kind, status in holds.items()]}}


@pytest.mark.parametrize(
    ("status", "phase"),
    [
        ({}, Phase.WAITING),
        ({"status": {"active": 1}}, Phase.RUNNING),
        (conditions(Suspended="True"), Phase.WAITING),
        (conditions(SuccessCriteriaMet="True"), Phase.WAITING),
        (conditions(FailureTarget="True"), Phase.WAITING),
        (conditions(Complete="False"), Phase.WAITING),
        (conditions(SuccessCriteriaMet="True", Complete="True"), Phase.SUCCEEDED),
        (conditions(FailureTarget="True", Failed="True"), Phase.FAILED),
    ],
)
def test_a_job(status: dict[str, Any], phase: Phase) -> None:
    assert JOB.read(status).phase is phase


@pytest.mark.parametrize(
    ("named", "phase"),
    [
        ("", Phase.WAITING),
        ("Pending", Phase.WAITING),
        ("Inqueue", Phase.WAITING),
        ("Running", Phase.RUNNING),
        ("Restarting", Phase.RUNNING),
        ("Completing", Phase.RUNNING),
        ("Terminating", Phase.RUNNING),
        ("Completed", Phase.SUCCEEDED),
        ("Failed", Phase.FAILED),
        ("Terminated", Phase.FAILED),
        ("Aborted", Phase.FAILED),
    ],
)
def test_a_volcano_job(named: str, phase: Phase) -> None:
    assert VOLCANO.read({"status": {"state": {"phase": named}}}).phase is phase


@pytest.mark.parametrize(
    ("status", "phase"),
    [
        ({}, Phase.WAITING),
        (conditions(Created="True"), Phase.WAITING),
        (conditions(Created="True", Running="True"), Phase.RUNNING),
        (conditions(Created="True", Suspended="True", Running="False"), Phase.WAITING),
        (conditions(Running="False", Succeeded="True"), Phase.SUCCEEDED),
        (conditions(Running="False", Failed="True"), Phase.FAILED),
    ],
)
def test_an_mpijob(status: dict[str, Any], phase: Phase) -> None:
    assert MPI.read(status).phase is phase


def test_the_launcher_of_a_volcano_job_is_the_task_that_is_called_so_or_the_first() -> None:
    assert VOLCANO.launcher({"spec": {"tasks": [{"name": "worker"}, {"name": "Master"}]}}) == "Master"
    assert VOLCANO.launcher({"spec": {"tasks": [{"name": "drm"}, {"name": "worker"}]}}) == "drm"
    assert VOLCANO.launcher({}) == ""


def pod(name: str, **status: Any) -> dict[str, Any]:
    return {
        "metadata": {**MARKS, "name": name, "uid": name},
        "spec": {"containers": [{"name": "mover"}]},
        "status": {"phase": "Pending", **status},
    }


def test_limits_begin_at_the_clusters_own_times() -> None:
    workload = read_workload(JOB, {"metadata": MARKS})
    assert workload is not None
    placed = {"type": "PodScheduled", "status": "True", "lastTransitionTime": "2026-03-12T01:01:00Z"}
    began = {"startedAt": "2026-03-12T01:02:00Z"}
    running = {"name": "mover", "state": {"running": began}}
    crashed = {"name": "mover", "state": {"waiting": {}}, "lastState": {"terminated": began}}
    limits = TimeLimits(1, 2, 3)

    def limit(*pods: dict[str, Any]) -> tuple[str, int, str]:
        read = [found[1] for each in pods if (found := read_pod(each))]
        next_one = next_limit(workload, parts_of(workload, read), limits)
        assert next_one.at is not None
        return next_one.what, next_one.limit_s, next_one.at.strftime("%H:%M")

    assert limit() == ("schedule", 1, "01:00")
    assert limit(pod("a")) == ("schedule", 1, "01:00")
    assert limit(pod("a", conditions=[placed])) == ("start", 2, "01:01")
    assert limit(pod("a", conditions=[placed]), pod("b")) == ("schedule", 1, "01:00")
    assert limit(pod("a", conditions=[placed], containerStatuses=[running])) == ("run", 3, "01:02")
    assert limit(pod("a", conditions=[placed], containerStatuses=[crashed])) == ("run", 3, "01:02")


def test_a_line_per_pod_up_to_a_hundred() -> None:
    read = [found[1] for number in range(130) if (found := read_pod(pod(f"pod-{number:03}")))]
    lines = (pod_status(read) or "").splitlines()
    assert lines[0] == "pod-000: Pending"
    assert lines[100:] == ["… and 30 more pods"]
    assert pod_status([]) is None


@pytest.mark.parametrize("service", ["sync", "mpisync"])
async def test_a_launcher_that_fails_tells_why_for_all(
    executor: KubernetesExecutor, engine: Engine, service: str
) -> None:
    execution = await begin(executor, order(service))
    launcher, *workers = engine.make_pods(execution.name)
    for each in (launcher, *workers):
        engine.start(each)
    engine.print(workers[0], "Hello, I am not for people")
    engine.print(launcher, "ERROR: dsync: no such file or directory")
    engine.end(launcher, 1)
    engine.fail(execution.name, "PodFailed")
    ended = await follow(execution)
    assert isinstance(ended.outcome, Failed)
    assert ended.reason == (
        "mover ended with exit code 1: a file or directory does not exist: ERROR: dsync: no such file or directory"
    )
    assert ended.output == "ERROR: dsync: no such file or directory"


@pytest.mark.parametrize("service", ["sync", "mpisync"])
async def test_a_worker_that_runs_out_of_memory_is_the_reason(
    make_executor: MakeExecutor, engine: Engine, service: str
) -> None:
    execution = await begin(make_executor(), order(service))
    launcher, worker, *_ = engine.make_pods(execution.name)
    engine.start(launcher)
    engine.start(worker)
    engine.end(worker, 137, "OOMKilled")
    engine.end(launcher, 1)
    engine.fail(execution.name)
    assert f"ran out of memory: mover of pod {worker}" in (await follow(execution)).reason
