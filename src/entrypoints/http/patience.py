"""How long a request waits for a store that is away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from domain.ports import Clock, StoreUnavailable

log = logging.getLogger(__name__)

T = TypeVar("T")

WAIT_S = 8.0
"""A 503 is final for the frontend, which gives up after 10 s by itself (design §5)."""

PAUSE_S = 0.25
"""Before what the store could not take is tried again."""


class Patience:
    """Bounds the time of every call to the store, and repeats those that may be repeated while the store is away."""

    def __init__(self, clock: Clock, wait_s: float = WAIT_S, pause_s: float = PAUSE_S) -> None:
        self._clock = clock
        self._wait_s = wait_s
        self._pause_s = pause_s

    async def insist(self, action: Callable[[], Awaitable[T]]) -> T:
        """Return the result of ``action``, which is safe to repeat, as soon as the store answers.

        Raises :class:`~domain.ports.StoreUnavailable` when it has not answered in time; everything else comes out.
        """
        return await self.bounded(lambda: self._repeated(action))

    async def bounded(self, action: Callable[[], Awaitable[T]]) -> T:
        """Return the result of ``action``. Raises :class:`~domain.ports.StoreUnavailable` when it takes too long."""
        work = asyncio.ensure_future(action())
        deadline = asyncio.ensure_future(self._clock.sleep(self._wait_s))
        try:
            await asyncio.wait({work, deadline}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                return work.result()
            raise StoreUnavailable(f"the store did not answer within {self._wait_s:g} s")
        finally:
            work.cancel()
            deadline.cancel()

    async def _repeated(self, action: Callable[[], Awaitable[T]]) -> T:
        while True:
            try:
                return await action()
            except StoreUnavailable as error:
                log.warning("waiting for the store", extra={"reason": str(error)})
                await self._clock.sleep(self._pause_s)
