"""Steps: the named points at which somebody may pause, be overtaken, or fail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Step:
    """What an actor is about to do next.

    A step stands *before* each operation that others can see, so "after the write" is the step before whatever the
    actor does next. What an actor does between two steps of its own is done in one go.
    """

    name: str
    """Who does what, such as `submit.running.write`."""
    task_id: str = ""
    """The only record that the step touches; empty where it may touch others."""
    reads_only: bool = False
    """Whether it changes nothing that others can see."""

    def __str__(self) -> str:
        return f"{self.name} {self.task_id}".rstrip()

    def is_independent_of(self, other: Step) -> bool:
        """Whether the order of the two can't matter: different records, or two reads."""
        if self.task_id and other.task_id and self.task_id != other.task_id:
            return True
        return self.reads_only and other.reads_only


class Steps(Protocol):
    """Decides how long an actor pauses at each step, and whether the step fails."""

    async def at(self, step: Step) -> None:
        """Return when the actor may go on. Whatever it raises counts as a failure of the operation."""
        ...
