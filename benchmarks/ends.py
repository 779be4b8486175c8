"""Hearing of ended tasks without asking: every question to Redis would be counted too."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio.client import PubSub

from adapters.redis import keys
from adapters.redis.endpoints import RedisEndpoints

INVALIDATIONS = "__redis__:invalidate"


class Ends:
    """Told by client tracking, which sends word of each change of the set of ended tasks."""

    def __init__(self, pubsub: PubSub) -> None:
        self._pubsub = pubsub

    async def next(self) -> None:
        """Return when the set of ended tasks has changed again."""
        while await self._pubsub.get_message(timeout=None) is None:
            pass


@asynccontextmanager
async def ends(redis_url: str) -> AsyncIterator[Ends]:
    """Listen from now on; while listening, nothing is sent to Redis."""
    endpoints = RedisEndpoints.open(redis_url)
    subscriber, tracker = endpoints.watcher(), endpoints.watcher()
    async with subscriber, tracker:
        client_id = await subscriber.client_id()
        async with subscriber.pubsub(ignore_subscribe_messages=True) as pubsub:
            await pubsub.subscribe(INVALIDATIONS)
            await pubsub.get_message(timeout=5)  # the word that it is subscribed
            await tracker.client_tracking_on(clientid=client_id, bcast=True, prefix=[keys.ENDED])
            yield Ends(pubsub)
    await endpoints.close()
