"""What an actor is about to do, and when the order of two such turns cannot matter."""

from __future__ import annotations

from dataclasses import dataclass

from tests.frontend.standin.steps import Step

EVERYTHING = frozenset({"*"})
NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Turn(Step):
    """A step that says what it reads and writes. Every task's ledger and record are one thing, the blocks another.

    Whatever moves a task in the queue touches everything: commits (they give orders and free slots), claims,
    take-overs, renewals; so do blocks, a crash and the passing of time. That leaves as independent:

    - two reads, of whatever;
    - what concerns only one task (a read, a frontend's save or delete, the start or end of its work), and what
      concerns only another one.

    Two turns of one replica always depend on each other, for its actors share its memory.
    """

    who: str = ""
    reads: frozenset[str] = NOTHING
    writes: frozenset[str] = NOTHING

    def is_independent_of(self, other: Step) -> bool:
        """Whether both orders lead to the same, and neither keeps the other from happening."""
        if not isinstance(other, Turn) or self.who == other.who:
            return False
        return not (_meet(self.writes, other.reads | other.writes) or _meet(other.writes, self.reads))


def task_thing(task_id: str) -> str:
    """The ledger and the record of one task."""
    return f"task {task_id}"


def work_thing(task_id: str) -> str:
    """The work of one task."""
    return f"work {task_id}"


def _meet(some: frozenset[str], others: frozenset[str]) -> bool:
    if not some or not others:
        return False
    return "*" in some or "*" in others or not some.isdisjoint(others)
