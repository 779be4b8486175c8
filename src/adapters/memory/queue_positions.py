"""Where tasks stand in the queue of this process's memory."""

from __future__ import annotations

from adapters.memory.database import MemoryDatabase
from domain.dispatch import Queued, place_of
from domain.position import QueuePosition
from domain.task import Task


class MemoryQueuePositions:
    """Implements :class:`domain.ports.QueuePositions`.

    Unlike Redis it counts one by one: the users of the task's lane, and the tasks of its user there.
    """

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    async def of(self, waiting: Task) -> QueuePosition:
        queue = self._database.ledgers.queue
        queue.release_due(self._database.clock.now())
        place = place_of(waiting)
        assert isinstance(place, Queued), "only a task that waits has a position"
        return queue.position(place)
