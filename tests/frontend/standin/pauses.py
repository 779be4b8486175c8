"""Ways to pause at steps under an ordinary event loop. (Under `interleaving` the driver decides instead.)"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable

from tests.frontend.standin.steps import Step


class NoPauses:
    """Goes on at once."""

    async def at(self, step: Step) -> None:
        """Do nothing."""


class SeededPauses:
    """Pauses of seeded length, measured in ticks and not in time.

    A tick is one turn of the event loop, or what `tick` does: a `PING` of the store under test makes a pause of n
    ticks last as long as n round trips do, on a quick machine as on a loaded one. The length depends on the seed,
    the task, the step and how often that step was met, so it stays the same when others come in another order.
    """

    def __init__(self, seed: int, most: int, tick: Callable[[], Awaitable[object]] | None = None) -> None:
        """Half of all steps don't pause; the others do for 1 to `most` ticks."""
        self._seed = seed
        self._most = most
        self._tick = tick or _turn_of_the_loop
        self._met: Counter[Step] = Counter()

    async def at(self, step: Step) -> None:
        """Pause for the number of ticks that belongs to this meeting of the step."""
        self._met[step] += 1
        for _ in range(self.ticks(step, self._met[step])):
            await self._tick()

    def ticks(self, step: Step, meeting: int) -> int:
        """How many ticks the pause at the `meeting`-th passing of this step lasts."""
        dice = random.Random(f"{self._seed}/{step}/{meeting}")
        return dice.randint(1, self._most) if dice.random() < 0.5 else 0


async def _turn_of_the_loop() -> None:
    await asyncio.sleep(0)


class Gates:
    """Steps that a test shuts, opens and lets fail by name, while all others pass at once."""

    def __init__(self) -> None:
        self._shut: dict[str, asyncio.Event] = {}
        self._waiting: dict[str, int] = {}
        self._errors: dict[str, list[Exception]] = {}
        self._changed = asyncio.Condition()

    def shut(self, name: str) -> None:
        """From now on, whoever comes to this step waits."""
        self._shut.setdefault(name, asyncio.Event())

    def open(self, name: str) -> None:
        """Let everybody through who waits at this step, and all who come later."""
        self._shut.pop(name).set()

    def fail(self, name: str, error: Exception) -> None:
        """Raise `error` in the next actor that comes to this step."""
        self._errors.setdefault(name, []).append(error)

    async def reached(self, name: str, count: int = 1) -> None:
        """Return when at least `count` actors wait at this step."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._waiting.get(name, 0) >= count)

    async def at(self, step: Step) -> None:
        """Fail or wait as told for the step's name."""
        errors = self._errors.get(step.name)
        if errors:
            raise errors.pop(0)
        gate = self._shut.get(step.name)
        if gate is not None:
            await self._count(step.name, 1)
            try:
                await gate.wait()
            finally:
                await self._count(step.name, -1)

    async def _count(self, name: str, change: int) -> None:
        async with self._changed:
            self._waiting[name] = self._waiting.get(name, 0) + change
            self._changed.notify_all()
