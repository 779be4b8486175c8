"""Telling those who watch what happens, on all replicas, as it happens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager

from application.consumers import Beat, Consumer, EventKind, QueueCounts, Render, Reset, Wanted
from application.ending import end_all
from application.feed import FeedBegan, FeedEntry, FeedGrew, FeedNews, FeedPlace
from application.ports import ChangeFeed
from application.surviving import survived
from domain.errors import Overloaded
from domain.ports import Clock, DispatchQueue, StoreUnavailable

log = logging.getLogger(__name__)

MOST_CONSUMERS = 1_000
"""Of one process."""

BEAT_S = 15.0
"""How often a consumer hears that the connection lives. Proxies close what is silent for a minute."""

COUNT_S = 1.0
"""How often the queue's counts are looked at, once for all consumers."""

AGAIN_S = 1.0
"""Pause before what the store could not answer is asked again."""

TOLD_AT_ONCE = 20
"""Changes that are told before consumers have their turn to send them."""

PAGE = 500
"""Changes that are read together for a consumer that comes back."""


class LiveEvents:
    """Follows the feed while somebody watches, once for all who do.

    A consumer is told everything that it wants, in order and once, also over several connections: where something may
    be missing it is told to load anew what it shows. What waits for it is bounded.
    """

    def __init__(self, feed: ChangeFeed, queue: DispatchQueue, clock: Clock, render: Render) -> None:
        self._feed = feed
        self._queue = queue
        self._clock = clock
        self._render = render
        self._consumers: dict[Consumer, None] = {}
        self._somebody = asyncio.Event()
        self._nobody = asyncio.Event()
        self._place: FeedPlace | None = None
        self._counts: QueueCounts | None = None

    @property
    def consumers(self) -> tuple[Consumer, ...]:
        """Those who watch."""
        return tuple(self._consumers)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Tell them beside the caller's block; leaving it ends what is told."""
        loop = asyncio.create_task(self._run(), name="tell those who watch")
        try:
            yield
        finally:
            for consumer in self.consumers:
                consumer.end()
            await end_all([loop])

    def join(self, wanted: Wanted, since: FeedPlace | None, cut: Callable[[], None]) -> Consumer:
        """Return a new consumer; the arguments are its own. Raises Overloaded."""
        if len(self._consumers) >= MOST_CONSUMERS:
            raise Overloaded(f"{MOST_CONSUMERS} consumers of events are connected here, and no more may be; try later")
        consumer = Consumer(wanted, since, cut)
        self._consumers[consumer] = None
        self._nobody.clear()
        self._somebody.set()
        if self._place is not None:
            consumer.begin(self._place)
        if self._counts is not None and EventKind.QUEUE in wanted.kinds:
            consumer.put(self._render(self._counts))
        return consumer

    def leave(self, consumer: Consumer) -> None:
        """Forget a consumer; one that has left already may leave again."""
        consumer.end()
        self._consumers.pop(consumer, None)
        if not self._consumers:
            self._place = self._counts = None
            self._somebody.clear()
            self._nobody.set()

    async def told(self, consumer: Consumer) -> AsyncGenerator[bytes, None]:
        """Yield what a consumer is told, until it ends: first what it missed, then what happens."""
        while consumer.start is None and not consumer.has_ended:  # the store is away
            if text := await consumer.take():
                yield text
        async with aclosing(self._missed(consumer)) as missed:
            async for text in missed:
                yield text
        while not consumer.has_ended:
            if text := await consumer.take():
                yield text

    # --- what a consumer missed --------------------------------------------------------------------------------

    async def _missed(self, consumer: Consumer) -> AsyncGenerator[bytes, None]:
        place, start = consumer.since, consumer.start
        if start is not None and place is None:
            yield self._render(Beat(start))
        while start is not None and place is not None and not consumer.has_ended:
            try:
                entries = await self._feed.after(place, start, PAGE)
            except StoreUnavailable as error:
                log.warning("events that were missed cannot be read yet", extra={"reason": str(error)})
                yield self._render(Beat(None))
                await self._clock.sleep(AGAIN_S)
                continue
            if entries is None:
                consumer.begin_anew()
                yield self._render(Reset(start))
            elif wanted := [entry for entry in entries if consumer.wanted.takes(entry.change)]:
                yield b"".join(map(self._render, wanted))
            place = entries[-1].place if entries else None

    # --- what happens ------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        while True:
            await self._somebody.wait()
            loops = [asyncio.create_task(each) for each in (self._follow(), self._count(), self._beat())]
            try:
                await self._nobody.wait()
            finally:
                await end_all(loops)

    async def _follow(self) -> None:
        while True:
            with survived("tell those who watch of changes"):
                async with aclosing(self._feed.follow()) as feed:
                    async for news in feed:
                        await self._hear(news)
            await self._clock.sleep(AGAIN_S)

    async def _hear(self, news: FeedNews) -> None:
        match news:
            case FeedBegan(place):
                self._begin(place)
            case FeedGrew(entries):
                for begin in range(0, len(entries), TOLD_AT_ONCE):
                    for entry in entries[begin : begin + TOLD_AT_ONCE]:
                        self._tell(entry)
                    await asyncio.sleep(0)  # who reads well is not to find its buffer full before its turn

    def _begin(self, place: FeedPlace) -> None:
        reached, self._place = self._place, place
        for consumer in self.consumers:
            if consumer.start is not None and reached != place:
                consumer.put(self._render(Reset(place)))
            consumer.begin(place)

    def _tell(self, entry: FeedEntry) -> None:
        self._place = entry.place
        text = b""
        for consumer in self._consumers:
            if consumer.awaits(entry):
                text = text or self._render(entry)
                consumer.put(text)

    async def _count(self) -> None:
        while True:
            with survived("look at the queue for those who watch"):
                await self._look()
            await self._clock.sleep(COUNT_S)

    async def _look(self) -> None:
        seen = await self._queue.overview(heads_per_lane=1)
        counts = QueueCounts(seen.waiting, seen.delayed, seen.at_work)
        if counts == self._counts:
            return
        self._counts = counts
        text = self._render(counts)
        for consumer in self._consumers:
            if EventKind.QUEUE in consumer.wanted.kinds:
                consumer.put(text)

    async def _beat(self) -> None:
        while True:
            await self._clock.sleep(BEAT_S)
            for consumer in self._consumers:
                consumer.put(self._render(Beat(consumer.reached(self._place))))
