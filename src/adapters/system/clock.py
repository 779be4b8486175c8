"""The machine's clock."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime, timezone, tzinfo


class SystemClock:
    """Implements :class:`domain.ports.Clock` with the time of this machine, told in ``zone``."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone

    def now(self) -> datetime:
        moment = datetime.now(self._zone)
        offset = moment.utcoffset()
        assert offset is not None, "a moment in a zone has an offset"
        # With a fixed offset, adding a delay adds elapsed time. In a zone with summer time it would add to the wall
        # clock, and a retry could come an hour early or late.
        return moment.replace(tzinfo=timezone(offset), fold=0)

    def monotonic(self) -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
