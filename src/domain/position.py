"""Where a waiting task stands among the others: what decides whether it is next, and the model of every queue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.dispatch import DispatchState, Queued
from domain.instants import as_utc
from domain.values import Priority

Lane = tuple[Priority, str]
"""A priority and service. A user's tasks of one lane go in their order."""


@dataclass(frozen=True, slots=True)
class Rival:
    """A task that waits, and what the policy looks at to compare it with others."""

    task_id: str
    priority: Priority
    service: str
    user_id: str
    running: int
    """Tasks of its user at work."""
    since: int
    """Its user's latest turn, or the task's own place by acceptance where that was later."""
    order: int
    """Its place by acceptance."""

    @property
    def lane(self) -> Lane:
        """Its priority and service."""
        return self.priority, self.service

    @property
    def rank(self) -> tuple[bool, int, int, int]:
        """The lower one goes first (design §4)."""
        return self.priority is not Priority.HIGH, self.running, self.since, self.order


@dataclass(frozen=True, slots=True)
class QueuePosition:
    """All that decides whether one waiting task is next, whatever else waits."""

    own: Rival
    """The task itself."""
    earlier_own: int
    """Tasks of the same user in the same lane that go before it."""
    users_before: int
    """Users who go before its own in its lane; for a retry that has only just become due, at least so many."""
    firsts: tuple[Rival, ...]
    """Who goes first in each lane, in the order of the policy."""
    waiting: Mapping[Lane, int]
    """Tasks that may be claimed, per lane."""
    at_work: Mapping[str, int]
    """Leased tasks per service."""


def position_of(state: DispatchState, queued: Queued, now: datetime) -> QueuePosition:
    """Return the position of a task that waits in ``state``; other tasks whose retry is not due are in nobody's way."""
    running = Counter(work.user_id for work in state.at_work)
    rivals = [
        _rival(task, running[task.user_id], state.turns.get(task.user_id, 0))
        for task in state.waiting
        if task == queued or task.not_before is None or as_utc(task.not_before) <= as_utc(now)
    ]
    own = _rival(queued, running[queued.user_id], state.turns.get(queued.user_id, 0))
    in_lane = [one for one in rivals if one.lane == own.lane]
    first_own = min((one for one in in_lane if one.user_id == own.user_id), key=_rank)
    firsts = {one.lane: one for one in sorted(rivals, key=_rank, reverse=True)}
    return QueuePosition(
        own,
        sum(one.user_id == own.user_id and one.order < own.order for one in in_lane),
        len({one.user_id for one in in_lane if one.rank < first_own.rank}),
        tuple(sorted(firsts.values(), key=_rank)),
        Counter(one.lane for one in rivals),
        Counter(work.service for work in state.at_work),
    )


def _rival(task: Queued, running: int, turn: int) -> Rival:
    since = max(task.order, turn)
    return Rival(task.task_id, task.priority, task.service, task.user_id, running, since, task.order)


def _rank(rival: Rival) -> tuple[bool, int, int, int]:
    return rival.rank
