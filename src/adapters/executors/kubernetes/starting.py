"""Starting work so that no two workloads ever come of it, and finding it again."""

from __future__ import annotations

import logging

from adapters.executors.kubernetes import failures
from adapters.executors.kubernetes.cluster import Cluster
from adapters.executors.kubernetes.execution import KubernetesExecution
from adapters.executors.kubernetes.kinds import Kind
from adapters.executors.kubernetes.kinds.base import Document
from adapters.executors.kubernetes.names import belongs_to, key_of, labels_of, workload_name
from adapters.executors.kubernetes.objects import Workload, read_pod, read_workload
from adapters.executors.kubernetes.problems import ApiFault, NeverSent
from adapters.executors.kubernetes.resources import PODS, resource_of
from domain.execution import Failed, LeaseLapsed, WorkOrder
from domain.ports import ExecutorUnavailable

log = logging.getLogger(__name__)

MOST_REFUSALS = 3
"""How often a server that had no time, or was overtaken, is asked in one start."""


async def find(cluster: Cluster, kind: Kind, order: WorkOrder) -> KubernetesExecution | None:
    """Return the work of this very attempt, None where there is none of this kind.

    What we may not even look at, of a kind that no template has, we cannot have made.

    Raises:
        ExecutorUnavailable: the cluster does not tell.
    """
    try:
        found = await cluster.api.get(resource_of(kind), workload_name(order))
    except ApiFault as fault:
        if fault.is_missing or (fault.code == 403 and not cluster.watches(kind)):
            return None
        raise ExecutorUnavailable(f"the cluster did not tell whether there is work: {fault}") from fault
    if not belongs_to(found["metadata"], order):
        return None
    cluster.watch_also(kind)
    return _follow(cluster, kind, found, order)


async def check_no_pods(cluster: Cluster, order: WorkOrder) -> None:
    """Raise ExecutorUnavailable while pods of this very attempt are at work, though their workload may be gone.

    Whoever deletes a workload need not wait for its pods, and the next attempt must not be at work beside them. The
    server itself is asked: a watch may lag behind.
    """
    selector = ",".join(f"{label}={value}" for label, value in labels_of(order).items())
    try:
        documents, _ = await cluster.api.list_all(PODS, selector)
    except ApiFault as fault:
        raise ExecutorUnavailable(f"the cluster did not tell whether there are pods: {fault}") from fault
    found = [read_pod(document) for document in documents if belongs_to(document["metadata"], order)]
    names = [each[1].name for each in found if each is not None and not each[1].has_ended]
    if names:
        raise ExecutorUnavailable(f"{workload_name(order)} is gone, but its pods are at work: {', '.join(names)}")


async def remove(cluster: Cluster, workload: Workload) -> None:
    """Have a workload deleted, its pods first. Raises ExecutorUnavailable."""
    try:
        await cluster.api.delete(resource_of(workload.kind), workload.name, workload.uid)
    except ApiFault as fault:
        if fault.code not in (404, 409):  # gone, or another one of that name by now
            raise ExecutorUnavailable(f"{workload.name} could not be deleted: {fault}") from fault


async def start_or_find(
    cluster: Cluster, kind: Kind, document: Document, order: WorkOrder, until: float
) -> KubernetesExecution | Failed | LeaseLapsed:
    """Create the workload; where it is there already and is this attempt's, follow that.

    The name follows from task and attempt, so the same request may be made again wherever an answer got lost, and by
    whoever takes the attempt over.

    Raises:
        ExecutorUnavailable: it is not known whether the workload was created.
    """
    clock, backoff = cluster.clock, cluster.backoff()
    is_unsure, refusals = False, 0
    while True:
        left_s = until - clock.monotonic()
        if left_s <= 0:
            if is_unsure:
                raise ExecutorUnavailable(f"the cluster did not tell whether it has taken {workload_name(order)}")
            return LeaseLapsed()
        try:
            return _follow(cluster, kind, await cluster.api.create(resource_of(kind), document, left_s), order)
        except ApiFault as fault:
            if fault.reason == "AlreadyExists":
                found = await find(cluster, kind, order)
                return found or _conflict(order)
            is_unsure = is_unsure or _may_have_been_done(fault)
            refusals += not is_unsure
            pause_s = backoff.next_s(fault.retry_after_s)
            if not is_unsure and (not _may_pass(fault) or refusals >= MOST_REFUSALS or pause_s >= left_s):
                return failures.refused(fault)
            log.info("a workload is created again", extra={"job": workload_name(order), "reason": str(fault)})
        await clock.sleep(min(pause_s, left_s))


def _follow(cluster: Cluster, kind: Kind, found: Document, order: WorkOrder) -> KubernetesExecution:
    workload = read_workload(kind, found)
    assert workload is not None  # it carries our labels
    key = key_of(order)
    followed = cluster.board.follow(key, workload.name)
    cluster.board.adopt(followed, workload)
    return KubernetesExecution(key, followed, cluster)


def _conflict(order: WorkOrder) -> Failed:
    """Return the failure where the name is taken. The next attempt has another name."""
    reason = f"{workload_name(order)} exists on the cluster already and belongs to something else; it was left alone"
    return Failed(f"conflict: {reason}", transient=True)


def _may_have_been_done(fault: ApiFault) -> bool:
    """Whether the server may have done what it was asked, although it did not say so."""
    is_refusal = isinstance(fault, NeverSent) or fault.code == 429 or failures.is_broken_webhook(fault)
    return fault.is_passing and not is_refusal


def _may_pass(fault: ApiFault) -> bool:
    """Whether the same request may succeed in a moment."""
    return fault.code in (409, 429)
