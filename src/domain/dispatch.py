"""Who runs next (design §4): the dispatch policy as a pure model, and the oracle of every queue.

``high`` goes before ``low``. Within a priority the user with the fewest tasks at work goes first, ties by who has
waited longest: since the user's turn before, or since the task was accepted where that was later. The age of the task
alone would not do: with fewer slots than users, those with old queues would be served over and over before a
newcomer. A user's tasks of one service go in their order. A task at a limit does not block those behind it, and no
slot stays free while a task may run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from domain.instants import as_utc
from domain.task import Task
from domain.values import Priority


@dataclass(frozen=True, slots=True)
class Limits:
    """How many tasks may be at work at once; None means without limit. A replica's own limit is its free slots."""

    per_user: int | None = None
    per_service: Mapping[str, int] = field(default_factory=dict)
    every_service: int | None = None
    """For the services that ``per_service`` does not name."""

    def for_service(self, service: str) -> int | None:
        """Return the limit of one service."""
        return self.per_service.get(service, self.every_service)


@dataclass(frozen=True, slots=True)
class Queued:
    """A task that waits: all that the policy looks at."""

    task_id: str
    service: str
    user_id: str
    priority: Priority
    order: int
    """Place by acceptance; smaller has waited longer. No two waiting tasks share one."""
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class AtWork:
    """A task that somebody holds a lease on."""

    task_id: str
    service: str
    user_id: str


@dataclass(frozen=True, slots=True)
class DispatchState:
    """Everything that waits and everything that is at work."""

    waiting: frozenset[Queued] = frozenset()
    at_work: frozenset[AtWork] = frozenset()
    turns: Mapping[str, int] = field(default_factory=dict)
    """When each user was last served, on the scale of ``Queued.order``: one counter gives orders and turns.

    A user's turn may be forgotten when nothing of that user waits or is at work: what comes later stands behind it.
    """

    @property
    def next_place(self) -> int:
        """The place behind all others, for the next task that is accepted and the next user that is served."""
        return 1 + max((*(task.order for task in self.waiting), *self.turns.values()), default=0)

    def next_task(self, limits: Limits, now: datetime) -> Queued | None:
        """Return the task that a free slot gets at ``now``, or None where none may run."""
        by_user = Counter(work.user_id for work in self.at_work)
        by_service = Counter(work.service for work in self.at_work)

        def may_run(task: Queued) -> bool:
            return (
                (task.not_before is None or as_utc(task.not_before) <= as_utc(now))
                and _below(by_user[task.user_id], limits.per_user)
                and _below(by_service[task.service], limits.for_service(task.service))
            )

        def rank(task: Queued) -> tuple[bool, int, int, int]:
            waits_since = max(task.order, self.turns.get(task.user_id, 0))
            return task.priority is not Priority.HIGH, by_user[task.user_id], waits_since, task.order

        return min(filter(may_run, self.waiting), key=rank, default=None)

    def claim(self, limits: Limits, now: datetime, slots: int = 1) -> tuple[DispatchState, tuple[Queued, ...]]:
        """Give up to ``slots`` free slots away, one after the other."""
        state = self
        claimed: list[Queued] = []
        while len(claimed) < slots and (task := state.next_task(limits, now)) is not None:
            claimed.append(task)
            state = DispatchState(
                state.waiting - {task},
                state.at_work | {AtWork(task.task_id, task.service, task.user_id)},
                {**state.turns, task.user_id: state.next_place},
            )
        return state, tuple(claimed)

    def with_task(self, task: Task) -> DispatchState:
        """Put a ledger's task where its status and lease say that it belongs."""
        rest = self.without(task.task_id)
        match place_of(task):
            case Queued() as queued:
                return replace(rest, waiting=rest.waiting | {queued})
            case AtWork() as work:
                return replace(rest, at_work=rest.at_work | {work})
            case None:
                return rest

    def without(self, task_id: str) -> DispatchState:
        """Forget a task."""
        return replace(
            self,
            waiting=frozenset(task for task in self.waiting if task.task_id != task_id),
            at_work=frozenset(work for work in self.at_work if work.task_id != task_id),
        )


def place_of(task: Task) -> Queued | AtWork | None:
    """Return where a task stands for the policy: the queue is a function of the ledger, not a truth of its own."""
    if task.is_terminal:
        return None
    if task.lease is not None:
        return AtWork(task.task_id, task.service, task.user_id)
    return Queued(task.task_id, task.service, task.user_id, task.priority, task.order, task.retry_at)


def _below(count: int, limit: int | None) -> bool:
    return limit is None or count < limit
