"""The dispatch policy (design §4) without scans: it decides as :class:`domain.dispatch.DispatchState` does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from adapters.memory.lane import Lane, Rank, Standing
from adapters.memory.ranked import RankedMap
from domain.dispatch import AtWork, Limits, Queued
from domain.instants import as_utc
from domain.ports import QueueHead
from domain.position import QueuePosition, Rival
from domain.values import Priority

Place = Queued | AtWork
LaneKey = tuple[Priority, str]


class Moved(NamedTuple):
    """What may be claimed, since a task moved, that could not be before."""

    waits_anew: bool
    """The task itself."""
    freed_a_slot: bool
    """Others, for the task had a slot that somebody waits for."""


class FairQueue:
    """Who waits, who is at work, and who is next.

    A change costs O(log n) in the tasks that wait and O(lanes), a lane being a priority and service in which
    something waits; so does the question who is next.
    """

    def __init__(self) -> None:
        self._places: dict[str, Place] = {}
        self._users: dict[str, Standing] = {}
        self._lanes: dict[LaneKey, Lane] = {}
        self._delayed: RankedMap[str, datetime] = RankedMap()
        self._running: Counter[str] = Counter()
        self._last_number = 0

    # --- changes -----------------------------------------------------------------------------------------------

    def next_number(self) -> int:
        """Return the place behind all others: one counter gives tasks their order and users their turns."""
        self._last_number += 1
        return self._last_number

    @property
    def last_number(self) -> int:
        """The place behind which the next one is."""
        return self._last_number

    def skip_to(self, number: int) -> None:
        """Give only numbers above this one from now on."""
        self._last_number = max(self._last_number, number)

    def put(self, task_id: str, place: Place | None, *, is_turn: bool = False) -> Moved:
        """Move a task to ``place``, out of the queue for None. With ``is_turn`` its user has had the turn."""
        old = self._places.pop(task_id, None)
        if old is not None:
            self._leave(old)
        if place is not None:
            self._places[task_id] = place
            self._enter(place, is_turn=is_turn)
        if old is not None and not self._users[old.user_id].tasks:
            # Whatever this user asks for next stands behind the forgotten turn anyway.
            del self._users[old.user_id]
        waits_anew = isinstance(place, Queued) and place != old and task_id not in self._delayed
        freed_a_slot = isinstance(old, AtWork) and not isinstance(place, AtWork)
        return Moved(waits_anew, freed_a_slot and bool(self._lanes or self._delayed))

    def release_due(self, now: datetime) -> None:
        """Let the delayed tasks whose time has come wait with the others."""
        for task_id in self._delayed.pop_up_to(as_utc(now)):
            task = self._places[task_id]
            assert isinstance(task, Queued), "only a waiting task is delayed"
            self._join_lane(task)

    # --- questions ---------------------------------------------------------------------------------------------

    def next_task(self, limits: Limits) -> Queued | None:
        """Return the task that a free slot gets, or None where none may run. Call :meth:`release_due` before."""
        for priority in (Priority.HIGH, Priority.LOW):
            best = min(self._candidates(priority, limits), key=lambda candidate: candidate[0], default=None)
            if best is not None:
                return best[1]
        return None

    def waiting(self) -> Mapping[LaneKey, int]:
        """Return how many tasks may be claimed, per priority and service."""
        return {key: len(lane) for key, lane in self._lanes.items()}

    def delayed(self) -> int:
        """Return how many tasks wait for their time to come."""
        return len(self._delayed)

    def at_work(self) -> Mapping[str, int]:
        """Return how many tasks are at work, per service."""
        return dict(self._running)

    def heads(self, count: int) -> list[QueueHead]:
        """Return the first task of each of the next ``count`` users of every lane, high priority first."""
        keys = sorted(self._lanes, key=lambda key: (key[0] is not Priority.HIGH, key[1]))
        return [self._head(task) for key in keys for task in self._lanes[key].heads(count)]

    def waiting_users(self, count: int) -> list[tuple[LaneKey, str, int]]:
        """Return the next ``count`` users of every lane, with how many tasks each has there."""
        return [(key, user_id, tasks) for key, lane in self._lanes.items() for user_id, tasks in lane.users(count)]

    def position(self, task: Queued) -> QueuePosition:
        """Return where a task stands. Looks at every user of its lane, and at every task of its user there."""
        lane = self._lanes.get((task.priority, task.service), Lane())
        standing = self._users.get(task.user_id, Standing())
        firsts = [first for each in self._lanes.values() if (first := each.first()) is not None]
        return QueuePosition(
            _rival(task, Rank(standing.running, max(task.order, standing.served), task.order)),
            lane.earlier(task),
            lane.users_before(task.user_id, standing),
            tuple(sorted((_rival(queued, rank) for rank, queued in firsts), key=lambda rival: rival.rank)),
            self.waiting(),
            self.at_work(),
        )

    def copy(self) -> FairQueue:
        """Return a queue of its own with the same content."""
        copied = FairQueue()
        copied._places = dict(self._places)
        copied._users = {user_id: replace(standing) for user_id, standing in self._users.items()}
        copied._lanes = {key: lane.copy() for key, lane in self._lanes.items()}
        copied._delayed, copied._running = self._delayed.copy(), self._running.copy()
        copied._last_number = self._last_number
        return copied

    # --- steps -------------------------------------------------------------------------------------------------

    def _candidates(self, priority: Priority, limits: Limits) -> Iterator[tuple[Rank, Queued]]:
        for (lane_priority, service), lane in self._lanes.items():
            if lane_priority is not priority or not _has_room(self._running[service], limits.for_service(service)):
                continue
            first = lane.first()
            if first is not None and _has_room(first[0].running, limits.per_user):
                yield first

    def _enter(self, place: Place, *, is_turn: bool) -> None:
        standing = self._users.setdefault(place.user_id, Standing())
        standing.tasks += 1
        if isinstance(place, AtWork):
            if is_turn:
                standing.served = self.next_number()
            self._count_running(place, 1)
        elif place.not_before is not None:
            self._delayed.set(place.task_id, as_utc(place.not_before))
        else:
            self._join_lane(place)

    def _leave(self, place: Place) -> None:
        self._users[place.user_id].tasks -= 1
        if isinstance(place, AtWork):
            self._count_running(place, -1)
        elif place.task_id in self._delayed:
            self._delayed.discard(place.task_id)
        else:
            self._leave_lane(place)

    def _join_lane(self, task: Queued) -> None:
        lane = self._lanes.setdefault((task.priority, task.service), Lane())
        lane.add(task, self._users[task.user_id])

    def _leave_lane(self, task: Queued) -> None:
        key = task.priority, task.service
        self._lanes[key].remove(task, self._users[task.user_id])
        if not self._lanes[key]:
            del self._lanes[key]

    def _count_running(self, work: AtWork, change: int) -> None:
        standing = self._users[work.user_id]
        standing.running += change
        self._running[work.service] += change
        if not self._running[work.service]:
            del self._running[work.service]
        for lane in self._lanes.values():
            lane.rank(work.user_id, standing)

    def _head(self, task: Queued) -> QueueHead:
        running = self._users[task.user_id].running
        return QueueHead(task.priority, task.service, task.user_id, task.task_id, running)


def _rival(task: Queued, rank: Rank) -> Rival:
    return Rival(task.task_id, task.priority, task.service, task.user_id, *rank)


def _has_room(running: int, limit: int | None) -> bool:
    return limit is None or running < limit
