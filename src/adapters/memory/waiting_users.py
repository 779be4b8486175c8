"""Who has tasks in the queue of this process's memory."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.memory.database import MemoryDatabase
from application.ports import UserWaits


class MemoryWaitingUsers:
    """Implements :class:`application.ports.WaitingUsers`."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    async def most_per_lane(self, users: int) -> Sequence[UserWaits]:
        queue = self._database.ledgers.queue
        queue.release_due(self._database.clock.now())
        return [
            UserWaits(user_id, priority, service, count)
            for (priority, service), user_id, count in queue.waiting_users(users)
        ]
