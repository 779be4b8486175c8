"""What a store must hold, said with the pure domain model: no adapter, no I/O."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto
from itertools import count

from domain.blocks import BlockFlags, Blocks
from domain.dispatch import DispatchState, Limits, Queued
from domain.ports import Snapshot
from domain.record import Record
from domain.task import Task
from domain.values import Lease, TaskStatus
from tests.stores.expected_overview import split_by_due


class Freshness(Enum):
    """How a snapshot compares with what stands now."""

    FRESH = auto()
    STALE = auto()
    UNSURE = auto()
    """The frontend wrote the record again, just as it was. Whether those are the same bytes is the store's business."""


class Kind(Enum):
    """What leases tasks."""

    CLAIM = auto()
    TAKE_OVER = auto()


@dataclass(frozen=True)
class Seen:
    """A snapshot that somebody holds, and which writes it shows."""

    snapshot: Snapshot
    ledger_write: int
    record_write: int


_LOST_WITH_THE_SERVER = (
    *("records", "tasks", "ended", "ends", "expired"),
    *("_calls", "_ledger_writes", "_record_writes", "_epochs"),
)
"""What another server has only as it was saved."""


class Oracle:
    """Ledgers, records, queue and blocks, changed as the ports say."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        """Retries up to this moment are due."""
        self.records: dict[str, Record] = {}
        self.tasks: dict[str, Task] = {}
        self.blocks = Blocks()
        self.dispatch = DispatchState()
        self.ended: list[str] = []
        """First to last."""
        self.ends: Counter[TaskStatus] = Counter()
        """How often tasks have ended so, those among them that have been retried or forgotten since."""
        self.expired: list[str] = []
        """Tasks whose lease has expired, oldest first."""
        self._calls: dict[tuple[Kind, str], tuple[Sequence[str], Sequence[str]]] = {}
        """Nonces and tasks of each owner's last call that leased something."""
        self._ledger_writes: dict[str, int] = {}
        self._record_writes: dict[str, int] = {}
        self._epochs: Counter[str] = Counter()
        self._next_write = count(1)
        self._last_place = 0
        """The highest order or turn that is known to be given; it never goes back."""

    # --- what is read ------------------------------------------------------------------------------------------

    def snapshot(self, task_id: str) -> Snapshot:
        return Snapshot(task_id, self.tasks.get(task_id), self.records.get(task_id))

    def seen(self, snapshot: Snapshot) -> Seen:
        """Note a snapshot that was taken now."""
        task_id = snapshot.task_id
        return Seen(snapshot, self._ledger_writes.get(task_id, 0), self._record_writes.get(task_id, 0))

    def freshness(self, seen: Seen) -> Freshness:
        task_id = seen.snapshot.task_id
        same_record = repr(self.records.get(task_id)) == repr(seen.snapshot.record)
        if self._ledger_writes.get(task_id, 0) != seen.ledger_write or not same_record:
            return Freshness.STALE
        return Freshness.FRESH if self._record_writes.get(task_id, 0) == seen.record_write else Freshness.UNSURE

    @property
    def live(self) -> set[str]:
        return {task_id for task_id, task in self.tasks.items() if not task.is_terminal}

    def at_work(self) -> set[str]:
        return {work.task_id for work in self.dispatch.at_work}

    def latest_epoch(self, task_id: str) -> int:
        return self._epochs[task_id]

    def is_blocked(self, user_id: str) -> bool:
        return self.blocks.flags_for(user_id) != BlockFlags()

    def claimable(self) -> set[Queued]:
        """Return what a free slot could get if there were no limits, but for retries."""
        return {queued for queued in self.dispatch.waiting if queued.not_before is None}

    def due_retries(self) -> list[Queued]:
        """Return the retries that are due, which a store may or may not have noticed."""
        due, _ = split_by_due(self.dispatch, self.now)
        return [queued for queued in due if queued.not_before is not None]

    # --- what the frontend does --------------------------------------------------------------------------------

    def save(self, record: Record) -> None:
        self.records[record.task_id] = record
        self._record_writes[record.task_id] = next(self._next_write)

    def delete(self, task_id: str) -> None:
        self.records.pop(task_id, None)
        self._record_writes.pop(task_id, None)

    # --- what the scheduler does -------------------------------------------------------------------------------

    def commit(self, task_id: str, task: Task | None, record: Record | None, committed: Task | None) -> None:
        """Take in a commit that held. ``committed`` shows which order the store gave."""
        if record is not None and repr(record) != repr(self.records[task_id]):
            self.save(record)
        if task is None:
            assert committed is None
            return
        assert committed is not None
        if task.order == 0:
            assert task.is_terminal or committed.order > self._last_place
            task = replace(task, order=committed.order)
        assert committed == task
        self._last_place = max(self._last_place, task.order)
        self._put(task)

    def claim(self, owner: str, nonces: Sequence[str], limits: Limits) -> list[Task]:
        """Return the tasks that must be claimed, leased."""
        leased: list[Task] = []
        for nonce in nonces:
            queued = self.dispatch.next_task(limits, self.now)
            if queued is None:
                break
            task = self.tasks[queued.task_id].claim(self._lease(queued.task_id, owner, nonce))
            self._put(task)
            self._last_place += 1
            turns = {**self.dispatch.turns, task.user_id: self._last_place}
            self.dispatch = replace(self.dispatch, turns=turns)
            leased.append(task)
        self._note(Kind.CLAIM, owner, nonces, leased)
        return leased

    def take_over(self, owner: str, nonces: Sequence[str]) -> list[Task]:
        """Return the tasks that must be taken over, with their new leases."""
        taken: list[Task] = []
        for task_id, nonce in zip(list(self.expired), nonces, strict=False):
            task = self.tasks[task_id].take_over(self._lease(task_id, owner, nonce))
            self.expired.remove(task_id)
            self._put(task)
            taken.append(task)
        self._note(Kind.TAKE_OVER, owner, nonces, taken)
        return taken

    def repeat(self, kind: Kind, owner: str, nonces: Sequence[str]) -> list[Task] | None:
        """Return what a call that is made again must return; None where it leased nothing before."""
        known_nonces, task_ids = self._calls.get((kind, owner), ((), ()))
        if not nonces or nonces != known_nonces:
            return None
        leases = {task_id: self.tasks[task_id].lease for task_id in task_ids if task_id in self.tasks}
        held = [
            task_id
            for task_id, lease in leases.items()
            if lease and (lease.owner, lease.nonce in nonces) == (owner, True)
        ]
        self.expired = [task_id for task_id in self.expired if task_id not in held]
        return [self.tasks[task_id] for task_id in held]

    def renew(self, leases: Mapping[str, Lease]) -> frozenset[str]:
        """Return the ids whose lease is another one; those of the others have expired no longer."""
        lost = frozenset(
            task_id
            for task_id, lease in leases.items()
            if task_id not in self.tasks or self.tasks[task_id].lease != lease
        )
        self.expired = [task_id for task_id in self.expired if task_id not in leases or task_id in lost]
        return lost

    def expire_lease(self, task_id: str) -> None:
        self.expired = [other for other in self.expired if other != task_id] + [task_id]

    # --- fail-overs --------------------------------------------------------------------------------------------

    def saved(self) -> "Oracle":
        """Return an oracle that knows what stands now."""
        saved = Oracle(self.now)
        saved.fail_over(self)
        return saved

    def fail_over(self, saved: "Oracle") -> None:
        """Hold what was saved; time, and numbers that were given, go on."""
        for name in _LOST_WITH_THE_SERVER:
            setattr(self, name, copy(getattr(saved, name)))
        self.blocks, self.dispatch = saved.blocks, saved.dispatch

    # --- steps -------------------------------------------------------------------------------------------------

    def _lease(self, task_id: str, owner: str, nonce: str) -> Lease:
        return Lease(owner, self._epochs[task_id] + 1, nonce)

    def _note(self, kind: Kind, owner: str, nonces: Sequence[str], leased: Iterable[Task]) -> None:
        if task_ids := [task.task_id for task in leased]:
            self._calls[kind, owner] = nonces, task_ids

    def _put(self, task: Task) -> None:
        task_id = task.task_id
        old = self.tasks.get(task_id)
        self.tasks[task_id] = task
        self._ledger_writes[task_id] = next(self._next_write)
        self._epochs[task_id] = max(self._epochs[task_id], task.lease.epoch if task.lease else 0)
        self.dispatch = _with_task(self.dispatch, task)
        if task.lease is None and task_id in self.expired:
            self.expired.remove(task_id)
        if task.is_terminal and old is not None and old.is_terminal and _is_same_end(old, task):
            return
        if task_id in self.ended:
            self.ended.remove(task_id)
        if task.is_terminal:
            self.ended.append(task_id)
            self.ends[task.status] += 1


def _is_same_end(old: Task, new: Task) -> bool:
    return old.generation == new.generation and old.incarnation.is_same_as(new.incarnation)


def _with_task(dispatch: DispatchState, task: Task) -> DispatchState:
    """Put a task where it belongs, and forget the turns of users of whom nothing is left."""
    moved = dispatch.with_task(task)
    there = {queued.user_id for queued in moved.waiting} | {work.user_id for work in moved.at_work}
    return replace(moved, turns={user_id: turn for user_id, turn in moved.turns.items() if user_id in there})
