"""The queue as the domain's model says it must be beside the ledgers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime

from domain.dispatch import DispatchState
from domain.ports import QueueOverview
from domain.task import Task
from domain.values import Lease
from tests.explorer.operations import Claim
from tests.explorer.player import snapshots_in


class QueueModel:
    """Follows the ledgers; claims are held to the dispatch policy."""

    def __init__(self) -> None:
        self._state = DispatchState()
        self._calls: dict[tuple[str, tuple[str, ...]], dict[str, Lease | None]] = {}

    def wrong_claim(self, call: Claim, answer: object, before: Mapping[str, Task | None], now: datetime) -> str:
        """Return what is wrong with a claim; nothing where it is right."""
        snapshots = snapshots_in(answer)
        got = [snapshot.task_id for snapshot in snapshots]
        leased_before = self._calls.get((call.owner, call.nonces))
        if leased_before:
            left = [task_id for task_id, lease in leased_before.items() if _lease(before[task_id]) == lease]
            return "" if sorted(got) == sorted(left) else f"a repeated claim got {got}, it has leased {left}"
        self._calls[call.owner, call.nonces] = {snapshot.task_id: _lease(snapshot.task) for snapshot in snapshots}
        self._state, chosen = self._state.claim(call.limits, now, len(call.nonces))
        expected = [queued.task_id for queued in chosen]
        return "" if got == expected else f"a claim got {got} where the policy gives {expected}"

    def wrong_overview(self, overview: QueueOverview, tasks: Mapping[str, Task | None]) -> Iterator[str]:
        """Take the ledgers in, and yield what of the overview does not follow from them."""
        for task_id, task in tasks.items():
            self._state = self._state.without(task_id) if task is None else self._state.with_task(task)
        waiting = Counter((queued.priority, queued.service) for queued in self._state.waiting)
        at_work = Counter(work.service for work in self._state.at_work)
        if sum(overview.waiting.values()) + overview.delayed != waiting.total():
            yield f"the queue counts {overview.waiting} and {overview.delayed} delayed; by the ledgers {waiting} wait"
        if any(count > waiting[lane] for lane, count in overview.waiting.items()):
            yield f"the queue has {overview.waiting}; by the ledgers {waiting} wait"
        if Counter({name: count for name, count in overview.at_work.items() if count}) != at_work:
            yield f"the queue has {overview.at_work} at work; by the ledgers it is {at_work}"


def _lease(task: Task | None) -> Lease | None:
    return None if task is None else task.lease
