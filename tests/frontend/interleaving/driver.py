"""The driver: all actors of a run on one thread, in virtual time, and each step waits for its turn."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from tests.frontend.interleaving.choices import Choices, Redundant
from tests.frontend.interleaving.virtual_loop import VirtualLoop
from tests.frontend.standin.steps import Step

T = TypeVar("T")


class Stuck(Exception):
    """The run has not ended, and nobody can go on."""


@dataclass(slots=True, eq=False)
class _Parked:
    """An actor that waits for its turn."""

    step: Step
    actor: asyncio.Task[Any] | None
    turn: asyncio.Future[None]


class Interleaver:
    """The `Steps` of a run whose order `choices` decides.

    Whoever comes to a step is parked there. When nobody can go on otherwise, one of the parked actors is chosen and
    does what it was about to do, with all that follows from it up to the next steps. Only when nobody is parked does
    time pass: at once, up to the next timer. Between steps actors may use whatever asyncio has, but no I/O.

    Ways to keep an enumeration small, beside taking few actors:

    - `ignored` names steps that are passed without waiting.
    - `prune` leaves out orders that differ from one that was seen only in neighbours that are independent (see
      `Step.is_independent_of`), so it misses no outcome as long as actors share nothing but what their steps name.
      (Clocks are shared, too: times in log lines may differ between orders that count as one.)
    - `preemptions` bounds how often an actor that could go on must wait for another. Most races need very few.

    `time_jumps` is how many times in a run time may also pass while actors are parked.
    """

    def __init__(
        self,
        choices: Choices,
        *,
        ignored: Collection[str] = (),
        prune: bool = False,
        preemptions: int | None = None,
        time_jumps: int = 0,
    ) -> None:
        if prune and (preemptions is not None or time_jumps):
            raise ValueError("prune is right for whole enumerations of steps only")
        # The methods that it lacks are those for I/O.
        self.loop = VirtualLoop()  # type: ignore[abstract]
        self._choices = choices
        self._ignored = frozenset(ignored)
        self._prune = prune
        self._preemptions = preemptions
        self._time_jumps = time_jumps
        self._parked: list[_Parked] = []
        self._asleep: list[_Parked] = []
        self._last: asyncio.Task[Any] | None = None
        self.trace: list[Step] = []
        """The steps that were taken, in order."""

    async def at(self, step: Step) -> None:
        """Wait for the turn."""
        if step.name in self._ignored:
            return
        parked = _Parked(step, asyncio.current_task(), self.loop.create_future())
        self._parked.append(parked)
        try:
            await parked.turn
        except asyncio.CancelledError:
            if parked in self._parked:
                self._parked.remove(parked)
            raise

    def jump_no_more(self) -> None:
        """From now on time passes only when nobody is parked, as without `time_jumps`."""
        self._time_jumps = 0

    def run(self, main: Coroutine[Any, Any, T]) -> T:
        """Run `main` to its end with all that it starts, stop whatever else still runs, and return its result.

        Raises:
            Stuck: nobody can go on.
            Exception: of `main`, or of a background task whose exception nobody took.
        """
        if asyncio._get_running_loop() is not None:
            main.close()
            raise RuntimeError("an Interleaver has a loop of its own: run it from a test that is no coroutine")
        asyncio._set_running_loop(self.loop)
        try:
            task = self.loop.create_task(main, name="main")
            try:
                self._drive(task)
            finally:
                self._stop_all()
            result = task.result()
            self._raise_crash()
            return result
        finally:
            asyncio._set_running_loop(None)

    # --- steps -------------------------------------------------------------------------------------------------

    def _drive(self, main: asyncio.Task[Any]) -> None:
        loop = self.loop
        loop.run_ready()
        while not main.done():
            if self._parked:
                self._take_step()
            elif loop.has_timers():
                loop.jump()
            else:
                waiting = [task.get_name() for task in loop.tasks if not task.done()]
                raise Stuck(
                    f"{waiting} wait for something that does not come, after {[str(step) for step in self.trace]}"
                )
            loop.run_ready()

    def _take_step(self) -> None:
        ways = self._ways()
        may_jump = self._time_jumps > 0 and self.loop.has_timers()
        count = len(ways) + may_jump
        chosen = self._choices.choose(count, tuple(parked.step for parked in ways)) if count > 1 else 0
        if chosen == len(ways):
            self._time_jumps -= 1
            self.loop.jump()
            return
        self._release(ways, chosen)

    def _ways(self) -> list[_Parked]:
        """The parked actors that may be chosen."""
        if self._preemptions == 0:
            return [parked for parked in self._parked if parked.actor is self._last] or self._parked
        if self._prune:
            ways = [parked for parked in self._parked if parked not in self._asleep]
            if not ways:
                raise Redundant
            return ways
        return self._parked

    def _release(self, ways: list[_Parked], chosen: int) -> None:
        parked = ways[chosen]
        if self._prune:
            # Sleep sets: depth-first search tries ways in order, so all that follows from an earlier way has been
            # seen. It stays seen until something happens on which that way's step depends.
            seen = [*self._asleep, *ways[:chosen]]
            self._asleep = [other for other in seen if other.step.is_independent_of(parked.step)]
        if self._preemptions and any(way.actor is self._last for way in ways) and parked.actor is not self._last:
            self._preemptions -= 1
        self._last = parked.actor
        self._parked.remove(parked)
        self.trace.append(parked.step)
        parked.turn.set_result(None)

    # --- the end -----------------------------------------------------------------------------------------------

    def _stop_all(self) -> None:
        for task in self.loop.tasks:
            if not task.done():
                task.cancel()
        self.loop.run_ready()

    def _raise_crash(self) -> None:
        for crash in self.loop.crashes:
            raise crash.get("exception") or RuntimeError(crash.get("message"))
        for task in self.loop.tasks:
            # True for an exception that nobody asked the task for; asking now says that somebody did.
            if task.done() and not task.cancelled() and task._log_traceback:
                error = task.exception()
                assert error is not None
                raise error
