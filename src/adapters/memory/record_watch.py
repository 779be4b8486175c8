"""Word of changes in this process's memory."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from adapters.memory.database import MemoryDatabase
from domain.ports import Notice, StoreReplaced, WatchProved

MOST_UNTOLD_IDS = 10_000


class MemoryRecordWatch:
    """Implements :class:`domain.ports.RecordWatch`; every replica has one of its own.

    It tells of everything from the first notice on, which says that the watch stands. A reader that falls so far
    behind that more than ``capacity`` ids wait for it is told that changes were lost, and at once that the watch is
    sound again: one sweep then finds whatever it missed. So is everybody when the store fails over; a watch that
    begins within the recovery window is told of that first.
    """

    def __init__(self, database: MemoryDatabase, capacity: int = MOST_UNTOLD_IDS) -> None:
        self._database = database
        self._capacity = capacity

    async def notices(self) -> AsyncGenerator[Notice, None]:
        with self._database.changes.inbox(self._capacity) as inbox:
            if self._database.is_recovering:
                yield StoreReplaced(self._database.window_left_s)
            yield WatchProved()
            while True:
                for notice in await inbox.take():
                    yield notice
