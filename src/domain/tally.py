"""What happened to tasks, counted: how many ended and how, and how many bytes were moved, for whom and when.

A commit adds what it changed, and nothing else: so a task is counted once for each of its ends (a retry may end again),
and work that goes on for hours is counted as it goes on. Minutes are numbered since 1970-01-01T00:00Z.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from domain.failures import FailureKind, failure_of
from domain.task import Task
from domain.values import TERMINAL, TaskStatus

QUARTER_MINUTES = 360
"""Bytes of a user are added up by quarters of a day: so many minutes."""

MOST_AT_ONCE = 2**50
"""Bytes that one commit may add (1 PiB in a second is no copy), so that no sum of theirs leaves 64 bits."""

BYTES = "bytes"
_FAILED = "failed:"


@dataclass(frozen=True, slots=True)
class Addition:
    """What one commit adds."""

    user_id: str
    ending: str
    """``completed``, ``cancelled`` or ``failed:<kind>``; empty where the task did not end."""
    bytes_done: int


@dataclass(frozen=True, slots=True)
class Tally:
    """What happened within a span of time."""

    completed: int = 0
    cancelled: int = 0
    failures: Mapping[FailureKind, int] = field(default_factory=dict)
    """Tasks that failed, by the kind of the reason."""
    bytes_done: int = 0
    """What movers told to have done: copied, or found to be there already."""

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> Tally:
        """Read counts by the names of :attr:`Addition.ending` and ``bytes``."""
        failures: Counter[FailureKind] = Counter()
        for name, count in counts.items():
            if name.startswith(_FAILED):
                failures[_kind(name.removeprefix(_FAILED))] += count
        return cls(
            counts.get(TaskStatus.COMPLETED, 0), counts.get(TaskStatus.CANCELLED, 0), failures, counts.get(BYTES, 0)
        )

    @property
    def failed(self) -> int:
        """Tasks that failed, for whatever reason."""
        return sum(self.failures.values())

    @property
    def ended(self) -> int:
        """Tasks that ended, however."""
        return self.completed + self.cancelled + self.failed


def total(tallies: Iterable[Tally]) -> Tally:
    """Return the sum."""
    completed = cancelled = bytes_done = 0
    failures: Counter[FailureKind] = Counter()
    for each in tallies:
        completed += each.completed
        cancelled += each.cancelled
        bytes_done += each.bytes_done
        failures.update(each.failures)
    return Tally(completed, cancelled, failures, bytes_done)


def addition(before: Task | None, after: Task | None) -> Addition | None:
    """Return what a commit of ``after`` over ``before`` adds, None for nothing. It runs at every commit.

    ``before`` is what stands in the store: what a fail-over lost of a task, it lost of the counts too.
    """
    if after is None:
        return None
    if before is not None and _is_another(before, after):
        before = None
    bytes_done = _bytes(before, after)
    ends = after.status in TERMINAL and (
        before is None or before.status not in TERMINAL or before.generation != after.generation
    )
    if not (ends or bytes_done):
        return None
    return Addition(after.incarnation.user_id, _ending(after) if ends else "", bytes_done)


def _is_another(before: Task, after: Task) -> bool:
    """Whether the id has come to stand for another task."""
    return before.incarnation is not after.incarnation and not before.incarnation.is_same_as(after.incarnation)


def _bytes(before: Task | None, after: Task) -> int:
    """Return how many bytes more are done; every attempt begins at none."""
    now = after.progress
    if now is None:
        return 0
    known = None if before is None else before.progress
    if known is None or before is None or before.attempt != after.attempt:
        return min(now.bytes_done, MOST_AT_ONCE)
    return 0 if known is now else min(max(0, now.bytes_done - known.bytes_done), MOST_AT_ONCE)


def _ending(task: Task) -> str:
    kind = failure_of(task)
    return str(task.status) if kind is None else _FAILED + kind


def _kind(name: str) -> FailureKind:
    try:
        return FailureKind(name)
    except ValueError:  # of a newer scheduler
        return FailureKind.OTHER
