"""What commits have counted, in Redis: a hash for each hour, and a sorted set of users for each quarter of a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from urllib.parse import unquote

from adapters.redis import keys
from adapters.redis.endpoints import RedisEndpoints, as_text
from adapters.redis.overview import together
from domain.tally import Tally


class RedisTallies:
    """Implements :class:`application.ports.Tallies`, at the read endpoint. ``scripts/commit.lua`` counts."""

    def __init__(self, endpoints: RedisEndpoints) -> None:
        self._redis = endpoints.read
        self._attempt = endpoints.attempt_read

    async def by_minute(self, minutes: range) -> Mapping[int, Tally]:
        names = [keys.tally_key(hour) for hour in range(minutes.start // 60, (minutes.stop - 1) // 60 + 1)]
        hours: Sequence[Mapping[bytes, bytes]] = await self._attempt(
            lambda: together(*(self._redis.hgetall(name) for name in names))
        )
        counts: defaultdict[int, dict[str, int]] = defaultdict(dict)
        for hour in hours:
            for name, count in hour.items():
                minute, _, what = as_text(name).partition(":")
                counts[int(minute)][what] = int(count)
        return {minute: Tally.of(counts[minute]) for minute in minutes if minute in counts}

    async def moved(self, quarters: range, users: Collection[str], most: int) -> Mapping[str, Sequence[int]]:
        names = [keys.moved_key(quarter) for quarter in quarters]
        wanted = sorted({*map(keys.encoded, users), *await self._most_moved(names, most)})
        if not wanted:
            return {}
        scores: Sequence[Sequence[float | None]] = await self._attempt(
            lambda: together(*(self._redis.zmscore(name, wanted) for name in names))
        )
        moved = zip(*scores, strict=True)
        return {unquote(user): [int(count or 0) for count in row] for user, row in zip(wanted, moved, strict=True)}

    async def _most_moved(self, names: Sequence[str], most: int) -> set[str]:
        if not most:
            return set()
        found: Sequence[Sequence[bytes]] = await self._attempt(
            lambda: together(*(self._redis.zrevrange(name, 0, most - 1) for name in names))
        )
        return {as_text(user) for users in found for user in users}
