"""Every metric of the service. docs/operations.md lists them from here, and tests hold dashboard and alerts to it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

PREFIX = "dms_scheduler_"

REQUEST_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
STORE_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
WAIT_BUCKETS = (0.1, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14_400.0, 86_400.0)
RUN_BUCKETS = (0.1, 1.0, 10.0, 60.0, 300.0, 900.0, 3600.0, 14_400.0, 43_200.0, 86_400.0, 259_200.0)


class Kind(StrEnum):
    """Prometheus' own names of what a metric may be."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. Units are Prometheus' base units, seconds and bytes; labels have few values each."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    """Upper bounds, the last one (infinity) left out; for histograms alone."""


def _counter(name: str, text: str, *labels: str) -> Metric:
    return Metric(PREFIX + name, Kind.COUNTER, text, labels)


def _gauge(name: str, text: str, *labels: str) -> Metric:
    return Metric(PREFIX + name, Kind.GAUGE, text, labels)


def _histogram(name: str, text: str, buckets: tuple[float, ...], *labels: str) -> Metric:
    return Metric(PREFIX + name, Kind.HISTOGRAM, text, labels, buckets)


REQUESTS = _histogram(
    "http_request_duration_seconds",
    "Requests answered, and how long that took.",
    REQUEST_BUCKETS,
    "route",
    "method",
    "status",
)
SUBMITS = _counter("submits_total", "Submits, by how they were answered.", "result")

WAITING = _gauge("tasks_waiting", "Tasks that wait for their turn, on all replicas together.", "priority", "service")
DELAYED = _gauge("tasks_delayed", "Tasks that wait until they may be tried again, on all replicas together.")
AT_WORK = _gauge("tasks_at_work", "Tasks that some replica holds, on all replicas together.", "service")
STORE_UP = _gauge("store_up", "Whether the store told at the latest look what waits and is at work (1) or not (0).")

QUEUE_WAIT = _histogram(
    "queue_wait_seconds", "Time from a task's acceptance to the claim for its first attempt.", WAIT_BUCKETS, "priority"
)
ATTEMPTS = _counter("attempts_total", "Attempts begun.", "service")
ATTEMPT_DURATION = _histogram(
    "attempt_duration_seconds",
    "Time from the beginning of an attempt to its end, unless its scheduler was lost.",
    RUN_BUCKETS,
    "service",
)
RETRIES = _counter("retries_total", "Attempts that ended with the task back in the queue.", "service", "reason")
TASKS_ENDED = _counter("tasks_ended_total", "Tasks that ended, by how.", "service", "status")
PROCESSED = _counter(
    "processed_bytes_total", "Bytes that movers told to have done: copied, or found to be there already.", "service"
)

TAKEOVERS = _counter("lease_takeovers_total", "Tasks taken over because the lease of their owner had expired.")
REPAIRS = _counter("records_repaired_total", "Records that others had overwritten, put right again.")
WATCH_BLIND = _gauge(
    "watch_blind_workers", "Processes that do not see others' writes as they happen, and find them by sweeps."
)
REDIS_EXCHANGE = _histogram(
    "redis_exchange_duration_seconds",
    "Time in which a batch of commands was sent to Redis and answered.",
    STORE_BUCKETS,
    "endpoint",
)
REDIS_ERRORS = _counter("redis_errors_total", "Tries of operations on Redis that failed.", "endpoint", "kind")

DELIVERIES = _counter("webhook_deliveries_total", "Tries to deliver a webhook, by what came of them.", "outcome")
GIVEN_UP = _counter("webhooks_given_up_total", "Webhooks that were tried for the last time, in vain.")
OUTBOX_WAITING = _gauge("webhooks_waiting", "Webhooks that wait for delivery, on all replicas together.", "webhook")
OUTBOX_DROPPED = _gauge("webhooks_dropped", "Webhooks that lately found too many waiting before them.", "webhook")

WORKERS = _gauge("workers", "Processes of this service at work behind this address.")
SLOTS = _gauge("slots", "Tasks that the processes behind this address run at once at the most.")
BUILD = _gauge("build_info", "Always 1: which version answers.", "version", "python")

METRICS: tuple[Metric, ...] = tuple(each for each in list(globals().values()) if isinstance(each, Metric))
"""All of them, in the order in which they stand here."""
