"""Where one waiting task stands, for people: three round trips and O(log n), whatever waits."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Iterator, Mapping, Sequence
from typing import cast
from urllib.parse import unquote

from redis.asyncio import Redis

from adapters.redis import keys
from adapters.redis.endpoints import RedisEndpoints, as_text
from adapters.redis.overview import at_work_by_service, read_counts, together, waiting_by_lane
from domain.position import Lane, QueuePosition, Rival
from domain.task import Task

Members = Sequence[tuple[bytes, float]]
"""Of a ready set, with the tasks that their users have at work."""


class RedisQueuePositions:
    """Implements :class:`domain.ports.QueuePositions`.

    It reads from the write endpoint, so that it does not contradict the ledger, which is read there.
    """

    def __init__(self, endpoints: RedisEndpoints) -> None:
        self._redis = endpoints.write
        self._attempt = endpoints.attempt

    async def of(self, waiting: Task) -> QueuePosition:
        user, lane = keys.encoded(waiting.user_id), keys.lane(waiting.priority, waiting.service)
        counts, standing, earlier = await self._attempt(
            lambda: together(
                read_counts(self._redis),
                _read_standing(self._redis, user),
                self._redis.zcount(keys.queue_key(lane, user), "-inf", f"({waiting.order}"),
            )
        )
        by_lane = waiting_by_lane(counts)
        before, *members = await self._attempt(
            # All of them at one level, so that they go to Redis together.
            lambda: together(_users_before(self._redis, lane, user, standing), *_first_members(self._redis, by_lane))
        )
        firsts = _first_users(by_lane, members)
        rivals = await self._attempt(lambda: _first_tasks(self._redis, firsts))
        ordered = tuple(sorted(rivals, key=lambda rival: rival.rank))
        return QueuePosition(_rival(waiting, standing), earlier, before, ordered, by_lane, at_work_by_service(counts))


def _rival(task: Task, standing: Mapping[str, int]) -> Rival:
    since = max(task.order, standing.get("served", 0))
    running = standing.get("running", 0)
    return Rival(task.task_id, task.priority, task.service, task.user_id, running, since, task.order)


async def _read_standing(redis: Redis, user: str) -> Mapping[str, int]:
    """Return a user's tasks at work, latest turn, and the order of the first task in each lane where one waits."""
    flat = await cast("Awaitable[Mapping[bytes, bytes]]", redis.hgetall(keys.user_key(user)))
    return {as_text(name): int(number) for name, number in flat.items() if number}


async def _users_before(redis: Redis, lane: str, user: str, standing: Mapping[str, int]) -> int:
    ready, head = keys.ready_key(lane), standing.get(lane)
    if head is not None:
        member = f"{max(standing.get('served', 0), head):016d}:{head:016d}:{user}"
        place = await cast("Awaitable[int | None]", redis.zrank(ready, member))
        if place is not None:
            return place
    return await redis.zcount(ready, "-inf", f"({standing.get('running', 0)}")


def _first_members(redis: Redis, lanes: Iterable[Lane]) -> Iterator[Awaitable[Members]]:
    for lane in lanes:
        first = redis.zrange(keys.ready_key(keys.lane(*lane)), 0, 0, withscores=True)
        yield cast(Awaitable[Members], first)


def _first_users(lanes: Iterable[Lane], found: Sequence[Members]) -> Sequence[tuple[Lane, bytes, int]]:
    return [
        (lane, member, int(running)) for lane, members in zip(lanes, found, strict=True) for member, running in members
    ]


async def _first_tasks(redis: Redis, firsts: Sequence[tuple[Lane, bytes, int]]) -> Sequence[Rival]:
    members = [as_text(member).split(":", 2) for _, member, _ in firsts]
    ids: Sequence[Sequence[bytes]] = await together(
        *(
            redis.zrange(keys.queue_key(keys.lane(*lane), user), 0, 0)
            for (lane, _, _), (_, _, user) in zip(firsts, members, strict=True)
        )
    )
    return [
        Rival(first[0].decode(), *lane, unquote(user), running, int(since), int(order))
        for (lane, _, running), (since, order, user), first in zip(firsts, members, ids, strict=True)
        if first  # somebody has claimed it in between
    ]
