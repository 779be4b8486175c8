"""What the use cases tell of what happens, for whoever counts it: a port of the application."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from domain.values import Priority, TaskStatus


class SubmitResult(StrEnum):
    """How a submit was answered."""

    ACCEPTED = "accepted"
    """Now, or by an earlier submit of the same task."""
    BLOCKED = "blocked"
    ENDED = "ended"
    INVALID = "invalid"
    MISMATCH = "mismatch"
    NOT_REGISTERED = "not_registered"
    OVERLOADED = "overloaded"
    UNAVAILABLE = "unavailable"
    UNREADABLE = "unreadable"


class RetryReason(StrEnum):
    """Why an attempt ended with its task back in the queue. The executor's own words are on the task's log."""

    FAILED = "failed"
    """Transiently, as the executor says."""
    OWNER_LOST = "owner_lost"
    """The scheduler that had it died, was cut off, or could not renew its lease."""
    HANDED_BACK = "handed_back"
    """The scheduler that had it shut down, or the work was stopped though nobody had asked for that."""


class Meter(Protocol):
    """Is told of each happening once, by the process in which it happened.

    It is told on the busiest paths, so it does no I/O, waits for nothing and never raises. A service may be any text
    that a user has sent: whoever keeps something for each bounds their number.
    """

    def submit_answered(self, result: SubmitResult) -> None:
        """A submit was answered."""
        ...

    def claimed(self, priority: Priority, waited_s: float) -> None:
        """A task was claimed for its first attempt, so many seconds after it was accepted."""
        ...

    def attempt_begun(self, service: str) -> None:
        """The executor is about to be asked."""
        ...

    def attempt_ended(self, service: str, ran_s: float) -> None:
        """An attempt has ended, other than by the loss of its owner, so many seconds after it was begun."""
        ...

    def retried(self, service: str, reason: RetryReason) -> None:
        """An attempt has ended with its task back in the queue."""
        ...

    def task_ended(self, service: str, status: TaskStatus) -> None:
        """A task has become terminal."""
        ...

    def bytes_done(self, service: str, count: int) -> None:
        """A mover told that it has done so many bytes more."""
        ...

    def taken_over(self) -> None:
        """A task was taken over from an owner whose lease had expired."""
        ...

    def record_repaired(self) -> None:
        """A record that somebody had overwritten tells the truth again."""
        ...

    def watch_proved(self, is_proved: bool) -> None:
        """Whether changes by others are seen as they happen, from now on."""
        ...


class Unmetered:
    """A :class:`Meter` that counts nothing."""

    def submit_answered(self, result: SubmitResult) -> None: ...

    def claimed(self, priority: Priority, waited_s: float) -> None: ...

    def attempt_begun(self, service: str) -> None: ...

    def attempt_ended(self, service: str, ran_s: float) -> None: ...

    def retried(self, service: str, reason: RetryReason) -> None: ...

    def task_ended(self, service: str, status: TaskStatus) -> None: ...

    def bytes_done(self, service: str, count: int) -> None: ...

    def taken_over(self) -> None: ...

    def record_repaired(self) -> None: ...

    def watch_proved(self, is_proved: bool) -> None: ...


UNMETERED: Meter = Unmetered()
