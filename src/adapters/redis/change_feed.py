"""The feed of changes in Redis: one bounded stream, which ``scripts/commit.lua`` writes.

A stream's entry ids go up on one server. They name places of that server's history only: one that takes over may lack
the latest entries, and give their ids again.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
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
WATCHED_MS = 3_600_000
"""So long changes are written when the last process has stopped reading them: who reconnects may come to any."""
RENEWED_S = 60.0
"""How often a process that reads them says so."""
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
            pipeline.get(keys.FEED_WATCHED)
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
            looked_at = time.monotonic()
            while True:
                found = await _next(client, place)
                # So far behind, some may have made room before they were read.
                must_look = len(found) == AT_ONCE or time.monotonic() - looked_at > RENEWED_S
                if must_look:
                    looked_at = time.monotonic()
                if must_look and not await _is_known(client, place):
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


def _goes_on(
    place: FeedPlace, server: Mapping[str, object], watch: bytes | None, entry: Sequence[RawEntry], length: int
) -> bool:
    """Whether all that came behind a place is still there: the oldest entries make room first."""
    if watch is None or history_of(server, watch) != place.server:
        return False
    return bool(entry) or (id_at(place) == BEGINNING and length < FEED_KEPT)


async def _keep_watch(client: Redis) -> bytes:
    """Have changes written for some time from now on, and return since which watch they are."""
    mine = secrets.token_hex(8)
    before = cast("bytes | None", await client.set(keys.FEED_WATCHED, mine, nx=True, get=True, px=WATCHED_MS))
    if not await client.pexpire(keys.FEED_WATCHED, WATCHED_MS):
        raise RedisError("the watch of the feed ended while it was renewed")
    return before or mine.encode()


async def _is_known(client: Redis, place: FeedPlace) -> bool:
    with in_use():
        server, watch = await _ask_who(client), await _keep_watch(client)
        entry = cast("list[RawEntry]", await client.xrange(keys.FEED, id_at(place), id_at(place), count=1))
        length = await client.xlen(keys.FEED)
    return _goes_on(place, server, watch, entry, length)


async def _end_of(client: Redis) -> FeedPlace:
    with in_use():
        server, watch = await _ask_who(client), await _keep_watch(client)
        latest = cast("list[RawEntry]", await client.xrevrange(keys.FEED, count=1))
    return place_at(history_of(server, watch), latest[0][0] if latest else BEGINNING.encode())


async def _next(client: Redis, place: FeedPlace) -> list[RawEntry]:
    """Return the next entries; none where there are none for a while."""
    with in_use():
        # One list for each stream that has something, with its name in front.
        told: Any = await client.xread({keys.FEED: id_at(place)}, count=AT_ONCE, block=BLOCK_MS)
    return cast("list[RawEntry]", told[0][1]) if told else []
