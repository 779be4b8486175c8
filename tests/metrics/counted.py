"""A meter that only remembers, and reading of what a service exposes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from adapters.metrics.catalogue import PREFIX
from application.meter import RetryReason, SubmitResult
from domain.values import Priority, TaskStatus


class RecordingMeter:
    """Implements :class:`application.meter.Meter`."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, ...]] = Counter()
        """How often each thing was told."""
        self.bytes = 0
        self.waits: list[float] = []
        self.runs: list[float] = []
        self.is_proved = False

    def submit_answered(self, result: SubmitResult) -> None:
        self.counts["submit", result] += 1

    def claimed(self, priority: Priority, waited_s: float) -> None:
        self.counts["claimed", priority] += 1
        self.waits.append(waited_s)

    def attempt_begun(self, service: str) -> None:
        self.counts["begun", service] += 1

    def attempt_ended(self, service: str, ran_s: float) -> None:
        self.counts["ran", service] += 1
        self.runs.append(ran_s)

    def retried(self, service: str, reason: RetryReason) -> None:
        self.counts["retried", service, reason] += 1

    def task_ended(self, service: str, status: TaskStatus) -> None:
        self.counts["ended", service, status] += 1

    def bytes_done(self, service: str, count: int) -> None:
        assert count > 0
        self.bytes += count

    def taken_over(self) -> None:
        self.counts["taken over",] += 1

    def record_repaired(self) -> None:
        self.counts["repaired",] += 1

    def watch_proved(self, is_proved: bool) -> None:
        self.is_proved = is_proved


@dataclass(frozen=True, slots=True)
class Scrape:
    """What one scrape told."""

    samples: tuple[Sample, ...]

    @classmethod
    def of(cls, text: str) -> Scrape:
        """Read Prometheus' text format."""
        return cls(tuple(each for family in text_string_to_metric_families(text) for each in family.samples))

    def total(self, name: str, **labels: str) -> float:
        """The sum of all series of this name (its prefix left out) that have these labels."""
        return sum(each.value for each in self._matching(name, labels))

    def shown(self, name: str, *labels: str) -> dict[tuple[str, ...], float]:
        """The series that are not zero, by the values of these labels."""
        return {
            tuple(each.labels[label] for label in labels): each.value for each in self._matching(name, {}) if each.value
        }

    def _matching(self, name: str, labels: dict[str, str]) -> list[Sample]:
        return [each for each in self.samples if each.name == PREFIX + name and labels.items() <= each.labels.items()]
