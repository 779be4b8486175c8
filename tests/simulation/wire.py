"""A process's way to its store: each call takes time, and may fail before it is done or after."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from domain.ports import StoreUnavailable
from tests.simulation.fates import AT_ONCE, CLIENT_TIMEOUT_S, Fate
from tests.simulation.loop import Life, SimulationLoop
from tests.simulation.story import NOTHING, Story, describe
from tests.simulation.weather import Weather

T = TypeVar("T")


class Wire:
    """A call is done by the world, not by the process: one that is under way arrives though its sender has died."""

    def __init__(self, loop: SimulationLoop, weather: Weather, story: Story, life: Life) -> None:
        self._loop = loop
        self._weather = weather
        self._story = story
        self._life = life
        self._calls: Counter[str] = Counter()

    async def call(self, operation: str, about: str, act: Callable[[], T]) -> T:
        """Do ``act`` at the server, in one go, and return what it returned.

        Raises:
            StoreUnavailable: it was done or not.
            Exception: whatever ``act`` raised.
        """
        if self._loop.is_over or self._life.is_dead:
            raise asyncio.CancelledError
        question = self._question(operation, about)
        fate = self._weather.fate(self._life, question)
        if fate.strikes in ("kill before", "kill at once", "freeze before"):
            await self._strike_before(fate, question)
        answer: asyncio.Future[T] = self._loop.create_future()
        if fate.done:
            self._loop.later(fate.way_s, lambda: self._arrive(question, fate, act, answer))
        if not fate.answered:
            self._loop.later(fate.back_s, lambda: self._give_up(question, fate, answer))
        return await answer

    def _question(self, operation: str, about: str) -> str:
        name = f"{operation} {about}" if about else operation
        self._calls[name] += 1
        return f"{self._life.name}: {name} ({self._calls[name]})"

    async def _strike_before(self, fate: Fate, question: str) -> None:
        if fate.strikes == "freeze before":
            self._weather.freeze(self._life, f"{question} freezes")
            await asyncio.sleep(0)
        elif fate.strikes == "kill before":
            self._weather.kill(self._life)
            await self._loop.create_future()
        else:
            self._loop.later(0.0, lambda: self._weather.kill(self._life))

    def _arrive(self, question: str, fate: Fate, act: Callable[[], T], answer: asyncio.Future[T]) -> None:
        if self._weather.store_is_away_for_s(self._life):
            self._life.troubled_at.append(self._loop.time())
            self._loop.later(CLIENT_TIMEOUT_S, lambda: self._give_up(question, fate, answer))
            return
        try:
            result = act()
        except Exception as error:
            outcome: T | Exception = error
        else:
            outcome = result
        self._tell(question, fate, outcome)
        self._strike_after(fate, question)
        if fate is AT_ONCE:
            self._settle(answer, outcome)
        elif fate.answered:
            self._loop.later(fate.back_s, lambda: self._settle(answer, outcome))

    def _strike_after(self, fate: Fate, question: str) -> None:
        if fate.strikes == "kill after":
            self._weather.kill(self._life)
        elif fate.strikes == "freeze after":
            self._weather.freeze(self._life, f"{question} freezes")
        elif fate.strikes == "freeze, cut off":
            self._weather.freeze_and_cut_off(self._life, f"{question} freezes")

    def _give_up(self, question: str, fate: Fate, answer: asyncio.Future[T]) -> None:
        self._tell(question, fate, "NO ANSWER")
        self._life.troubled_at.append(self._loop.time())
        self._settle(answer, StoreUnavailable("the store does not answer"))

    def _settle(self, answer: asyncio.Future[T], outcome: T | Exception) -> None:
        if answer.done() or self._life.is_dead:
            return
        if isinstance(outcome, Exception):
            answer.set_exception(outcome)
        else:
            answer.set_result(outcome)

    def _tell(self, question: str, fate: Fate, what: object) -> None:
        if self._story.is_wanted:
            _, _, name = question.partition(": ")
            told = describe(what)
            # Most calls find nothing to do: those would only hide the others.
            if told != NOTHING or not (fate.answered and not fate.strikes):
                how = "" if fate is AT_ONCE else f" [{fate.name}]"
                self._story.tell(self._life.name, f"{name}: {told}{how}")


def at_once(operation: Coroutine[Any, Any, T]) -> T:
    """Return the result of an operation that never waits, such as those of the memory adapters."""
    try:
        operation.send(None)
    except StopIteration as ended:
        result: T = ended.value
        return result
    operation.close()
    raise AssertionError("a memory adapter waited")
