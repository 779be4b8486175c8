"""What must hold at every moment: one owner, one work, fencing, outcomes that stand, blocks, and a queue to match."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.ports import QueueOverview, Snapshot
from domain.reconcile import project
from domain.task import Task
from domain.values import Lease, TaskStatus
from tests.explorer.lease_book import LeaseBook
from tests.explorer.operations import Block, Claim, Commit, TakeOver
from tests.explorer.player import Raised, snapshots_in
from tests.explorer.queue_model import QueueModel
from tests.explorer.stores import Operation
from tests.explorer.work import Floor, Workload

Ledgers = Mapping[str, Task | None]


@dataclass(slots=True)
class _Submit:
    user_id: str
    may_be_refused: bool
    """Whether its user was blocked at any moment since it began."""


@dataclass
class Judge:
    """Is told of everything in its order. Whatever is wrong is added to ``wrongs``."""

    floor: Floor
    book: LeaseBook
    wrongs: list[str] = field(default_factory=list)
    said_cancelled: set[str] = field(default_factory=set)
    """Tasks whose cancel was answered with `cancelled`."""

    def __post_init__(self) -> None:
        self._queue = QueueModel()
        self._blocked: set[str | None] = set()
        self._submits: dict[str, _Submit] = {}
        self._tokens: dict[tuple[str, int], Lease] = {}

    def saw(
        self,
        who: str,
        operation: Operation,
        answer: object,
        before: Ledgers,
        after: Ledgers,
        now: tuple[float, datetime],
    ) -> None:
        """A replica did this, and ``before`` became ``after``."""
        match operation:
            case Commit():
                if isinstance(answer, Snapshot):
                    self._commit(who, operation, before, after)
                    self._shows_its_ledger(answer)
            case Claim():
                if wrong := self._queue.wrong_claim(operation, answer, before, now[1]):
                    self.wrongs.append(wrong)
                self._leased(operation.owner, answer, before)
            case TakeOver():
                for snapshot in snapshots_in(answer):
                    if not self.book.has_expired(snapshot.task_id, now[0]) and not _is_own(snapshot, operation, before):
                        self.wrongs.append(f"{who} took over task {snapshot.task_id} before its lease had expired")
                self._leased(operation.owner, answer, before)
            case Block(user_id, blocked):
                (self._blocked.add if blocked else self._blocked.discard)(user_id)
                for submit in self._submits.values():
                    submit.may_be_refused |= blocked and user_id in (None, submit.user_id)
        if answer and not isinstance(answer, Raised):
            self._no_work_beside_an_end(after)

    def overview(self, overview: QueueOverview, ledgers: Ledgers) -> None:
        """The queue as it is now."""
        self.wrongs += self._queue.wrong_overview(overview, ledgers)

    def work_begins(self, workload: Workload, task: Task | None) -> None:
        """Work begins while the ledger says this."""
        task_id, name = workload.order.task_id, workload.order.name
        for other in self.floor.at_work(task_id):
            self.wrongs.append(f"{name} began while {other.order.name} was at work")
        if task is None or task.is_terminal:
            self.wrongs.append(f"{name} began although its task is {task.status if task else 'unknown'}")
        if task_id in self.said_cancelled:
            self.wrongs.append(f"{name} began after its task was said to be cancelled")

    def submit_begins(self, name: str, user_id: str) -> None:
        """Somebody submits a task of this user."""
        self._submits[name] = _Submit(user_id, may_be_refused=self._is_blocked(user_id))

    def submit_refused(self, name: str) -> None:
        """It was refused by a block."""
        if not self._submits[name].may_be_refused:
            self.wrongs.append(f"'{name}' was refused, and {self._submits[name].user_id} was not blocked")

    # --- steps -------------------------------------------------------------------------------------------------

    def _commit(self, who: str, commit: Commit, before: Ledgers, after: Ledgers) -> None:
        for task_id, old in before.items():
            new = after[task_id]
            if old is new or new is None:
                continue
            if old is None:
                self._accepted(new, commit)
            else:
                self._moved(who, old, new)

    def _shows_its_ledger(self, committed: Snapshot) -> None:
        task, record = committed.own_task, committed.record
        if task is not None and record is not None and record != project(task, record):
            self.wrongs.append(f"task {task.task_id} was committed with a record that does not show it: {record}")

    def _accepted(self, new: Task, commit: Commit) -> None:
        if self._is_blocked(new.user_id) and not new.is_terminal:
            self.wrongs.append(f"task {new.task_id} was accepted although {new.user_id} is blocked")
        if commit.admission is None and not new.is_terminal:
            self.wrongs.append(f"task {new.task_id} was accepted without a look at the blocks")

    def _is_blocked(self, user_id: str) -> bool:
        return not self._blocked.isdisjoint({None, user_id})

    def _moved(self, who: str, old: Task, new: Task) -> None:
        if old.is_terminal and old.generation == new.generation and new.status is not old.status:
            self.wrongs.append(f"task {old.task_id} was {old.status} and became {new.status}")
        owner = old.lease.owner if old.lease else None
        if owner is not None and owner != who and _is_owners_alone(old, new):
            self.wrongs.append(f"{who} made task {old.task_id} {new.status}, and {owner} has the lease on it")
        if old.is_waiting and new.lease is not None:
            self.wrongs.append(f"{who} leased task {old.task_id} by a commit")

    def _leased(self, owner: str, answer: object, before: Ledgers) -> None:
        for snapshot in snapshots_in(answer):
            assert snapshot.task is not None
            lease, old = snapshot.task.lease, before[snapshot.task_id]
            if lease is None or lease.owner != owner:
                self.wrongs.append(f"{owner} was given task {snapshot.task_id} with the lease {lease}")
                continue
            known = self._tokens.setdefault((snapshot.task_id, lease.epoch), lease)
            if known != lease or (old is not None and old.lease is not None and old.lease.epoch > lease.epoch):
                self.wrongs.append(f"{lease} on task {snapshot.task_id} comes after {old.lease if old else known}")

    def _no_work_beside_an_end(self, after: Ledgers) -> None:
        for task_id, task in after.items():
            for workload in self.floor.at_work(task_id):
                if task is not None and task.is_terminal:
                    self.wrongs.append(f"task {task_id} is {task.status}, and {workload.order.name} is at work")


def _is_own(snapshot: Snapshot, call: TakeOver, before: Ledgers) -> bool:
    """Whether a repeated take-over got again what it had."""
    old = before[snapshot.task_id]
    return old is not None and old.lease is not None and old.lease.nonce in call.nonces


def _is_owners_alone(old: Task, new: Task) -> bool:
    """Whether only the owner may make this change: anybody may ask for a cancel, change the priority, add lines."""
    asked = new.status is TaskStatus.CANCEL_REQUESTED and not old.is_terminal
    return (
        (new.status is not old.status and not asked)
        or new.lease != old.lease
        or new.attempts != old.attempts
        or new.active_jobs != old.active_jobs
        or new.result != old.result
    )
