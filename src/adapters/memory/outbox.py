"""The outbox in this process's memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from adapters.memory.database import MemoryDatabase
from application.outbox import LONGEST_FAILURE, Backlog, Claimed


class MemoryOutbox:
    """Implements :class:`application.outbox.Outbox`."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database
        self._words = database.outbox

    async def claim(self, route: str, most: int, hold_s: float) -> Sequence[Claimed]:
        taken = [self._words.try_now(word, hold_s) for word in self._words.due(route, most)]
        return [Claimed(word.notification, word.tries, self._words.now() - word.written_at) for word in taken]

    async def remove(self, claimed: Claimed, failure: str = "") -> None:
        self._note(claimed, failure)
        self._words.remove(claimed.notification)

    async def put_off(self, claimed: Claimed, pause_s: float, failure: str = "") -> None:
        self._note(claimed, failure)
        self._words.put_off(claimed.notification, claimed.tries, pause_s)

    async def backlog(self, routes: Sequence[str]) -> Mapping[str, Backlog]:
        return {route: self._backlog(route) for route in routes}

    def _note(self, claimed: Claimed, failure: str) -> None:
        if failure:
            self._words.note_failure(claimed.notification.route, failure[:LONGEST_FAILURE])

    def _backlog(self, route: str) -> Backlog:
        lane = self._words.lane(route)
        if not lane.failure:
            return Backlog(len(lane.words), lane.dropped)
        ago = timedelta(seconds=self._words.now() - lane.failed_at)
        return Backlog(len(lane.words), lane.dropped, lane.failure, self._database.clock.now() - ago)
