"""What a claim must lease: the dispatch policy (:mod:`domain.dispatch`), held against every claim."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from domain.dispatch import DispatchState, Limits, Queued
from domain.task import Task
from domain.values import Lease, Priority


class Policy:
    """Follows the ledgers, and knows which claims were made, so that a repeated one is told from a new one."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._state = DispatchState()
        self._last_place = 0
        self._turns_are_known = True
        self._claims: dict[str, tuple[tuple[str, ...], dict[str, Lease]]] = {}
        self._doubtful: dict[str, tuple[str, ...]] = {}
        """Claims of which nobody knows whether the present server has heard of them."""

    def see(self, task: Task) -> None:
        """A ledger was written."""
        self._state = self._state.with_task(task)
        self._last_place = max(self._last_place, task.order)

    def forget(self, ledgers: Iterable[Task]) -> None:
        """The store failed over, and these are its ledgers now. What it remembers of users' turns is not known."""
        self._state = DispatchState()
        self._doubtful |= {owner: nonces for owner, (nonces, _) in self._claims.items()}
        self._claims.clear()
        self._turns_are_known = False
        for task in ledgers:
            self.see(task)

    def wrongs_of_claim(
        self, owner: str, nonces: Sequence[str], claimed: Sequence[Task], now: datetime, ledgers: Mapping[str, Task]
    ) -> Iterator[str]:
        """Yield what is wrong with a claim; ``ledgers`` stood before it. Call :meth:`see` afterwards."""
        if self._doubtful.get(owner) == tuple(nonces):
            return
        asked, leased = self._claims.get(owner, ((), {}))
        if asked == tuple(nonces):
            yield from _wrongs_of_repeat(leased, claimed, ledgers)
            return
        if claimed:  # one that leases nothing is, when it is repeated, as if it had never arrived
            leases = {task.task_id: task.lease for task in claimed if task.lease is not None}
            self._claims[owner] = tuple(nonces), leases
        for place in range(len(nonces)):
            task = claimed[place] if place < len(claimed) else None
            yield from self._wrongs_of_one(task, now)
            if task is None:
                return
            self._take(task)

    def _wrongs_of_one(self, task: Task | None, now: datetime) -> Iterator[str]:
        expected = self._state.next_task(self._limits, now)
        if expected is None or task is None:
            if expected is not None:
                yield f"nothing was claimed, though task {expected.task_id} may run"
            if task is not None:
                yield f"task {task.task_id} was claimed, and nothing may run"
        elif task.task_id != expected.task_id and (self._turns_are_known or not self._may_be_next(task, expected, now)):
            yield f"task {task.task_id} was claimed before task {expected.task_id}"

    def _may_be_next(self, task: Task, expected: Queued, now: datetime) -> bool:
        """Whether it could be next if users' turns were others."""
        mine = next((queued for queued in self._state.waiting if queued.task_id == task.task_id), None)
        if mine is None:
            return False
        alone = replace(self._state, waiting=frozenset({mine}))
        running = Counter(work.user_id for work in self._state.at_work)
        return (
            alone.next_task(self._limits, now) is not None
            and mine.user_id != expected.user_id
            and _level(mine, running) == _level(expected, running)
        )

    def _take(self, claimed: Task) -> None:
        self._last_place += 1
        turns = {**self._state.turns, claimed.user_id: self._last_place}
        self._state = replace(self._state.with_task(claimed), turns=turns)


def _level(queued: Queued, running: Counter[str]) -> tuple[bool, int]:
    return queued.priority is not Priority.HIGH, running[queued.user_id]


def _wrongs_of_repeat(
    leased: Mapping[str, Lease], claimed: Sequence[Task], ledgers: Mapping[str, Task]
) -> Iterator[str]:
    still = {task_id for task_id, lease in leased.items() if ledgers[task_id].lease == lease}
    again = {task.task_id for task in claimed}
    if still != again:
        yield f"a repeated claim returned {sorted(again)}; leased were {sorted(still)}"
