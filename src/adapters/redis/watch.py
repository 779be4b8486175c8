"""Noticing others' writes: client-side caching in broadcasting mode, proved by a beat (design §1).

Two connections work together: a subscriber, and a tracker that asked the server to tell the subscriber of every change
under ``task:``. If the tracker dies the subscriber stays healthy and silent, and behind a proxy the two may end on
different servers. So a key under a second prefix is written through the write endpoint every half second, as everybody
else's changes are, and must come back.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import AsyncExitStack, aclosing

from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from adapters.redis import keys
from adapters.redis.endpoints import RedisEndpoints, translated_errors
from domain.ports import Notice, RecordsChanged, StoreUnavailable, WatchLost, WatchProved, WorkWaits

log = logging.getLogger(__name__)

INVALIDATIONS = "__redis__:invalidate"
BEAT_S = 0.5
PATIENCE_S = 2.0
"""Without a beat for so long the path counts as broken."""
PAUSE_S = 0.5
"""Before a broken path is built anew."""


class WatchBroken(Exception):
    """Changes no longer come to us."""


class RedisRecordWatch:
    """Implements :class:`domain.ports.RecordWatch`."""

    def __init__(self, endpoints: RedisEndpoints) -> None:
        self._endpoints = endpoints
        self._beat_key = keys.beat_key(secrets.token_hex(8))

    async def notices(self) -> AsyncIterator[Notice]:
        while True:
            try:
                async with aclosing(self._watch()) as watch:
                    async for notice in watch:
                        yield notice
            except (RedisError, OSError, TimeoutError, WatchBroken) as error:
                log.warning("the watch on records broke", extra={"reason": f"{type(error).__name__}: {error}"})
            yield WatchLost()
            await asyncio.sleep(PAUSE_S)

    async def _watch(self) -> AsyncGenerator[Notice, None]:
        async with AsyncExitStack() as stack:
            subscriber, tracker = self._endpoints.watcher(), self._endpoints.watcher()
            stack.push_async_callback(subscriber.aclose)
            stack.push_async_callback(tracker.aclose)
            # The id is asked for on the client's only connection, which then becomes the subscriber's.
            client_id = await subscriber.client_id()
            pubsub = await stack.enter_async_context(subscriber.pubsub(ignore_subscribe_messages=True))
            await pubsub.subscribe(INVALIDATIONS, keys.EVENTS)
            await tracker.client_tracking_on(
                clientid=client_id, bcast=True, prefix=[keys.RECORD_PREFIX, self._beat_key]
            )
            beating = asyncio.create_task(self._beat())
            stack.callback(beating.cancel)
            async with aclosing(self._read(pubsub)) as notices:
                async for notice in notices:
                    yield notice

    async def _read(self, pubsub: PubSub) -> AsyncGenerator[Notice, None]:
        proved, last_beat = False, time.monotonic()
        while True:
            message = await pubsub.get_message(timeout=BEAT_S)
            for notice in self._notices_in(message):
                if not isinstance(notice, WatchProved):
                    yield notice
                    proved = proved and not isinstance(notice, WatchLost)
                    continue
                last_beat = time.monotonic()
                if not proved:
                    proved = True
                    yield notice
            if time.monotonic() - last_beat > PATIENCE_S:
                raise WatchBroken("no beat came back")

    def _notices_in(self, message: dict[str, object] | None) -> Iterator[Notice]:
        if message is None:
            return
        data = message["data"]
        if message["channel"] == keys.EVENTS.encode():
            yield from _event(data)
        elif data is None:
            yield WatchLost()  # FLUSHALL: everything changed; the next beat has all tasks swept
        elif isinstance(data, list):
            if self._beat_key.encode() in data:
                yield WatchProved()
            changed = frozenset(filter(None, map(keys.task_of_record_key, data)))
            if changed:
                yield RecordsChanged(changed)

    async def _beat(self) -> None:
        while True:
            try:
                with translated_errors():
                    await self._endpoints.write.set(self._beat_key, "1", px=int(PATIENCE_S * 2000))
            except StoreUnavailable:
                pass  # no beat, no proof
            await asyncio.sleep(BEAT_S)


def _event(data: object) -> Iterator[Notice]:
    text = data.decode() if isinstance(data, bytes) else ""
    if text == "work":
        yield WorkWaits()
    elif text.startswith("task "):
        yield RecordsChanged(frozenset({text.removeprefix("task ")}))
