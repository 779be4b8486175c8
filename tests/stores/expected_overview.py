"""What an overview of the queue must show, said with the domain's model."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from domain.dispatch import DispatchState, Queued
from domain.ports import QueueHead, QueueOverview
from domain.values import Priority


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


def heads_of(dispatch: DispatchState, count: int) -> list[QueueHead]:
    """Return the heads of every lane, where no retry is due that a claim may not have looked at yet."""
    running = Counter(work.user_id for work in dispatch.at_work)
    firsts: dict[tuple[Priority, str, str], Queued] = {}
    for queued in sorted(dispatch.waiting, key=lambda queued: queued.order):
        if queued.not_before is None:
            firsts.setdefault((queued.priority, queued.service, queued.user_id), queued)

    def rank(queued: Queued) -> tuple[int, int]:
        return running[queued.user_id], max(queued.order, dispatch.turns.get(queued.user_id, 0))

    lanes: dict[tuple[Priority, str], list[Queued]] = {}
    for queued in sorted(firsts.values(), key=rank):
        lanes.setdefault(_lane(queued), []).append(queued)
    return [
        QueueHead(one.priority, one.service, one.user_id, one.task_id, running[one.user_id])
        for lane in sorted(lanes, key=lambda lane: (lane[0] is not Priority.HIGH, lane[1]))
        for one in lanes[lane][:count]
    ]


def _lane(queued: Queued) -> tuple[Priority, str]:
    return queued.priority, queued.service


def _non_zero(counts: Mapping[str, int]) -> dict[str, int]:
    return {key: count for key, count in counts.items() if count}
