"""Who must be told that something changed: one inbox per watch, bounded however slow its reader is."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from domain.ports import Notice, RecordsChanged, StoreReplaced, WatchLost, WatchProved, WorkWaits


class Inbox:
    """What one watch has not told yet. An id that changes again while it waits here is told once."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._changed: set[str] = set()
        self._work_waits = False
        self._overflowed = False
        self._replaced: StoreReplaced | None = None
        self._filled = asyncio.Event()

    def put_change(self, task_id: str) -> None:
        """Note that a record or ledger was written or deleted."""
        self._changed.add(task_id)
        if len(self._changed) > self._capacity:
            self._changed.clear()
            self._overflowed = True
        self._filled.set()

    def put_work(self) -> None:
        """Note that something may be claimed."""
        self._work_waits = True
        self._filled.set()

    def put_replacement(self, window_s: float) -> None:
        """Note that the store is another server now."""
        self._replaced = StoreReplaced(window_s)
        self._filled.set()

    async def take(self) -> list[Notice]:
        """Wait until there is something to tell, and return all of it."""
        await self._filled.wait()
        self._filled.clear()
        notices: list[Notice] = []
        if self._replaced is not None:
            notices += [WatchLost(), self._replaced, WatchProved()]
        elif self._overflowed:
            notices += [WatchLost(), WatchProved()]
        if self._changed:
            notices.append(RecordsChanged(frozenset(self._changed)))
        if self._work_waits:
            notices.append(WorkWaits())
        self._changed.clear()
        self._overflowed = self._work_waits = False
        self._replaced = None
        return notices


class Changes:
    """Passes every change on to the inboxes that are open."""

    def __init__(self) -> None:
        # A list, for the order in which they are told must be the same in every run of a test.
        self.inboxes: list[Inbox] = []

    @contextmanager
    def inbox(self, capacity: int) -> Iterator[Inbox]:
        """Open an inbox for as long as the context lasts."""
        inbox = Inbox(capacity)
        self.inboxes.append(inbox)
        try:
            yield inbox
        finally:
            self.inboxes.remove(inbox)

    def task_changed(self, task_id: str) -> None:
        """Tell everybody that a record or ledger was written or deleted."""
        for inbox in self.inboxes:
            inbox.put_change(task_id)

    def work_waits(self) -> None:
        """Tell everybody that something may be claimed that could not be before."""
        for inbox in self.inboxes:
            inbox.put_work()

    def replaced(self, window_s: float) -> None:
        """Tell everybody that the store is another server now, with a recovery window of so many seconds."""
        for inbox in self.inboxes:
            inbox.put_replacement(window_s)
