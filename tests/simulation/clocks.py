"""The clocks of a run: each process has its own, and none of them agrees with the others."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import count

from tests.frontend.standin import SEOUL
from tests.simulation.loop import SimulationLoop

START = datetime(2026, 3, 12, 1, tzinfo=UTC)


class WallClock:
    """Tells the moment; it can be set, as clocks of machines are."""

    def __init__(self, loop: SimulationLoop) -> None:
        self._loop = loop
        self.ahead_s = 0.0
        """How far it is ahead of the true time, in seconds."""

    def now(self) -> datetime:
        """The moment, in the zone of log lines."""
        return (START + timedelta(seconds=self._loop.time() + self.ahead_s)).astimezone(SEOUL)


class FrontendClock(WallClock):
    """Never tells one moment twice, so that no two lines of frontends are the same."""

    def __init__(self, loop: SimulationLoop) -> None:
        super().__init__(loop)
        self._looks = count(1)

    def now(self) -> datetime:
        return super().now() + next(self._looks) * timedelta(milliseconds=1)


class ProcessClock(WallClock):
    """Implements :class:`domain.ports.Clock`. Its machine was started ``since_s`` before the run began."""

    def __init__(self, loop: SimulationLoop, since_s: float) -> None:
        super().__init__(loop)
        self.since_s = since_s

    def monotonic(self) -> float:
        return self.since_s + self._loop.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
