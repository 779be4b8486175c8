"""Pods that are at work although their workload is gone."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.executors.kubernetes.cluster import Cluster
from adapters.executors.kubernetes.names import belongs_to, labels_of
from adapters.executors.kubernetes.objects import read_pod
from adapters.executors.kubernetes.problems import ApiFault
from adapters.executors.kubernetes.resources import PODS
from domain.execution import WorkOrder
from domain.ports import ExecutorUnavailable


async def pods_at_work(cluster: Cluster, order: WorkOrder) -> Sequence[str]:
    """Return the names of this very attempt's pods that have not ended.

    Whoever deletes a workload need not wait for its pods, and nothing else of the task may be at work beside them. The
    server itself is asked, for a watch may lag behind.

    Raises:
        ExecutorUnavailable: the cluster does not tell.
    """
    selector = ",".join(f"{label}={value}" for label, value in labels_of(order).items())
    try:
        documents, _ = await cluster.api.list_all(PODS, selector)
    except ApiFault as fault:
        raise ExecutorUnavailable(f"the cluster did not tell whether there are pods: {fault}") from fault
    found = [read_pod(document) for document in documents if belongs_to(document["metadata"], order)]
    return [each[1].name for each in found if each is not None and not each[1].has_ended]
