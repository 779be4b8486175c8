"""What happens to the work of an attempt, collected until it is written."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from application.waiting import happens_within
from domain.execution import Outcome, Report
from domain.ports import Clock


@dataclass(frozen=True, slots=True)
class Started:
    """The executor confirmed: the workload ``job`` is at work."""

    job: str


Happening = Started | Report | Outcome


class Happenings:
    """What is not written yet. Mere progress waits for ``report_s`` seconds, for it may have company by then.

    Of several reports in a row the newest word on each matter is kept, and after an outcome nothing more happens: so
    there is little to keep, however long the store is away.
    """

    def __init__(self, clock: Clock, report_s: float) -> None:
        self._clock = clock
        self._report_s = report_s
        self._waiting: list[Happening] = []
        self._ended = False
        self._any = asyncio.Event()
        self._urgent = asyncio.Event()

    def add(self, happening: Happening) -> None:
        """This happened."""
        if self._ended:
            return
        self._ended = isinstance(happening, Outcome)
        last = self._waiting[-1] if self._waiting else None
        if isinstance(last, Report) and isinstance(happening, Report):
            self._waiting.pop()
            happening = Report(happening.progress or last.progress, happening.result or last.result)
        self._waiting.append(happening)
        self._any.set()
        if not isinstance(happening, Report):
            self._urgent.set()

    def hurry(self) -> None:
        """Whoever waits for the next happening has something else to do at once."""
        self._any.set()
        self._urgent.set()

    async def due(self) -> None:
        """Return when there is something to write or to do."""
        await self._any.wait()
        if not self._urgent.is_set():
            await happens_within(self._urgent, self._report_s, self._clock)

    def take(self) -> Sequence[Happening]:
        """Return what has happened since the last call, in its order."""
        batch, self._waiting = self._waiting, []
        self._any.clear()
        self._urgent.clear()
        return batch


def outcome_of(batch: Sequence[Happening]) -> Outcome | None:
    """Return how the work ended, None while it goes on."""
    last = batch[-1] if batch else None
    return last if isinstance(last, Outcome) else None
