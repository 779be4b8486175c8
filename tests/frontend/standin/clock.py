"""The frontend's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Protocol

SEOUL = timezone(timedelta(hours=9))
"""The offset of `DMS_TIMEZONE`'s default."""


class Clock(Protocol):
    """Tells the moment."""

    def now(self) -> datetime:
        """The moment, in the zone in which lines are written."""
        ...


class SystemClock:
    """The machine's clock. Like the frontend's, it may tell one moment twice."""

    def __init__(self, zone: tzinfo = SEOUL) -> None:
        self._zone = zone

    def now(self) -> datetime:
        return datetime.now(UTC).astimezone(self._zone)
