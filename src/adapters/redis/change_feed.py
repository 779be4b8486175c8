"""The feed of changes in Redis: one bounded stream, which ``scripts/commit.lua`` writes.

A stream's entry ids go up on one server. They name places of that server's history only: one that takes over may lack
the latest entries, and give their ids again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, cast

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import RedisError

from adapters.redis import keys
from adapters.redis.connections import in_use, pipeline_of
from adapters.redis.endpoints import RedisEndpoints
from adapters.redis.feed_codec import RawEntry, entries_of, history_of, id_at, place_at
from application.feed import FEED_KEPT, FeedBegan, FeedEntry, FeedGrew, FeedNews, FeedPlace

log = logging.getLogger(__name__)

AT_ONCE = 200
"""Changes that are read together."""
BLOCK_MS = 1000
"""So long Redis holds a read back for news. It is less than any wait for an answer, which proves the connection."""
PAUSE_S = 0.5
"""Before a broken connection is made anew."""

BEGINNING = "0-0"
"""Where a stream begins that nothing was written to yet."""


class RedisChangeFeed:
    """Implements :class:`application.ports.ChangeFeed`, at the write endpoint."""

    def __init__(self, endpoints: RedisEndpoints) -> None:
        self._endpoints = endpoints

    async def follow(self) -> AsyncGenerator[FeedNews, None]:
        place: FeedPlace | None = None
        while True:
            try:
                async with aclosing(self._read(place)) as reading:
                    async for reached, news in reading:
                        place = reached
                        yield news
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("the feed of changes broke", extra={"reason": f"{type(error).__name__}: {error}"})
            await asyncio.sleep(PAUSE_S)

    async def after(self, place: FeedPlace, until: FeedPlace, limit: int) -> list[FeedEntry] | None:
        return await self._endpoints.attempt(lambda: self._after(place, until, limit))

    async def _after(self, place: FeedPlace, until: FeedPlace, limit: int) -> list[FeedEntry] | None:
        if place.server != until.server:
            return None
        async with pipeline_of(self._endpoints.write) as pipeline:
            _ask_who(pipeline)
            pipeline.xrange(keys.FEED, id_at(place), id_at(place), count=1)
            pipeline.xlen(keys.FEED)
            pipeline.xrange(keys.FEED, f"({id_at(place)}", id_at(until), count=limit)
            *told, found = await pipeline.execute()
        return list(entries_of(place.server, found)) if _goes_on(place, *told) else None

    async def _read(self, place: FeedPlace | None) -> AsyncGenerator[tuple[FeedPlace, FeedNews], None]:
        """Yield news over one connection, each with where one is then: on from ``place`` if that can be."""
        watcher = self._endpoints.watcher()
        # One of a pool would be made anew, unseen, where it was found broken: perhaps to another server.
        client = watcher.client()
        try:
            if place is None or not await _is_known(client, place):
                place = await _end_of(client)
                yield place, FeedBegan(place)
            while True:
                found = await _next(client, place)
                if len(found) == AT_ONCE and not await _is_known(client, place):
                    # So far behind that some may have made room before they were read.
                    place = await _end_of(client)
                    yield place, FeedBegan(place)
                elif found:
                    entries = list(entries_of(place.server, found))
                    place = place_at(place.server, found[-1][0])
                    if entries:
                        yield place, FeedGrew(entries)
        finally:
            await client.aclose()
            await watcher.aclose()


def _ask_who(client: Redis | Pipeline) -> Awaitable[Any]:
    return cast("Awaitable[Any]", client.execute_command("INFO", "server", "replication"))


def _goes_on(place: FeedPlace, server: Mapping[str, object], entry: Sequence[RawEntry], length: int) -> bool:
    """Whether all that came behind a place is still there: the oldest entries make room first."""
    if history_of(server) != place.server:
        return False
    return bool(entry) or (id_at(place) == BEGINNING and length < FEED_KEPT)


async def _is_known(client: Redis, place: FeedPlace) -> bool:
    with in_use():
        server = await _ask_who(client)
        entry = cast("list[RawEntry]", await client.xrange(keys.FEED, id_at(place), id_at(place), count=1))
        length = await client.xlen(keys.FEED)
    return _goes_on(place, server, entry, length)


async def _end_of(client: Redis) -> FeedPlace:
    with in_use():
        server = await _ask_who(client)
        latest = cast("list[RawEntry]", await client.xrevrange(keys.FEED, count=1))
    return place_at(history_of(server), latest[0][0] if latest else BEGINNING.encode())


async def _next(client: Redis, place: FeedPlace) -> list[RawEntry]:
    """Return the next entries; none where there are none for a while."""
    with in_use():
        # One list for each stream that has something, with its name in front.
        told: Any = await client.xread({keys.FEED: id_at(place)}, count=AT_ONCE, block=BLOCK_MS)
    return cast("list[RawEntry]", told[0][1]) if told else []
