"""The feed of changes in Redis: what breaks on the way to it, and what others may have written into it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager

import pytest

from adapters.redis import change_feed, keys
from adapters.redis.change_feed import RedisChangeFeed
from adapters.redis.endpoints import RedisEndpoints
from application.feed import FeedBegan, FeedGrew, FeedNews
from domain.values import Priority
from tests.http.service import STUCK_S, paused, until
from tests.redis.desk import Desk, task_of
from tests.support.redis_server import RedisServer


@asynccontextmanager
async def following(url: str) -> AsyncIterator[AsyncGenerator[FeedNews, None]]:
    """Follow the feed, from when the first news was read, with little patience."""
    endpoints = RedisEndpoints.open(url, timeout_s=1.5)
    try:
        async with aclosing(RedisChangeFeed(endpoints).follow()) as news:
            yield news
    finally:
        await endpoints.close()


async def following_ids(news: AsyncGenerator[FeedNews, None]) -> list[str]:
    """Return of which tasks the next news are."""
    async with asyncio.timeout(STUCK_S):
        grown = await anext(news)
    assert isinstance(grown, FeedGrew)
    return [entry.change.task_id for entry in grown.entries]


async def test_a_broken_connection_loses_nothing(desk: Desk, redis_server: RedisServer) -> None:
    async with following(redis_server.url) as news:
        assert isinstance(await anext(news), FeedBegan)
        await desk.accept("1")
        assert await following_ids(news) == ["1"]
        await desk.redis.client_kill_filter(_type="normal", skipme=True)
        await desk.accept("2")
        assert await following_ids(news) == ["2"]


@pytest.mark.slow
async def test_a_redis_that_is_silent_for_a_while_loses_nothing(
    desk: Desk, redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    async def told() -> str:
        return caplog.text

    async with following(redis_server.url) as news:
        assert isinstance(await anext(news), FeedBegan)
        waiting = asyncio.ensure_future(following_ids(news))
        with paused(redis_server):
            await until(told, lambda text: "the feed of changes broke" in text)
        await desk.accept("1")
        assert await waiting == ["1"]


async def test_what_cannot_be_read_is_left_out(desk: Desk, redis_server: RedisServer) -> None:
    async with following(redis_server.url) as news:
        assert isinstance(await anext(news), FeedBegan)
        for name, value in (("change", "{"), ("change", '{"kind": "of a newer scheduler"}'), ("other", "1")):
            await desk.redis.xadd(keys.FEED, {name: value})
        await desk.accept("1")
        assert await following_ids(news) == ["1"]


async def test_a_reader_that_was_left_behind_begins_anew(desk: Desk, redis_server: RedisServer) -> None:
    async with following(redis_server.url) as news:
        assert isinstance(await anext(news), FeedBegan)
        await desk.accept("1")
        assert await following_ids(news) == ["1"]
        snapshot = await desk.load("1")
        for priority in [Priority.HIGH, Priority.LOW] * 150:
            snapshot = await desk.change(snapshot, task_of(snapshot).change_priority(priority, desk.clock.now()))
        await desk.redis.xtrim(keys.FEED, maxlen=250, approximate=False)
        assert isinstance(await anext(news), FeedBegan)
        await desk.accept("2")
        assert await following_ids(news) == ["2"]


async def test_its_length_is_bounded(desk: Desk) -> None:
    await desk.redis.set(keys.FEED_WATCHED, "somebody")
    async with desk.redis.pipeline(transaction=False) as pipeline:
        for _ in range(10_500):
            pipeline.xadd(keys.FEED, {"change": "x"})
        await pipeline.execute()
    await desk.accept("1")
    assert 10_000 <= await desk.redis.xlen(keys.FEED) <= 10_101


async def test_nothing_is_written_where_nobody_watches_and_a_gap_is_told(desk: Desk, redis_server: RedisServer) -> None:
    await desk.accept("1")
    assert await desk.redis.xlen(keys.FEED) == 0
    async with following(redis_server.url) as news:
        assert isinstance(await anext(news), FeedBegan)
        await desk.accept("2")
        assert await following_ids(news) == ["2"]
        async with following(redis_server.url) as other:
            latest = await anext(other)
    assert isinstance(latest, FeedBegan)
    place = latest.place
    assert await RedisChangeFeed(desk.endpoints).after(place, place, 10) == []
    await desk.redis.delete(keys.FEED_WATCHED)  # an hour has gone by
    await desk.accept("3")
    assert await RedisChangeFeed(desk.endpoints).after(place, place, 10) is None
    async with following(redis_server.url) as news:
        begun = await anext(news)
        assert isinstance(begun, FeedBegan)
        assert begun.place.server != place.server
        assert await RedisChangeFeed(desk.endpoints).after(place, begun.place, 10) is None


async def test_a_watch_that_ended_unnoticed_is_noticed(
    desk: Desk, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_feed, "RENEWED_S", -1.0)
    async with following(redis_server.url) as news:
        assert isinstance(await anext(news), FeedBegan)
        await desk.redis.delete(keys.FEED_WATCHED)
        await desk.accept("1")
        assert isinstance(await anext(news), FeedBegan)
