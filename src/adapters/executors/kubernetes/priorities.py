"""Telling the engine of another priority, where it can make use of it."""

from __future__ import annotations

import logging

from adapters.executors.kubernetes.cluster import Cluster
from adapters.executors.kubernetes.objects import Workload
from adapters.executors.kubernetes.problems import ApiFault
from adapters.executors.kubernetes.resources import resource_of
from domain.values import Priority

log = logging.getLogger(__name__)


async def reprioritise(cluster: Cluster, workload: Workload, priority: Priority) -> None:
    """Give waiting work the queue and the class of its new priority, as far as its kind takes them."""
    resource, config = resource_of(workload.kind), cluster.config
    queue, priority_class = config.queues.get(priority, ""), config.priority_classes.get(priority, "")
    try:
        document = await cluster.api.get(resource, workload.name)
        changes = workload.kind.reprioritise(document, queue, priority_class)
        if changes is not None:
            await cluster.api.patch(resource, workload.name, changes)
    except ApiFault as fault:
        # The scheduler's own queue heeds it in any case; only the engine's does not.
        log.warning("the priority could not be changed", extra={"job": workload.name, "reason": str(fault)})
