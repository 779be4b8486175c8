"""The machine's clock."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timezone, tzinfo


class SystemClock:
    """Implements :class:`domain.ports.Clock` with the time of this machine, told in ``zone``."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._minute = -1
        """The minute since 1970 for which the offset was looked up: offsets change at full minutes."""
        self._offset = UTC

    def now(self) -> datetime:
        # With a fixed offset, adding a delay adds elapsed time. In a zone with summer time it would add to the wall
        # clock, and a retry could come an hour early or late.
        seconds = time.time()
        minute = int(seconds) // 60
        if minute != self._minute:
            self._minute, self._offset = minute, self._offset_at(seconds)
        return datetime.fromtimestamp(seconds, self._offset)

    def _offset_at(self, seconds: float) -> timezone:
        offset = datetime.fromtimestamp(seconds, self._zone).utcoffset()
        assert offset is not None, "a moment in a zone has an offset"
        return timezone(offset)

    def monotonic(self) -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
