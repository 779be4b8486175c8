"""Work that does not get on within its limits, and why, as far as the cluster says."""

from __future__ import annotations

import logging

from adapters.executors.kubernetes import failures
from adapters.executors.kubernetes.cluster import Cluster
from adapters.executors.kubernetes.judging import Parts, next_limit
from adapters.executors.kubernetes.objects import Workload
from adapters.executors.kubernetes.problems import ApiFault
from domain.execution import Failed

log = logging.getLogger(__name__)


async def overdue(cluster: Cluster, workload: Workload, parts: Parts) -> Failed | None:
    """Return why work is to be given up, None where its time is not over."""
    left_s = time_left_s(cluster, workload, parts)
    if left_s is None or left_s > 0:
        return None
    limit = next_limit(workload, parts, cluster.limits)
    if limit.what == "run":
        return failures.overlong(limit.limit_s)
    explain = failures.unscheduled if limit.what == "schedule" else failures.unstarted
    return explain(parts.all, limit.limit_s, await _warnings(cluster, workload, parts))


def time_left_s(cluster: Cluster, workload: Workload, parts: Parts) -> float | None:
    """Return how long the work may take for its next step, in seconds; None for as long as it takes."""
    return next_limit(workload, parts, cluster.limits).left_s(cluster.clock.now())


async def _warnings(cluster: Cluster, workload: Workload, parts: Parts) -> list[str]:
    """Return what the cluster's events say; pods do not say all of it themselves."""
    about = parts.all[0].name if parts.all else workload.name
    try:
        return await cluster.api.warnings_about(about)
    except ApiFault as fault:
        log.info("events cannot be read", extra={"job": workload.name, "reason": str(fault)})
        return []
