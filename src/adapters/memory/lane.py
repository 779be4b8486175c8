"""What may be claimed in one priority and service: users in their turn, each with a queue of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from adapters.memory.ranked import RankedMap
from domain.dispatch import Queued


@dataclass(slots=True)
class Standing:
    """What counts for a user in every lane."""

    running: int = 0
    """Tasks at work."""
    served: int = 0
    """The user's last turn, on the scale of ``Queued.order``; 0 before the first."""
    tasks: int = 0
    """Tasks that wait or are at work."""


class Rank(NamedTuple):
    """When a user's turn comes (design §4): fewest tasks at work first, then who has waited longest."""

    running: int
    since: int
    """The user's last turn, or the acceptance of the first task where that was later."""
    head: int
    """The order of the user's first task: it decides between the lanes of one user."""


class Lane:
    """Each change costs O(log n). Whoever changes a user's standing calls :meth:`rank` afterwards."""

    def __init__(self) -> None:
        self._queues: dict[str, RankedMap[Queued, int]] = {}
        self._users: RankedMap[str, Rank] = RankedMap()
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(self, task: Queued, standing: Standing) -> None:
        """Let a task wait."""
        self._queues.setdefault(task.user_id, RankedMap()).set(task, task.order)
        self._size += 1
        self.rank(task.user_id, standing)

    def remove(self, task: Queued, standing: Standing) -> None:
        """Let a task go."""
        self._queues[task.user_id].discard(task)
        self._size -= 1
        self.rank(task.user_id, standing)

    def rank(self, user_id: str, standing: Standing) -> None:
        """Put a user where the standing and the first of the waiting tasks say."""
        queue = self._queues.get(user_id)
        if queue is None:
            return
        head = queue.first()
        if head is None:
            del self._queues[user_id]
            self._users.discard(user_id)
        else:
            order = head[1]
            self._users.set(user_id, Rank(standing.running, max(order, standing.served), order))

    def first(self) -> tuple[Rank, Queued] | None:
        """Return the task that is next here.

        Where its user is at the limit nobody behind it may run either: it has the fewest at work, and the limit is
        the same for all.
        """
        entry = self._users.first()
        return None if entry is None else (entry[1], self._head_of(entry[0]))

    def heads(self, count: int) -> list[Queued]:
        """Return the first task of each of the next ``count`` users. Looks at every user, at no other task."""
        return [self._head_of(user_id) for user_id in self._users.lowest(count)]

    def users(self, count: int) -> list[tuple[str, int]]:
        """Return the next ``count`` users with how many tasks each has here. Looks at every user."""
        return [(user_id, len(self._queues[user_id])) for user_id in self._users.lowest(count)]

    def earlier(self, task: Queued) -> int:
        """Return how many tasks of the same user go before this one. Looks at every task of the user."""
        queue = self._queues.get(task.user_id)
        return 0 if queue is None else queue.count_below(task.order)

    def users_before(self, user_id: str, standing: Standing) -> int:
        """Return how many users go before this one; of one who has nothing here, before all with as many at work."""
        rank = self._users.get(user_id) or Rank(standing.running, 0, 0)
        return self._users.count_below(rank)

    def copy(self) -> Lane:
        """Return a lane of its own with the same content."""
        copied = Lane()
        copied._queues = {user_id: queue.copy() for user_id, queue in self._queues.items()}
        copied._users, copied._size = self._users.copy(), self._size
        return copied

    def _head_of(self, user_id: str) -> Queued:
        head = self._queues[user_id].first()
        assert head is not None, "a user without a waiting task has no rank"
        return head[0]
