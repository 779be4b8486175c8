"""Who does what at once, from which beginning."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tests.explorer.settings import Registered, Settings
from tests.explorer.stage import Stage

Actor = Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True)
class Named:
    """An actor, what people call it, and the names under which its answers are noted."""

    name: str
    act: Actor
    answered: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Actors that are let loose at once."""

    name: str
    actors: tuple[Named, ...]
    tasks: tuple[Registered, ...] = (Registered(),)
    before: tuple[Named, ...] = ()
    """What was done before, one after the other."""
    settings: Settings = field(default_factory=Settings)
    loses: str = ""
    """The replica of which one operation is not answered."""


QUIET_S = 10_000.0


async def until_all_is_quiet() -> None:
    """Wait until nobody can go on: time in the loop passes only then."""
    await asyncio.sleep(QUIET_S)
