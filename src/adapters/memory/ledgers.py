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
    revision: object
    """Unlike that of any other ledger at any time, though the store may have failed over since."""
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

    # --- the ways to change ------------------------------------------------------------------------------------

    def put(self, task: Task, record_remaining_s: float = 0.0, *, announce: bool = True, is_turn: bool = False) -> None:
        """Write a ledger, move the task to where its status and lease say, and tell whom it concerns.

        A live task without an order gets the next one; an order that it has is never given again. A new lease counts
        as expired until it is renewed. Without ``announce`` nobody is told that this task waits. With ``is_turn`` its
        user has had the turn.
        """
        old = self.get(task.task_id)
        if task.order == 0 and not task.is_terminal:
            task = replace(task, order=self.queue.next_number())
        self.queue.skip_to(task.order)
        self._ledgers[task.task_id] = Ledger(task, object(), _epoch(old, task))
        self._index(old, task)
        self._schedule_expiry(task, record_remaining_s)
        self._lease(old, task)
        moved = self.queue.put(task.task_id, place_of(task), is_turn=is_turn)
        if moved.freed_a_slot or (moved.waits_anew and announce):
            self._changes.work_waits()
        if old is None or old.task != task:
            self._changes.task_changed(task.task_id)

    def become(self, other: Ledgers) -> None:
        """Hold what the other one holds. A number that was given in either is not given again."""
        last_number = self.queue.last_number
        self.queue = other.queue.copy()
        self.queue.skip_to(last_number)
        self.lease_ends, self.expiries = other.lease_ends.copy(), other.expiries.copy()
        self._ledgers = dict(other._ledgers)
        self._live, self._ended = other._live.copy(), other._ended.copy()

    # --- steps -------------------------------------------------------------------------------------------------

    def _index(self, old: Ledger | None, task: Task) -> None:
        if not task.is_terminal:
            self._live.add(int(task.task_id))
            self._ended.discard(task.task_id)
            return
        self._live.discard(int(task.task_id))
        if old is None or not _is_same_end(old.task, task):
            self._ended.add(task.task_id, self._monotonic())

    def _schedule_expiry(self, task: Task, record_remaining_s: float) -> None:
        if task.is_terminal:
            self.expiries.set(task.task_id, self._monotonic() + record_remaining_s + ENDED_KEPT_S)
        else:
            self.expiries.discard(task.task_id)

    def _lease(self, old: Ledger | None, task: Task) -> None:
        if task.is_terminal or task.lease is None:
            self.lease_ends.discard(task.task_id)
        elif old is None or old.task.lease != task.lease:
            self.lease_ends.set(task.task_id, self._monotonic())

    def _drop_expired(self) -> None:
        for task_id in self.expiries.pop_up_to(self._monotonic()):
            del self._ledgers[task_id]
            self._ended.discard(task_id)
            self._changes.task_changed(task_id)


def _is_same_end(old: Task, new: Task) -> bool:
    """Whether a terminal task had ended before already; a retry that was refused has ended anew."""
    is_same_task = old.generation == new.generation and old.incarnation.is_same_as(new.incarnation)
    return old.is_terminal and is_same_task


def _epoch(old: Ledger | None, task: Task) -> int:
    return max(old.epoch if old else 0, task.lease.epoch if task.lease else 0)
