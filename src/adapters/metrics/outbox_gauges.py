"""What the store knows of webhooks that wait, as gauges."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.metrics.catalogue import OUTBOX_DROPPED, OUTBOX_WAITING
from adapters.metrics.exposition import Samples
from application.outbox import Backlog


def outbox_gauges(seen: Mapping[str, Backlog]) -> Mapping[str, Samples]:
    """Return the series of these gauges by metric. There are as many as the settings name receivers."""
    return {
        OUTBOX_WAITING.name: {(route,): (float(backlog.waiting),) for route, backlog in seen.items()},
        OUTBOX_DROPPED.name: {(route,): (float(backlog.dropped),) for route, backlog in seen.items()},
    }
