"""The ledgers, and all that follows from them: queue, leases, who is live, who ended lately."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from adapters.memory.changes import Changes
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
        self.ends: RankedMap[str, float] = RankedMap()
        """When each terminal ledger expires."""
        self._changes = changes
        self._monotonic = monotonic
        self._ledgers: dict[str, Ledger] = {}
        self._ids: SortedKeys[int] = SortedKeys()
        self._live_ids: SortedKeys[int] = SortedKeys()
        self._ended_at: dict[str, float] = {}
        self._last_revision = 0

    # --- questions ---------------------------------------------------------------------------------------------

    def get(self, task_id: str) -> Ledger | None:
        """Return a ledger, None where there is none or its time is over."""
        self._drop_expired()
        return self._ledgers.get(task_id)

    def live_ids(self, after: str, limit: int) -> list[str]:
        """Return ids of live tasks by number, those above ``after``."""
        return [str(number) for number in self._live_ids.behind(int(after) if after else None, limit)]

    def newest_first(self, below: str | None) -> Iterator[Task]:
        """Yield the tasks by number downwards, those under ``below``."""
        self._drop_expired()
        for number in self._ids.downwards(None if below is None else int(below)):
            yield self._ledgers[str(number)].task

    def ended_since(self, moment: float) -> Iterator[str]:
        """Yield the ids of the tasks that ended at ``moment`` or later, latest first."""
        self._drop_expired()
        for task_id, ended_at in reversed(self._ended_at.items()):
            if ended_at < moment:
                return
            yield task_id

    # --- the one way to change ---------------------------------------------------------------------------------

    def put(self, task: Task, record_remaining_s: float = 0.0) -> None:
        """Write a ledger, move the task to where its status and lease say, and tell whom it concerns.

        A task without an order gets the next one. A lease that did not come from here counts as expired until its
        owner renews it.
        """
        old = self.get(task.task_id)
        if task.order == 0:
            task = replace(task, order=self.queue.next_number())
        self._ledgers[task.task_id] = Ledger(task, self._next_revision(), _epoch(old, task))
        self._index(old, task)
        self._schedule_end(task, record_remaining_s)
        self._place(task)
        if old is None or old.task != task:
            self._changes.task_changed(task.task_id)

    # --- steps -------------------------------------------------------------------------------------------------

    def _index(self, old: Ledger | None, task: Task) -> None:
        number = int(task.task_id)
        self._ids.add(number)
        if task.is_terminal:
            self._live_ids.discard(number)
            if old is None or not old.task.is_terminal or not _same_task(old.task, task):
                self._ended_at.pop(task.task_id, None)
                self._ended_at[task.task_id] = self._monotonic()
        else:
            self._live_ids.add(number)
            self._ended_at.pop(task.task_id, None)

    def _schedule_end(self, task: Task, record_remaining_s: float) -> None:
        if task.is_terminal:
            self.ends.set(task.task_id, self._monotonic() + record_remaining_s + ENDED_KEPT_S)
        else:
            self.ends.discard(task.task_id)

    def _place(self, task: Task) -> None:
        if task.is_terminal or task.lease is None:
            self.lease_ends.discard(task.task_id)
        elif task.task_id not in self.lease_ends:
            self.lease_ends.set(task.task_id, self._monotonic())
        if self.queue.put(task.task_id, place_of(task)):
            self._changes.work_waits()

    def _drop_expired(self) -> None:
        for task_id in self.ends.pop_up_to(self._monotonic()):
            del self._ledgers[task_id]
            self._ids.discard(int(task_id))
            self._ended_at.pop(task_id, None)
            self._changes.task_changed(task_id)

    def _next_revision(self) -> int:
        self._last_revision += 1
        return self._last_revision


def _epoch(old: Ledger | None, task: Task) -> int:
    return max(old.epoch if old else 0, task.lease.epoch if task.lease else 0)


def _same_task(old: Task, new: Task) -> bool:
    return old.incarnation.is_same_as(new.incarnation)
