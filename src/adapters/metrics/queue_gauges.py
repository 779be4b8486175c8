"""What the store knows of the queue, as gauges."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import product

from adapters.metrics.catalogue import AT_WORK, DELAYED, STORE_UP, WAITING
from adapters.metrics.exposition import Samples
from adapters.metrics.series import OTHER
from domain.ports import QueueOverview
from domain.values import Priority


def queue_gauges(seen: QueueOverview | None, services: Collection[str]) -> Mapping[str, Samples]:
    """Return the series of these gauges by metric; ``seen`` is None where the store did not tell.

    Only ``services`` have labels of their own, and all of them are shown, with a zero where there is nothing.
    """
    if seen is None:
        return {STORE_UP.name: {(): (0.0,)}}
    waiting = dict.fromkeys(product(Priority, [*services, OTHER]), 0)
    for (priority, service), count in seen.waiting.items():
        waiting[priority, service if service in services else OTHER] += count
    at_work = dict.fromkeys([*services, OTHER], 0)
    for service, count in seen.at_work.items():
        at_work[service if service in services else OTHER] += count
    return {
        STORE_UP.name: {(): (1.0,)},
        DELAYED.name: {(): (float(seen.delayed),)},
        WAITING.name: {labels: (float(count),) for labels, count in waiting.items()},
        AT_WORK.name: {(service,): (float(count),) for service, count in at_work.items()},
    }
