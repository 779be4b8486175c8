"""Time as the explorer needs it: it passes when a scenario says so, and nobody who waits is left behind by it."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from tests.frontend.interleaving import VirtualClock

SHORT_S = 10.0
"""Pauses up to this are between two tries."""

LONG_AGO = timedelta(days=3650)


class ExplorerClock(VirtualClock):
    """Monotonic time stands still but for :meth:`passes`.

    A short pause takes no time at all: whoever tries again may do so before anybody else goes on or after that, and
    both are tried. A long wait (for the next poll, for patience to end) lasts until nobody else can go on. All moments
    are long past, so a retry that is due here is due by the clock of a real server too.
    """

    def __init__(self) -> None:
        super().__init__()
        self._passed_s = 0.0

    def now(self) -> datetime:
        """The moment."""
        return super().now() - LONG_AGO

    def monotonic(self) -> float:
        """The seconds that a scenario has let pass."""
        return self._passed_s

    def passes(self, seconds: float) -> None:
        """Let time pass."""
        self._passed_s += seconds

    async def sleep(self, seconds: float) -> None:
        """Wait, as the class says."""
        await asyncio.sleep(seconds if seconds > SHORT_S else 0)
