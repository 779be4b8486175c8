"""Counting what happens to tasks."""

from __future__ import annotations

from collections.abc import Iterable

from adapters.metrics import catalogue as all_metrics
from adapters.metrics.cells import Cells
from adapters.metrics.series import OTHER, by_label, observe, series
from application.meter import RetryReason, SubmitResult
from domain.values import TERMINAL, Priority, TaskStatus


class TaskMeter:
    """Implements :class:`application.meter.Meter`. All its series are made at once, and begin at zero."""

    def __init__(self, cells: Cells, services: Iterable[str], slots: int) -> None:
        """``services`` are those that have labels of their own; ``slots`` is what this process runs at once."""
        services = sorted({*services, OTHER})
        self._submits = by_label(cells, all_metrics.SUBMITS, SubmitResult)
        self._waits = by_label(cells, all_metrics.QUEUE_WAIT, Priority)
        self._attempts = by_label(cells, all_metrics.ATTEMPTS, services)
        self._durations = by_label(cells, all_metrics.ATTEMPT_DURATION, services)
        self._bytes = by_label(cells, all_metrics.PROCESSED, services)
        self._retries = {
            reason: {service: series(cells, all_metrics.RETRIES, service, reason) for service in services}
            for reason in RetryReason
        }
        self._ended = {
            status: {service: series(cells, all_metrics.TASKS_ENDED, service, status) for service in services}
            for status in sorted(TERMINAL)
        }
        self._takeovers = series(cells, all_metrics.TAKEOVERS)
        self._repairs = series(cells, all_metrics.REPAIRS)
        self._blind = series(cells, all_metrics.WATCH_BLIND)
        self._blind[0] = 1.0  # until it is proved
        series(cells, all_metrics.SLOTS)[0] = float(slots)

    def submit_answered(self, result: SubmitResult) -> None:
        self._submits[result][0] += 1.0

    def claimed(self, priority: Priority, waited_s: float) -> None:
        observe(self._waits[priority], all_metrics.WAIT_BUCKETS, waited_s)

    def attempt_begun(self, service: str) -> None:
        self._attempts[service if service in self._attempts else OTHER][0] += 1.0

    def attempt_ended(self, service: str, ran_s: float) -> None:
        durations = self._durations
        observe(durations[service if service in durations else OTHER], all_metrics.RUN_BUCKETS, ran_s)

    def retried(self, service: str, reason: RetryReason) -> None:
        retries = self._retries[reason]
        retries[service if service in retries else OTHER][0] += 1.0

    def task_ended(self, service: str, status: TaskStatus) -> None:
        ended = self._ended[status]
        ended[service if service in ended else OTHER][0] += 1.0

    def bytes_done(self, service: str, count: int) -> None:
        self._bytes[service if service in self._bytes else OTHER][0] += count

    def taken_over(self) -> None:
        self._takeovers[0] += 1.0

    def record_repaired(self) -> None:
        self._repairs[0] += 1.0

    def watch_proved(self, is_proved: bool) -> None:
        self._blind[0] = 0.0 if is_proved else 1.0
