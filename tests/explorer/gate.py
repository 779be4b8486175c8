"""The way of one process to the store: each operation waits for its turn, and its answer may get lost."""

from __future__ import annotations

import asyncio
from typing import NoReturn, Protocol

from domain.ports import StoreUnavailable
from tests.explorer.player import Raised
from tests.explorer.stores import Operation
from tests.explorer.turns import NOTHING, Turn
from tests.frontend.interleaving import Choices


class Ground(Protocol):
    """What all processes of a run share."""

    is_racing: bool
    """Whether turns are waited for; before and after the race everybody goes on at once."""
    choices: Choices

    async def take_turn(self, turn: Turn) -> None:
        """Wait for the turn."""
        ...

    async def done(self, who: str, operation: Operation, *, lost: bool) -> object:
        """Do an operation, tell the judge, and return the store's answer."""
        ...


class Gate:
    """A process may die; whatever it was about to do is then never done."""

    def __init__(self, who: str, ground: Ground) -> None:
        self.who = who
        self.is_dead = False
        self.answers_to_lose = 0
        """How many more operations may fail: done or not done, and the asker hears only that there was no answer."""
        self._ground = ground
        self._waiting: set[asyncio.Task[object]] = set()

    async def turn(
        self, name: str, task_id: str = "", *, reads: frozenset[str] = NOTHING, writes: frozenset[str] = NOTHING
    ) -> None:
        """Wait for the turn; for ever, if the process dies before it."""
        if self._ground.is_racing and not self.is_dead:
            actor = asyncio.current_task()
            assert actor is not None
            self._waiting.add(actor)
            try:
                await self._ground.take_turn(Turn(f"{self.who} {name}", task_id, False, self.who, reads, writes))
            finally:
                self._waiting.discard(actor)
        if self.is_dead:
            await _for_ever()

    async def do(self, operation: Operation) -> object:
        """Return the answer. Raises what the store raised, or StoreUnavailable where the answer got lost."""
        await self.turn(type(operation).__name__, reads=operation.reads, writes=operation.writes)
        fate = self._fate(operation)
        if fate == "not done":
            raise StoreUnavailable("the store was not reached")
        answer = await self._ground.done(self.who, operation, lost=fate == "lost")
        if fate == "lost":
            raise StoreUnavailable("the store's answer got lost")
        if isinstance(answer, Raised):
            answer.again()
        return answer

    def die(self) -> None:
        """Stop for ever, in the midst of whatever it does."""
        self.is_dead = True
        for actor in tuple(self._waiting):
            actor.cancel()

    def _fate(self, operation: Operation) -> str:
        if not self.answers_to_lose or not self._ground.is_racing:
            return "done"
        fates = ("done", "lost", "not done")
        fate = fates[self._ground.choices.choose(len(fates), f"{self.who} {type(operation).__name__}: is it answered")]
        self.answers_to_lose -= fate != "done"
        return fate


async def _for_ever() -> NoReturn:
    await asyncio.get_running_loop().create_future()
    raise AssertionError("nobody wakes the dead")
