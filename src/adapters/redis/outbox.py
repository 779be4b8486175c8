"""The outbox in Redis: for each route a hash of notifications, and a sorted set of when each is due."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Mapping, Sequence
from typing import cast

from adapters.redis import keys
from adapters.redis.endpoints import RedisEndpoints
from adapters.redis.lua import load_script
from adapters.redis.outbox_codec import Word, decode_claimed, decode_failure
from application.outbox import LONGEST_FAILURE, Backlog, Claimed


class RedisOutbox:
    """Implements :class:`application.outbox.Outbox`. All is written and read at the write endpoint."""

    def __init__(self, endpoints: RedisEndpoints) -> None:
        self._redis = endpoints.write
        self._attempt = endpoints.attempt
        self._claim = load_script(endpoints.write, "claim_words")
        self._settle_script = load_script(endpoints.write, "settle_word")

    async def claim(self, route: str, most: int, hold_s: float) -> Sequence[Claimed]:
        names, args = keys.outbox_keys(route), [most, _milliseconds(hold_s)]
        words = cast("list[Word]", await self._attempt(lambda: self._claim(keys=names, args=args)))
        return [decode_claimed(route, word) for word in words]

    async def remove(self, claimed: Claimed, failure: str = "") -> None:
        await self._settle(claimed, "", failure)

    async def put_off(self, claimed: Claimed, pause_s: float, failure: str = "") -> None:
        await self._settle(claimed, _milliseconds(pause_s), failure)

    async def backlog(self, routes: Sequence[str]) -> Mapping[str, Backlog]:
        found = await self._attempt(lambda: asyncio.gather(*(self._backlog(route) for route in routes)))
        return dict(zip(routes, found, strict=True))

    async def _settle(self, claimed: Claimed, pause_ms: int | str, failure: str) -> None:
        names = keys.outbox_keys(claimed.notification.route)
        args: list[str | bytes | int] = [
            claimed.notification.id,
            claimed.tries,
            pause_ms,
            failure[:LONGEST_FAILURE],
        ]
        await self._attempt(lambda: self._settle_script(keys=names, args=args))

    async def _backlog(self, route: str) -> Backlog:
        words, due = keys.outbox_keys(route)
        fields = cast(Awaitable["list[bytes | None]"], self._redis.hmget(words, ["dropped", "failure"]))
        waiting, (dropped, told) = await asyncio.gather(self._redis.zcard(due), fields)
        failure, failed_at = decode_failure(told)
        return Backlog(waiting, int(dropped or 0), failure, failed_at)


def _milliseconds(seconds: float) -> int:
    """Round up, so that nothing is due before its time."""
    return math.ceil(seconds * 1000)
