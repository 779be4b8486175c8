"""What a store must hold, said with the pure domain model: no adapter, no I/O."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto

from domain.blocks import Blocks
from domain.dispatch import DispatchState, Limits, Queued
from domain.ports import QueueHead, QueueOverview, Snapshot
from domain.record import Record
from domain.task import Task
from domain.values import Lease, Priority


class Freshness(Enum):
    """How a snapshot compares with what stands now."""

    FRESH = auto()
    STALE = auto()
    UNSURE = auto()
    """The frontend wrote the record again, just as it was. Whether those are the same bytes is the store's business."""


@dataclass(frozen=True)
class Seen:
    """A snapshot that somebody holds, and when it was taken."""

    snapshot: Snapshot
    ledger_writes: int
    record_writes: int


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
        self.expired: list[str] = []
        """Tasks whose lease has expired, oldest first."""
        self._ledger_writes: Counter[str] = Counter()
        self._record_writes: Counter[str] = Counter()
        self._epochs: Counter[str] = Counter()
        self._last_order = 0

    # --- what is read ------------------------------------------------------------------------------------------

    def snapshot(self, task_id: str) -> Snapshot:
        return Snapshot(task_id, self.tasks.get(task_id), self.records.get(task_id))

    def seen(self, snapshot: Snapshot) -> Seen:
        """Note a snapshot that was taken now."""
        task_id = snapshot.task_id
        return Seen(snapshot, self._ledger_writes[task_id], self._record_writes[task_id])

    def freshness(self, seen: Seen) -> Freshness:
        task_id = seen.snapshot.task_id
        same_record = repr(self.records.get(task_id)) == repr(seen.snapshot.record)
        if self._ledger_writes[task_id] != seen.ledger_writes or not same_record:
            return Freshness.STALE
        return Freshness.FRESH if self._record_writes[task_id] == seen.record_writes else Freshness.UNSURE

    @property
    def live(self) -> set[str]:
        return {task_id for task_id, task in self.tasks.items() if not task.is_terminal}

    def at_work(self) -> set[str]:
        return {work.task_id for work in self.dispatch.at_work}

    def is_blocked(self, user_id: str) -> bool:
        flags = self.blocks.flags_for(user_id)
        return flags.everybody or flags.user

    def claimable(self) -> set[Queued]:
        """Return what a free slot could get if there were no limits, but for retries."""
        return {queued for queued in self.dispatch.waiting if queued.not_before is None}

    def has_due_retries(self) -> bool:
        due, _ = split_by_due(self.dispatch, self.now)
        return any(queued.not_before is not None for queued in due)

    def heads(self, count: int) -> list[QueueHead]:
        """Return the heads of every lane, where no retry is due that a claim may not have looked at yet."""
        running = Counter(work.user_id for work in self.dispatch.at_work)
        firsts: dict[tuple[Priority, str, str], Queued] = {}
        for queued in sorted(self.dispatch.waiting, key=lambda queued: queued.order):
            if queued.not_before is None:
                firsts.setdefault((queued.priority, queued.service, queued.user_id), queued)

        def rank(queued: Queued) -> tuple[int, int]:
            return running[queued.user_id], max(queued.order, self.dispatch.turns.get(queued.user_id, 0))

        lanes: dict[tuple[Priority, str], list[Queued]] = {}
        for queued in sorted(firsts.values(), key=rank):
            lanes.setdefault(_lane(queued), []).append(queued)
        return [
            QueueHead(one.priority, one.service, one.user_id, one.task_id, running[one.user_id])
            for lane in sorted(lanes, key=lambda lane: (lane[0] is not Priority.HIGH, lane[1]))
            for one in lanes[lane][:count]
        ]

    # --- what the frontend does --------------------------------------------------------------------------------

    def save(self, record: Record) -> None:
        self.records[record.task_id] = record
        self._record_writes[record.task_id] += 1

    def delete(self, task_id: str) -> None:
        self.records.pop(task_id, None)
        self._record_writes[task_id] += 1

    # --- what the scheduler does -------------------------------------------------------------------------------

    def commit(self, task_id: str, task: Task | None, record: Record | None, committed: Task | None) -> None:
        """Take in a commit that held. ``committed`` shows which order the store gave."""
        if record is not None and repr(record) != repr(self.records[task_id]):
            self.save(record)
        if task is None:
            assert committed is None
            return
        assert committed is not None
        if task.order == 0 and not task.is_terminal:
            assert committed.order > self._last_order
            self._last_order = committed.order
            task = replace(task, order=committed.order)
        elif task.order == 0:
            task = replace(task, order=committed.order)
        assert committed == task
        self._put(task)

    def claim(self, owner: str, nonces: Iterable[str], limits: Limits) -> list[Task]:
        """Return the tasks that must be claimed, leased."""
        nonces = list(nonces)
        self.dispatch, chosen = self.dispatch.claim(limits, self.now, len(nonces))
        leased = []
        for queued, nonce in zip(chosen, nonces, strict=False):
            task = self.tasks[queued.task_id].claim(self._lease(queued.task_id, owner, nonce))
            self._put(task)
            leased.append(task)
        return leased

    def take_over(self, owner: str, nonces: Iterable[str]) -> list[Task]:
        """Return the tasks that must be taken over, with their new leases."""
        taken = []
        for task_id, nonce in zip(list(self.expired), nonces, strict=False):
            task = self.tasks[task_id].take_over(self._lease(task_id, owner, nonce))
            self.expired.remove(task_id)
            self._put(task)
            taken.append(task)
        return taken

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

    # --- steps -------------------------------------------------------------------------------------------------

    def _lease(self, task_id: str, owner: str, nonce: str) -> Lease:
        self._epochs[task_id] += 1
        return Lease(owner, self._epochs[task_id], nonce)

    def _put(self, task: Task) -> None:
        task_id = task.task_id
        old = self.tasks.get(task_id)
        self.tasks[task_id] = task
        self._ledger_writes[task_id] += 1
        self.dispatch = self.dispatch.with_task(task)
        if task.lease is None and task_id in self.expired:
            self.expired.remove(task_id)
        if task.is_terminal and old is not None and old.is_terminal and old.incarnation.is_same_as(task.incarnation):
            return
        if task_id in self.ended:
            self.ended.remove(task_id)
        if task.is_terminal:
            self.ended.append(task_id)


def shows(overview: QueueOverview, dispatch: DispatchState, now: datetime) -> bool:
    """Whether an overview is right. A retry that has become due may count as delayed until a claim looks at it."""
    due, not_due = split_by_due(dispatch, now)
    at_once = Counter(_lane(queued) for queued in due if queued.not_before is None)
    retries = Counter(_lane(queued) for queued in due if queued.not_before is not None)
    waiting = Counter({key: count for key, count in overview.waiting.items() if count})
    return (
        at_once <= waiting <= at_once + retries
        and waiting.total() + overview.delayed == len(due) + len(not_due)
        and _non_zero(overview.at_work) == Counter(work.service for work in dispatch.at_work)
    )


def split_by_due(dispatch: DispatchState, now: datetime) -> tuple[list[Queued], list[Queued]]:
    """Return what waits: tasks that may be claimed at ``now``, and retries that may not."""
    due: list[Queued] = []
    not_due: list[Queued] = []
    for queued in dispatch.waiting:
        is_due = queued.not_before is None or queued.not_before <= now
        (due if is_due else not_due).append(queued)
    return due, not_due


def _lane(queued: Queued) -> tuple[Priority, str]:
    return queued.priority, queued.service


def _non_zero(counts: Mapping[str, int]) -> dict[str, int]:
    return {key: count for key, count in counts.items() if count}
