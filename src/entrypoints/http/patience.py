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
        self._deadlines = Deadlines(clock, wait_s)

    async def insist(self, action: Callable[[], Awaitable[T]]) -> T:
        """Return the result of ``action``, which is safe to repeat, as soon as the store answers.

        Raises :class:`~domain.ports.StoreUnavailable` when it has not answered in time; everything else comes out.
        """
        return await self.bounded(lambda: self._repeated(action))

    async def bounded(self, action: Callable[[], Awaitable[T]]) -> T:
        """Return the result of ``action``. Raises :class:`~domain.ports.StoreUnavailable` when it takes too long."""
        limit = asyncio.timeout(None)
        try:
            async with limit:
                self._deadlines.set_for(limit)
                return await action()
        except TimeoutError:
            if not limit.expired():
                raise
            raise StoreUnavailable(f"the store did not answer within {self._wait_s:g} s") from None
        finally:
            self._deadlines.lift(limit)

    async def _repeated(self, action: Callable[[], Awaitable[T]]) -> T:
        while True:
            try:
                return await action()
            except StoreUnavailable as error:
                log.warning("waiting for the store", extra={"reason": str(error)})
                await self._clock.sleep(self._pause_s)


class Deadlines:
    """Ends what lasts too long. All may last equally long, so that one timer serves for all of them."""

    def __init__(self, clock: Clock, after_s: float) -> None:
        self._clock = clock
        self._after_s = after_s
        self._ends: dict[asyncio.Timeout, float] = {}
        """When each is to be ended, an instant of :meth:`Clock.monotonic`; the first one first."""
        self._waiting: asyncio.Task[None] | None = None

    def set_for(self, limit: asyncio.Timeout) -> None:
        """Have this one end in time, unless that is lifted before."""
        self._ends[limit] = self._clock.monotonic() + self._after_s
        if self._waiting is None or self._waiting.done():
            self._waiting = asyncio.create_task(self._end_in_time(), name="end requests in time")

    def lift(self, limit: asyncio.Timeout) -> None:
        """This one is over."""
        self._ends.pop(limit, None)

    async def _end_in_time(self) -> None:
        while self._ends:
            limit, end = next(iter(self._ends.items()))
            left_s = end - self._clock.monotonic()
            if left_s > 0:
                await self._clock.sleep(left_s)
            else:
                del self._ends[limit]
                limit.reschedule(asyncio.get_running_loop().time())  # now
