"""The queue's keys as they stand, and as they must stand beside the ledgers (schema: scripts/queue.lua)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import quote

from redis.asyncio import Redis

from domain.dispatch import AtWork, Queued, place_of
from domain.task import Task

PREFIX = "dms:scheduler:"


@dataclass
class QueueKeys:
    """What the queue holds. Nothing is in it that is zero or empty."""

    queues: dict[str, dict[str, int]] = field(default_factory=dict)
    """Per "<lane>:<user>": task id → order."""
    delayed: set[str] = field(default_factory=set)
    """Ids."""
    users: dict[str, dict[str, int]] = field(default_factory=dict)
    """Per user: tasks at work, delayed tasks, and the first order of every lane."""
    served: set[str] = field(default_factory=set)
    """Users whose turn is remembered."""
    counts: dict[str, int] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    leased: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    ledgers: set[str] = field(default_factory=set)


def expected(tasks: Iterable[Task], still_delayed: Iterable[str] = (), users_served: Iterable[str] = ()) -> QueueKeys:
    """What must stand beside these ledgers.

    `still_delayed` names the tasks that no claim has seen to be due, `users_served` the users who had a turn and have
    not been idle since.
    """
    keys = QueueKeys()
    queues: dict[str, dict[str, int]] = defaultdict(dict)
    users: dict[str, Counter[str]] = defaultdict(Counter)
    counts: Counter[str] = Counter()
    for task in tasks:
        keys.ledgers.add(task.task_id)
        user, service = quote(task.user_id, safe=""), quote(task.service, safe="")
        match place_of(task):
            case AtWork():
                keys.leased.add(task.task_id)
                users[user]["running"] += 1
                counts[f"running:{service}"] += 1
            case Queued(order=order) if task.task_id in still_delayed:
                keys.waiting.add(task.task_id)
                keys.delayed.add(task.task_id)
                users[user]["delayed"] += 1
                counts["delayed"] += 1
            case Queued(order=order):
                keys.waiting.add(task.task_id)
                lane = f"{task.priority}:{service}"
                queues[f"{lane}:{user}"][task.task_id] = order
                users[user][lane] = min(order, users[user][lane] or order)
                counts[f"waiting:{lane}"] += 1
            case None:
                keys.ended.add(task.task_id)
    keys.queues, keys.counts = dict(queues), dict(counts)
    keys.users = {user: dict(standing) for user, standing in users.items()}
    keys.served = {quote(user, safe="") for user in users_served}
    return keys


async def found(redis: Redis) -> QueueKeys:
    """What stands. Fails where the ready sets don't follow from the rest, and where a key is left over."""
    keys = QueueKeys()
    served: dict[str, int] = {}
    ready: dict[str, dict[str, float]] = {}
    for name in sorted([raw.decode() async for raw in redis.scan_iter(match=f"{PREFIX}*")]):
        kind, _, rest = name.removeprefix(PREFIX).partition(":")
        match kind:
            case "queue":
                keys.queues[rest] = {task_id: int(order) for task_id, order in (await _zset(redis, name)).items()}
            case "ready":
                ready[rest] = await _zset(redis, name)
            case "user":
                standing = await _hash(redis, name)
                served[rest] = standing.pop("served", 0)
                keys.users[rest] = standing
            case "counts":
                keys.counts = await _counts(redis, name)
            case "delayed":
                keys.delayed = {member.split(":")[-1] for member in await _zset(redis, name)}
            case "live":
                live = await _zset(redis, name)
                keys.waiting = {task_id for task_id, ends in live.items() if ends == 0}
                keys.leased = live.keys() - keys.waiting
            case "ended":
                keys.ended = set(await _zset(redis, name))
            case "task":
                keys.ledgers.add(rest)
            case "tally" | "moved":
                pass  # what happened, of which the queue knows nothing
            case _:
                raise AssertionError(f"nobody documented {name}")
    assert ready == _ready(keys.users, served)
    keys.served = {user for user, turn in served.items() if turn}
    return keys


def _ready(users: dict[str, dict[str, int]], served: dict[str, int]) -> dict[str, dict[str, float]]:
    lanes: dict[str, dict[str, float]] = defaultdict(dict)
    for user, standing in users.items():
        for lane, head in standing.items():
            if ":" in lane:
                entry = f"{max(head, served[user]):016d}:{head:016d}:{user}"
                lanes[lane][entry] = float(standing.get("running", 0))
    return dict(lanes)


async def _counts(redis: Redis, name: str) -> dict[str, int]:
    """What is counted. Of servers and of calls the same hash tells in texts, and of the last order and window."""
    fields = cast(dict[bytes, bytes], await redis.hgetall(name))
    told = {key.decode(): value for key, value in fields.items()}
    return {
        key: int(value)
        for key, value in told.items()
        if value != b"0" and (key.startswith(("waiting:", "running:")) or key == "delayed")
    }


async def _zset(redis: Redis, name: str) -> dict[str, float]:
    entries = cast(list[tuple[bytes, float]], await redis.zrange(name, 0, -1, withscores=True))
    return {member.decode(): score for member, score in entries}


async def _hash(redis: Redis, name: str) -> dict[str, int]:
    fields = cast(dict[bytes, bytes], await redis.hgetall(name))
    return {key.decode(): int(value) for key, value in fields.items() if value not in (b"", b"0")}
