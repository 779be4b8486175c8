"""The machine's clock."""

from __future__ import annotations

import asyncio
from datetime import datetime, tzinfo


class SystemClock:
    """Implements :class:`domain.ports.Clock` with the time of this machine, told in ``zone``."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone

    def now(self) -> datetime:
        return datetime.now(self._zone)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
