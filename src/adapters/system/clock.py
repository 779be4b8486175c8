"""The machine's clock."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta, timezone, tzinfo


class SystemClock:
    """Implements :class:`domain.ports.Clock` with the time of this machine, told in ``zone``."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._minute = -1
        """The minute since 1970 for which the offset was looked up: offsets change at full minutes."""
        self._epoch = datetime.fromtimestamp(0, UTC)
        """The beginning of 1970, told with that offset."""

    def now(self) -> datetime:
        # With a fixed offset, adding a delay adds elapsed time. In a zone with summer time it would add to the wall
        # clock, and a retry could come an hour early or late.
        microseconds = time.time_ns() // 1000
        minute = microseconds // 60_000_000
        if minute != self._minute:
            self._minute, self._epoch = minute, self._epoch_in(minute)
        return self._epoch + timedelta(microseconds=microseconds)

    def _epoch_in(self, minute: int) -> datetime:
        offset = datetime.fromtimestamp(60 * minute, self._zone).utcoffset()
        assert offset is not None, "a moment in a zone has an offset"
        return datetime.fromtimestamp(0, timezone(offset))

    def monotonic(self) -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
