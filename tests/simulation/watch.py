"""Word of changes, as one process gets it: late, or not at all for a while."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from domain.ports import Notice, RecordWatch, StoreReplaced, WatchLost, WatchProved
from tests.simulation.decisions import Decisions, Weights
from tests.simulation.loop import Life, SimulationLoop
from tests.simulation.story import Story
from tests.simulation.weather import Weather

HOW = Weights([20.0, 3.0, 2.0, 1.0, 0.3])
LATE_S = (0.0, 0.005, 0.1, 0.8)
BLIND = len(LATE_S)
BLIND_S = (0.5, 1.5, 4.0, 8.0)
PROVED_AFTER_S = 0.3
"""So long after its store is back a watch that had lost it needs to be sound."""


class SimulatedWatch:
    """Implements :class:`domain.ports.RecordWatch`. Whoever is blind says so first, and is proved again later."""

    def __init__(
        self,
        watch: RecordWatch,
        loop: SimulationLoop,
        decisions: Decisions,
        weather: Weather,
        life: Life,
        story: Story,
    ) -> None:
        self._watch = watch
        self._loop = loop
        self._decisions = decisions
        self._weather = weather
        self._life = life
        self._story = story
        self._notices = 0
        self.is_calm = False
        """Whether notices come at once."""

    async def notices(self) -> AsyncGenerator[Notice, None]:
        notices = self._watch.notices()
        while True:
            notice = await anext(notices)
            late_s, blind_s = self._decide()
            if not blind_s:
                await asyncio.sleep(late_s)
                yield notice
                continue
            self._story.tell(self._life.name, f"its watch is blind for {blind_s:g} s")
            self._life.troubled_at.append(self._loop.time() + blind_s)
            yield WatchLost()
            replaced = notice if isinstance(notice, StoreReplaced) else None
            ends = asyncio.ensure_future(asyncio.sleep(blind_s))
            # What is missed is missed; only that the store is another one is noticed when the path is built again.
            missed = asyncio.ensure_future(anext(notices))
            while not ends.done():
                await asyncio.wait({ends, missed}, return_when=asyncio.FIRST_COMPLETED)
                if missed.done():
                    replaced = told if isinstance(told := missed.result(), StoreReplaced) else replaced
                    missed = asyncio.ensure_future(anext(notices))
            if replaced is not None:
                yield replaced
            yield WatchProved()
            yield await missed

    def _decide(self) -> tuple[float, float]:
        """Return how many seconds a notice is late, and how many the watch is blind in place of telling it."""
        self._notices += 1
        question = f"{self._life.name}: notice ({self._notices})"
        how = 0 if self.is_calm else self._decisions.weigh(question, HOW)
        away_s = self._weather.store_is_away_for_s(self._life)
        if away_s:
            return 0.0, away_s + PROVED_AFTER_S
        if how == BLIND:
            return 0.0, BLIND_S[self._decisions.number(f"{question} is blind", len(BLIND_S))]
        return LATE_S[how], 0.0
