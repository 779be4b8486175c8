"""The use case of asking what the service has got done lately."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from application.ports import Tallies
from domain.ports import Clock
from domain.tally import Tally, total

HOUR_MINUTES = 60
DAY_MINUTES = 24 * 60
DAY_STEP_MINUTES = 15


@dataclass(frozen=True, slots=True)
class Span:
    """The latest part of time, in steps of equal length, the last of which is not over yet."""

    start: datetime
    end: datetime
    """Now."""
    step_s: int
    steps: Sequence[Tally]

    @property
    def total(self) -> Tally:
        """All of it."""
        return total(self.steps)

    @property
    def tasks_per_minute(self) -> float:
        """Tasks that ended, however."""
        return 60 * self.total.ended / self._seconds

    @property
    def bytes_per_second(self) -> float:
        """Bytes that movers told to have done."""
        return self.total.bytes_done / self._seconds

    @property
    def _seconds(self) -> float:
        return max(1.0, (self.end - self.start).total_seconds())


@dataclass(frozen=True, slots=True)
class Throughput:
    """What all replicas together have got done."""

    hour: Span
    """By minutes."""
    day: Span
    """By quarters of an hour."""


class TellThroughput:
    """Tell what ended and how many bytes were moved within the last hour and day, of all replicas together."""

    def __init__(self, tallies: Tallies, clock: Clock) -> None:
        self._tallies = tallies
        self._clock = clock

    async def __call__(self) -> Throughput:
        """Read the counts of a day. Raises StoreUnavailable."""
        now = self._clock.now()
        minute = int(now.timestamp()) // 60
        found = await self._tallies.by_minute(range(minute - DAY_MINUTES, minute + 1))
        return Throughput(_span(found, now, HOUR_MINUTES, 1), _span(found, now, DAY_MINUTES, DAY_STEP_MINUTES))


def _span(found: Mapping[int, Tally], now: datetime, minutes: int, step: int) -> Span:
    last = int(now.timestamp()) // 60 // step * step
    first = last + step - minutes
    steps: list[list[Tally]] = [[] for _ in range(minutes // step)]
    for minute, tally in found.items():
        if first <= minute < last + step:
            steps[(minute - first) // step].append(tally)
    start = datetime.fromtimestamp(first * 60, now.tzinfo)
    return Span(start, now, step * 60, [total(each) for each in steps])
