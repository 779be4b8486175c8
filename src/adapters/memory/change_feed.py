"""The feed of changes in this process's memory."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from adapters.memory.database import MemoryDatabase
from application.feed import FeedBegan, FeedEntry, FeedGrew, FeedNews, FeedPlace

AT_ONCE = 200
"""Changes that are told together."""


class MemoryChangeFeed:
    """Implements :class:`application.ports.ChangeFeed`."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._events = database.feed

    async def follow(self) -> AsyncGenerator[FeedNews, None]:
        with self._events.woken() as woken:
            place = self._events.last
            yield FeedBegan(place)
            while True:
                found = self._events.after(place, AT_ONCE)
                if found is None:
                    place = self._events.last
                    yield FeedBegan(place)
                elif found:
                    place = found[-1].place
                    yield FeedGrew(found)
                else:
                    woken.clear()
                    await woken.wait()

    async def after(self, place: FeedPlace, until: FeedPlace, limit: int) -> list[FeedEntry] | None:
        found = self._events.after(place, limit)
        return None if found is None else [entry for entry in found if until.is_behind(entry.place)]
