"""The ledgers, and all that follows from them: queue, leases, who is live, who ended lately."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from adapters.memory.changes import Changes
from adapters.memory.ended import End, EndedTasks
from adapters.memory.fair_queue import FairQueue
from adapters.memory.ranked import RankedMap
from adapters.memory.sorted_keys import SortedKeys
from domain.dispatch import place_of
from domain.task import Task

ENDED_KEPT_S = 86_400.0
"""How much longer than its record a terminal ledger is kept (design §1), in seconds."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """A task as it was last committed."""

    task: Task
    revision: int
    """Unlike that of any other ledger at any time."""
    epoch: int
    """Of the latest lease, held or not: the next one's is higher, so that no fencing token comes again."""


class Ledgers:
    """Times are in seconds, by the clock that is given in."""

    def __init__(self, changes: Changes, monotonic: Callable[[], float]) -> None:
        self.queue = FairQueue()
        self.lease_ends: RankedMap[str, float] = RankedMap()
        """When each lease that is held expires."""
        self.expiries: RankedMap[str, float] = RankedMap()
        """When each terminal ledger is forgotten."""
        self._changes = changes
        self._monotonic = monotonic
        self._ledgers: dict[str, Ledger] = {}
        self._live: SortedKeys[int] = SortedKeys()
        self._ended = EndedTasks()
        self._last_revision = 0

    # --- questions ---------------------------------------------------------------------------------------------

    def get(self, task_id: str) -> Ledger | None:
        """Return a ledger, None where there is none or its time is over."""
        self._drop_expired()
        return self._ledgers.get(task_id)

    def live_ids(self, after: str | None, limit: int) -> list[str]:
        """Return the next ``limit`` ids of live tasks, by number upwards, those above ``after``."""
        return [str(number) for number in self._live.behind(None if after is None else int(after), limit)]

    def live(self, below: int | None = None) -> Iterator[Task]:
        """Yield the live tasks whose ids are below this number, highest first; all of them for None."""
        return (self._ledgers[str(number)].task for number in self._live.downwards(below))

    def ended(self, before: int | None = None) -> Iterator[tuple[End, Task]]:
        """Yield the terminal tasks that ended before the end with this number, latest first; all of them for None."""
        self._drop_expired()
        return ((end, self._ledgers[end.task_id].task) for end in self._ended.before(before))

    # --- the one way to change ---------------------------------------------------------------------------------

    def put(self, task: Task, record_remaining_s: float = 0.0, *, announce: bool = True) -> None:
        """Write a ledger, move the task to where its status and lease say, and tell whom it concerns.

        A live task without an order gets the next one. A lease that did not come from here counts as expired until
        its owner renews it. Without ``announce`` nobody is told that this task waits.
        """
        old = self.get(task.task_id)
        if task.order == 0 and not task.is_terminal:
            task = replace(task, order=self.queue.next_number())
        self._ledgers[task.task_id] = Ledger(task, self._next_revision(), _epoch(old, task))
        self._index(old, task)
        self._schedule_expiry(task, record_remaining_s)
        self._lease(task)
        moved = self.queue.put(task.task_id, place_of(task))
        if moved.freed_a_slot or (moved.waits_anew and announce):
            self._changes.work_waits()
        if old is None or old.task != task:
            self._changes.task_changed(task.task_id)

    # --- steps -------------------------------------------------------------------------------------------------

    def _index(self, old: Ledger | None, task: Task) -> None:
        if not task.is_terminal:
            self._live.add(int(task.task_id))
            self._ended.discard(task.task_id)
            return
        self._live.discard(int(task.task_id))
        if old is None or not old.task.is_terminal or not old.task.incarnation.is_same_as(task.incarnation):
            self._ended.add(task.task_id, self._monotonic())

    def _schedule_expiry(self, task: Task, record_remaining_s: float) -> None:
        if task.is_terminal:
            self.expiries.set(task.task_id, self._monotonic() + record_remaining_s + ENDED_KEPT_S)
        else:
            self.expiries.discard(task.task_id)

    def _lease(self, task: Task) -> None:
        if task.is_terminal or task.lease is None:
            self.lease_ends.discard(task.task_id)
        elif task.task_id not in self.lease_ends:
            self.lease_ends.set(task.task_id, self._monotonic())

    def _drop_expired(self) -> None:
        for task_id in self.expiries.pop_up_to(self._monotonic()):
            del self._ledgers[task_id]
            self._ended.discard(task_id)
            self._changes.task_changed(task_id)

    def _next_revision(self) -> int:
        self._last_revision += 1
        return self._last_revision


def _epoch(old: Ledger | None, task: Task) -> int:
    return max(old.epoch if old else 0, task.lease.epoch if task.lease else 0)
