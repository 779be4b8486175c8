"""A clock that stands until it is turned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(slots=True)
class StandingClock:
    """Implements :class:`domain.ports.Clock`. Both of its clocks go on together."""

    passed_s: float = 0.0

    def now(self) -> datetime:
        return datetime(2026, 3, 12, 10, tzinfo=UTC) + timedelta(seconds=self.passed_s)

    def monotonic(self) -> float:
        return self.passed_s

    async def sleep(self, seconds: float) -> None:
        self.passed_s += seconds
