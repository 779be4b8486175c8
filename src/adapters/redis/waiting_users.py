"""Who has tasks in the queue: three round trips, whatever waits."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote

from adapters.redis import keys
from adapters.redis.endpoints import RedisEndpoints, as_text
from adapters.redis.overview import read_counts, together, waiting_by_lane
from application.ports import UserWaits


class RedisWaitingUsers:
    """Implements :class:`application.ports.WaitingUsers`."""

    def __init__(self, endpoints: RedisEndpoints) -> None:
        self._redis = endpoints.write
        self._attempt = endpoints.attempt

    async def most_per_lane(self, users: int) -> Sequence[UserWaits]:
        lanes = list(waiting_by_lane(await self._attempt(lambda: read_counts(self._redis))))
        ready = [keys.ready_key(keys.lane(*lane)) for lane in lanes]
        members: Sequence[Sequence[bytes]] = await self._attempt(
            lambda: together(*(self._redis.zrange(key, 0, users - 1) for key in ready))
        )
        entries = [
            (lane, as_text(member).split(":", 2)[2])
            for lane, found in zip(lanes, members, strict=True)
            for member in found
        ]
        counts: Sequence[int] = await self._attempt(
            lambda: together(*(self._redis.zcard(keys.queue_key(keys.lane(*lane), user)) for lane, user in entries))
        )
        return [
            UserWaits(unquote(user), *lane, count)
            for (lane, user), count in zip(entries, counts, strict=True)
            if count  # somebody has claimed the last one in between
        ]
