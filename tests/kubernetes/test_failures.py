"""Each way in which work fails on a cluster: the reason that a person reads, and whether it is tried again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, timedelta

import pytest

from adapters.executors.kubernetes.config import TimeLimits
from adapters.executors.kubernetes.executor import KubernetesExecutor
from domain.execution import Failed, Report
from domain.values import Priority
from tests.executors.driving import Ended, begin, follow, run
from tests.kubernetes.fake import Engine, FakeCluster, Fault
from tests.kubernetes.making import Ahead, MakeExecutor, order

Story = Callable[[Engine, str, str], None]


def exits(code: int, printed: str, reason: str = "") -> Story:
    def story(engine: Engine, workload: str, pod: str) -> None:
        engine.start(pod)
        engine.print(pod, printed)
        engine.end(pod, code, reason)
        engine.fail(workload)

    return story


def evicted(engine: Engine, workload: str, pod: str) -> None:
    engine.start(pod)
    engine.evict(pod, "The node was low on resource: memory.")
    engine.fail(workload)


def past_its_deadline(engine: Engine, workload: str, pod: str) -> None:
    engine.start(pod)
    engine.remove_pods(workload)
    engine.fail(workload, "DeadlineExceeded", "Job was active longer than specified deadline")


def pod_past_its_deadline(engine: Engine, workload: str, pod: str) -> None:
    engine.start(pod)
    engine.end(pod, 137)
    engine.fail_pod(pod, "DeadlineExceeded", "Pod was active on the node longer than the specified deadline")
    engine.fail(workload, "BackoffLimitExceeded", "Job has reached the specified backoff limit")


def preempted(engine: Engine, workload: str, pod: str) -> None:
    engine.start(pod)
    engine.disrupt(pod, "PreemptionByScheduler", "default-scheduler: preempting to accommodate a higher priority pod")
    engine.end(pod, 143)
    engine.fail(workload)


def deleted(engine: Engine, workload: str, pod: str) -> None:
    key = ("jobs.batch", engine.cluster.own_namespace, workload)
    engine.start(pod)
    engine.cluster.store.change(key, lambda job: job["metadata"].update(deletionTimestamp="2026-01-01T00:00:00Z"))
    engine.remove_pods(workload)


def without_an_image(engine: Engine, workload: str, pod: str) -> None:
    engine.place(pod)
    engine.waiting(pod, "ImagePullBackOff", 'Back-off pulling image "mover:1": manifest unknown')


def with_a_bad_image_name(engine: Engine, workload: str, pod: str) -> None:
    engine.place(pod)
    engine.waiting(pod, "InvalidImageName", 'couldn\'t parse image name "mover::1"')


FAILURES: dict[str, tuple[Story, str, bool]] = {
    "exit code": (
        exits(2, "Walked 10 items\nERROR: bad magic"),
        "mover ended with exit code 2: ERROR: bad magic",
        False,
    ),
    "permission": (
        exits(1, "ERROR: open() `/pvs/a' errno=13 Permission denied"),
        "mover ended with exit code 1: permission denied: ERROR: open() `/pvs/a' errno=13 Permission denied",
        False,
    ),
    "storage": (
        exits(1, "ERROR: write failed: Input/output error"),
        "mover ended with exit code 1: the storage reported an error: ERROR: write failed: Input/output error",
        True,
    ),
    "killed": (exits(137, "Copied"), "mover was killed by signal 9", True),
    "out of memory": (exits(137, "", "OOMKilled"), "ran out of memory: mover of pod", False),
    "evicted": (evicted, "evicted from its node: Evicted: The node was low on resource: memory.", True),
    "deadline": (past_its_deadline, "ran longer than its deadline: Job was active longer", False),
    "deadline of the pod": (pod_past_its_deadline, "ran longer than its deadline: Pod was active on the node", False),
    "preempted": (preempted, "the cluster ended pod dms-10-1-cp-x7k2p: PreemptionByScheduler: default-scheduler", True),
    "deleted": (deleted, "its workload dms-10-1-cp was deleted by somebody else", False),
    "no such image": (without_an_image, "the image cannot be pulled: ImagePullBackOff: Back-off pulling", False),
    "bad image name": (with_a_bad_image_name, "the image cannot be pulled: InvalidImageName", False),
}


@pytest.mark.parametrize("named", FAILURES)
async def test_a_failure_is_told_apart(executor: KubernetesExecutor, engine: Engine, named: str) -> None:
    story, reason, transient = FAILURES[named]
    execution = await begin(executor, order())
    (workload,) = engine.workloads
    (pod,) = engine.make_pods(workload)
    story(engine, workload, pod)
    check(await follow(execution), reason, transient)


def unschedulable(engine: Engine, workload: str) -> str:
    (pod,) = engine.make_pods(workload)
    engine.unschedulable(pod, "0/12 nodes are available: 12 Insufficient cpu.")
    return "Insufficient cpu"


def without_pods(engine: Engine, workload: str) -> str:
    engine.warn(workload, 'Error creating: pods "x" is forbidden: exceeded quota: compute, requested: pods=1')
    return ""


def slow_registry(engine: Engine, workload: str) -> str:
    (pod,) = engine.make_pods(workload, placed=True)
    engine.waiting(pod, "ImagePullBackOff", "Back-off pulling image: dial tcp: i/o timeout")
    return "i/o timeout"


def bad_volume(engine: Engine, workload: str) -> str:
    (pod,) = engine.make_pods(workload, placed=True)
    engine.warn(pod, 'Unable to attach or mount volumes: persistentvolumeclaim "pvs-claim" not found')
    return "Pending"


def bad_configuration(engine: Engine, workload: str) -> str:
    (pod,) = engine.make_pods(workload, placed=True)
    engine.waiting(pod, "CreateContainerConfigError", 'secret "x" not found')
    return "not found"


def too_long(engine: Engine, workload: str) -> str:
    (pod,) = engine.make_pods(workload, placed=True)
    engine.start(pod)
    return "Running"


LIMITS: dict[str, tuple[Callable[[Engine, str], str], str, bool]] = {
    "unschedulable": (unschedulable, "unschedulable for 60 seconds: Unschedulable: 0/12 nodes are available", True),
    "quota": (without_pods, "the namespace's quota is used up: Error creating: pods", True),
    "registry": (slow_registry, "the image could not be pulled within 60 seconds: ImagePullBackOff", True),
    "volume": (bad_volume, "not started within 60 seconds: Unable to attach or mount volumes", True),
    "configuration": (bad_configuration, "the container cannot be made, its template must be mended: Create", False),
    "too long": (too_long, "stopped because it ran longer than the limit of 60 seconds", False),
}
"""What happens, which returns what is told of it, before its time is over."""


@pytest.mark.parametrize("named", LIMITS)
async def test_work_that_does_not_get_on_is_removed(
    make_executor: MakeExecutor, engine: Engine, cluster: FakeCluster, named: str
) -> None:
    story, reason, transient = LIMITS[named]
    clock = Ahead(UTC)
    execution = await begin(make_executor(clock, limits=TimeLimits(60, 60, 60)), order())
    (workload,) = engine.workloads
    told = story(engine, workload)

    async def time_passes(report: Report) -> None:
        if told in str(report.result):
            clock.ahead = timedelta(seconds=61)
            await execution.change_priority(Priority.LOW)  # for it has just looked at the clock

    check(await follow(execution, time_passes), reason, transient)
    assert len(cluster.calls("DELETE")) == 1
    assert not engine.workloads


def creating(request: object) -> bool:
    return str(getattr(request, "method", "")).endswith("POST")


def refusal(code: int, reason: str, message: str) -> Fault:
    return Fault(creating, code, reason, message, times=10)


REFUSALS: dict[str, tuple[Fault, str, bool]] = {
    "quota": (
        refusal(403, "Forbidden", 'jobs.batch "x" is forbidden: exceeded quota: compute, requested: count/jobs=1'),
        "the namespace's quota is used up: jobs.batch",
        True,
    ),
    "rights": (
        refusal(403, "Forbidden", 'User "system:serviceaccount:dms:x" cannot create resource "jobs"'),
        "the scheduler lacks the right to create this work",
        False,
    ),
    "ending namespace": (
        refusal(
            403,
            "Forbidden",
            'jobs.batch "x" is forbidden: unable to create new content in namespace dms because it is being terminated',
        ),
        "the namespace is being deleted, and takes no work: jobs.batch",
        False,
    ),
    "webhook": (
        refusal(400, "BadRequest", 'admission webhook "check.example" denied the request: no root'),
        "an admission rule of the cluster refused the work: admission webhook",
        False,
    ),
    "broken webhook": (
        refusal(500, "InternalError", 'Internal error occurred: failed calling webhook "check.example": timeout'),
        "an admission webhook of the cluster does not work",
        True,
    ),
    "invalid": (
        refusal(422, "Invalid", "spec.template.spec.containers: Required value"),
        "the cluster refused the work, its template must be mended",
        False,
    ),
    "unknown kind": (
        refusal(404, "NotFound", "the server could not find the requested resource"),
        "does not know",
        False,
    ),
    "credentials": (refusal(401, "Unauthorized", "Unauthorized"), "does not accept the scheduler's credentials", True),
    "busy": (refusal(429, "TooManyRequests", "too many requests"), "the cluster is too busy to take the work", True),
}


@pytest.mark.parametrize("named", REFUSALS)
async def test_a_refusal_is_told_apart(
    executor: KubernetesExecutor, engine: Engine, cluster: FakeCluster, named: str
) -> None:
    fault, reason, transient = REFUSALS[named]
    cluster.faults.append(Fault(fault.fits, fault.code, fault.reason, fault.message, times=10))
    check(await run(executor, order()), reason, transient)
    assert not engine.workloads


async def test_a_user_without_an_account_fails(executor: KubernetesExecutor) -> None:
    work = order()
    unknown = type(work)("10", 1, work.service, "mallory", work.parameters, work.priority)
    check(await run(executor, unknown), "user 'mallory' has no account: it is not in the accounts map", False)


def check(ended: Ended, reason: str, transient: bool) -> None:
    assert isinstance(ended.outcome, Failed), ended.outcome
    assert reason in ended.reason
    assert "\n" not in ended.reason
    assert ended.outcome.transient is transient
