"""What the use cases tell of attempts, for whoever puts them into distributed traces: a port of the application."""

from __future__ import annotations

from typing import Protocol

from domain.task import Task


class Tracer(Protocol):
    """Is told of each attempt once at the most, when it has ended, by the process that wrote down how.

    It is told on the busiest paths, so it does no I/O, waits for nothing and never raises.
    """

    def attempt_ended(self, task: Task) -> None:
        """The latest attempt of this task has ended: it knows when it began, and what came of it."""
        ...


class Untraced:
    """A :class:`Tracer` that makes nothing of it."""

    def attempt_ended(self, task: Task) -> None: ...


UNTRACED: Tracer = Untraced()
