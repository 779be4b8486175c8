"""Changes in order, the oldest of which make room for new ones."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

from application.feed import FEED_KEPT, FeedEntry, FeedPlace
from domain.feed import TaskChange


class FeedEvents:
    """The latest changes, each with a number that goes up."""

    def __init__(self) -> None:
        self._entries: deque[FeedEntry] = deque(maxlen=FEED_KEPT)
        self.last = FeedPlace(_new_history(), 0)
        """Behind the latest change."""
        # A list, for the order in which they are told must be the same in every run of a test.
        self._waiting: list[asyncio.Event] = []

    def add(self, change: TaskChange) -> None:
        """Add a change, and wake those who wait for one."""
        self.last = FeedPlace(self.last.server, self.last.number + 1)
        self._entries.append(FeedEntry(self.last, change))
        self._wake()

    def after(self, place: FeedPlace, limit: int) -> list[FeedEntry] | None:
        """Return the next changes behind a place; None where it is not of this history, or too long ago."""
        oldest = self._entries[0].place.number if self._entries else self.last.number + 1
        known = place.server == self.last.server and place.part == 0 and oldest - 1 <= place.number <= self.last.number
        if not known:
            return None
        begin = place.number + 1 - oldest
        return list(islice(self._entries, begin, begin + limit))

    @contextmanager
    def woken(self) -> Iterator[asyncio.Event]:
        """Yield an event that is set whenever something was added, for as long as the context lasts."""
        event = asyncio.Event()
        self._waiting.append(event)
        try:
            yield event
        finally:
            self._waiting.remove(event)

    def become(self, other: FeedEvents) -> None:
        """Hold what the other one holds, as another server would: places from before mean nothing to it."""
        self._entries.clear()
        self.last = FeedPlace(_new_history(), other.last.number)
        for entry in other._entries:
            self._entries.append(FeedEntry(FeedPlace(self.last.server, entry.place.number), entry.change))
        self._wake()

    def _wake(self) -> None:
        for event in self._waiting:
            event.set()


def _new_history() -> str:
    return secrets.token_hex(4)
