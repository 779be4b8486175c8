"""A replica that loses its store for a while, as by a broken network: it lives, and nobody hears of it."""

from __future__ import annotations

import asyncio

from domain.ports import StoreUnavailable
from tests.frontend.standin import Step, Steps

CLIENT_TIMEOUT_S = 2.0
"""So long a store client waits for an answer."""


class Outage:
    """`Steps` of one replica: while the store is away, each operation fails after the client's timeout."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._away = False

    async def at(self, step: Step) -> None:
        """Wait for the turn, or fail."""
        if not self._away:
            await self._steps.at(step)
        if self._away:
            await asyncio.sleep(CLIENT_TIMEOUT_S)
            raise StoreUnavailable("the store does not answer")

    async def lasts(self, seconds: float) -> None:
        """Begin as soon as it is this actor's turn, and end after that time."""
        await self._steps.at(Step("outage.begins"))
        self._away = True
        await asyncio.sleep(seconds)
        self._away = False
