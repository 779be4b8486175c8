"""A clock for runs in virtual time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import count

from tests.frontend.standin.clock import SEOUL

TICK = timedelta(milliseconds=250)
"""So that every fourth moment has a fraction of zero, which `isoformat()` leaves away."""


class VirtualClock:
    """Never tells one moment twice: the loop's time, and a tick for every look at the clock."""

    def __init__(self, zone: tzinfo = SEOUL) -> None:
        self._zone = zone
        self._ticks = count()

    def now(self) -> datetime:
        """The moment, in this clock's zone."""
        passed = timedelta(seconds=asyncio.get_running_loop().time()) + next(self._ticks) * TICK
        return (datetime(2026, 3, 12, 1, tzinfo=UTC) + passed).astimezone(self._zone)

    def monotonic(self) -> float:
        """The loop's time, without ticks."""
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        """Wait in virtual time."""
        await asyncio.sleep(seconds)

    def in_zone(self, zone: tzinfo) -> VirtualClock:
        """The same clock, read in another zone."""
        other = VirtualClock(zone)
        other._ticks = self._ticks
        return other
