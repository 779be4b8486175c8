"""What waits and what is at work, for people: three round trips whatever waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, cast
from urllib.parse import unquote

from redis.asyncio import Redis

from adapters.redis import keys
from adapters.redis.attempts import Attempts
from adapters.redis.endpoints import as_text
from domain.ports import QueueHead, QueueOverview
from domain.position import Lane
from domain.values import Priority


async def read_overview(redis: Redis, attempt: Attempts, heads_per_lane: int) -> QueueOverview:
    """Return counts, and who is next in each lane. Raises StoreUnavailable."""
    counts = await attempt(lambda: read_counts(redis))
    waiting = waiting_by_lane(counts)
    heads = await attempt(lambda: _heads(redis, waiting, heads_per_lane))
    return QueueOverview(waiting, counts.get("delayed", 0), at_work_by_service(counts), heads)


def waiting_by_lane(counts: Mapping[str, int]) -> Mapping[Lane, int]:
    """Return how many tasks may be claimed, of the lanes in which there are any."""
    return {
        (Priority(lane[0]), unquote(lane[1])): count
        for name, count in counts.items()
        if name.startswith("waiting:") and count > 0
        for lane in [name.removeprefix("waiting:").split(":")]
    }


def at_work_by_service(counts: Mapping[str, int]) -> Mapping[str, int]:
    """Return how many tasks are leased, of the services of which there are any."""
    return {
        unquote(name.removeprefix("running:")): count
        for name, count in counts.items()
        if name.startswith("running:") and count > 0
    }


async def read_counts(redis: Redis) -> Mapping[str, int]:
    """Return the queue's counts, by the names that they have there."""
    flat = await cast("Awaitable[Mapping[bytes, bytes]]", redis.hgetall(keys.COUNTS))
    # What is not a number is said of servers and calls (scripts/queue.lua).
    return {as_text(name): int(count) for name, count in flat.items() if count.lstrip(b"-").isdigit()}


async def _heads(redis: Redis, lanes: Mapping[Lane, int], per_lane: int) -> Sequence[QueueHead]:
    """Read who is next in each lane, then what they would run."""
    order = sorted(lanes, key=lambda lane: (lane[0] is not Priority.HIGH, lane[1]))
    names = [(priority, service, keys.lane(priority, service)) for priority, service in order]
    ready: Sequence[Sequence[tuple[bytes, float]]] = await together(
        *(redis.zrange(keys.ready_key(lane), 0, per_lane - 1, withscores=True) for _, _, lane in names)
    )
    users = [
        (priority, service, lane, as_text(member).split(":", 2)[2], int(running))
        for (priority, service, lane), members in zip(names, ready, strict=True)
        for member, running in members
    ]
    firsts: Sequence[Sequence[bytes]] = await together(
        *(redis.zrange(keys.queue_key(lane, user), 0, 0) for _, _, lane, user, _ in users)
    )
    return [
        QueueHead(priority, service, unquote(user), first[0].decode(), running)
        for (priority, service, _, user, running), first in zip(users, firsts, strict=True)
        if first
    ]


async def together(*asked: object) -> Any:
    """Return the replies to several commands, which go to Redis together."""
    return await asyncio.gather(*cast(Sequence[Awaitable[object]], asked))
