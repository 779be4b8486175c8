"""What every workload gets, whatever its template says, and what it is called."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.executors.kubernetes.executor import KubernetesExecutor
from adapters.executors.kubernetes.names import LONGEST_NAME, belongs_to, workload_name
from domain.execution import WorkOrder
from domain.values import Priority
from tests.executors.driving import begin
from tests.kubernetes.fake import Engine
from tests.kubernetes.making import CREATED_AT, SERVICES, order


@pytest.mark.parametrize("service", SERVICES.values())
async def test_all_of_it_is_marked_and_bounded(executor: KubernetesExecutor, engine: Engine, service: str) -> None:
    work = order(service)
    execution = await begin(executor, work)
    made = engine.workload(execution.name)
    assert made["metadata"]["namespace"] == "dms"
    assert belongs_to(made["metadata"], work)
    pods = engine.make_pods(execution.name)
    for pod in engine.pods_of(execution.name):
        assert pod["metadata"]["labels"].items() >= {"dms/task-id": "10", "dms/attempt": "1"}.items()
        assert pod["metadata"]["annotations"]["dms/created-at"] == CREATED_AT
        spec = pod["spec"]
        assert spec["securityContext"] == {
            "runAsUser": 1000,
            "runAsGroup": 1000,
            "runAsNonRoot": True,
            "supplementalGroups": [1000, 2000],
        }
        assert spec["automountServiceAccountToken"] is False
        assert spec["containers"][0]["args"] == ["/pvs/a", "/home/gpu1/b"]
    assert len(pods) == (1 if service == "cp" else 3)
    assert limits(made["spec"]) == (604800, 3600)


def limits(spec: dict[str, Any]) -> tuple[int, int]:
    """Return how long the work may run, and how long it is kept, wherever the kind has them."""
    policy = spec.get("runPolicy", spec)
    deadline = policy.get("activeDeadlineSeconds")
    if deadline is None:
        holder = spec["tasks"][0] if "tasks" in spec else spec
        deadline = holder["template"]["spec"]["activeDeadlineSeconds"]
    return deadline, policy["ttlSecondsAfterFinished"]


@given(st.integers(0, 10**20 - 1), st.integers(1, 10**6), st.text(max_size=80))
def test_a_name_is_safe_and_tells_attempts_apart(task_id: int, attempt: int, service: str) -> None:
    work = WorkOrder(str(task_id), attempt, service, "alice", {}, Priority.LOW)
    name = workload_name(work)
    assert re.fullmatch(r"[a-z]([-a-z0-9]*[a-z0-9])?", name)
    assert len(name) <= LONGEST_NAME
    assert name.startswith(f"dms-{task_id}-{attempt}")
    assert name != workload_name(WorkOrder(str(task_id), attempt + 1, service, "alice", {}, Priority.LOW))


def test_marks_that_are_not_ours_belong_to_nobody() -> None:
    assert not belongs_to({}, order())
    assert not belongs_to({"labels": {"dms/task-id": "10", "dms/attempt": "one"}}, order())
    assert not belongs_to({"labels": {"dms/task-id": "10", "dms/attempt": "1"}}, order())
