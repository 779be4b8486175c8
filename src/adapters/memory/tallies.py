"""What commits have counted, in this process's memory, as a port."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from adapters.memory.database import MemoryDatabase
from domain.tally import Tally


class MemoryTallies:
    """Implements :class:`application.ports.Tallies`."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._counts = database.counts

    async def by_minute(self, minutes: range) -> Mapping[int, Tally]:
        found = ((minute, self._counts.minute(minute)) for minute in minutes)
        return {minute: Tally.of(counts) for minute, counts in found if counts is not None}

    async def moved(self, quarters: range, users: Collection[str], most: int) -> Mapping[str, Sequence[int]]:
        found = [self._counts.quarter(quarter) for quarter in quarters]
        wanted = {*users, *(user for counts in found for user, _ in counts.most_common(most))}
        return {user: [counts[user] for counts in found] for user in wanted}
