"""What counting costs a commit, how long counts live, and what a look at them costs."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from redis.asyncio import Redis

from adapters.redis.keys import PREFIX
from adapters.redis.tallies import RedisTallies
from domain.ports import Snapshot
from domain.values import Progress
from tests.redis.costs import counted
from tests.redis.desk import Desk, task_of, token_of
from tests.redis.outcomes import counted as counted_in

HOUR_S, DAY_S = 3600, 86_400
SLACK_S = 60


async def report(desk: Desk, before: Snapshot, bytes_done: int) -> Snapshot:
    progress = Progress(bytes_done=bytes_done)
    return await desk.change(before, task_of(before).report(token_of(before), desk.clock.now(), progress, None))


async def lives(redis: Redis, kind: str) -> list[int]:
    """How long the keys of this kind still live, in seconds."""
    return [await redis.ttl(name) async for name in redis.scan_iter(match=f"{PREFIX}{kind}:*")]


def longest(seconds: Sequence[int]) -> int:
    return max(seconds, default=0)


async def test_counts_are_forgotten_when_nobody_asks_for_them_any_more(desk: Desk) -> None:
    await desk.complete(await report(desk, await desk.at_work("1"), 100))
    minutes, users = await lives(desk.redis, "tally"), await lives(desk.redis, "moved")
    assert min(minutes) > 0
    assert 26 * HOUR_S - SLACK_S < longest(minutes) <= 26 * HOUR_S
    assert min(users) > 0
    assert 8 * DAY_S - SLACK_S < longest(users) <= 8 * DAY_S


async def test_an_end_with_bytes_costs_three_commands(desk: Desk) -> None:
    running = [await report(desk, await desk.at_work(task_id), 10) for task_id in ("1", "2", "3")]
    for each in running[:2]:
        await desk.complete(each)
    progress = Progress(bytes_done=15)
    task = task_of(running[2]).report(token_of(running[2]), desk.clock.now(), progress, None)
    async with counted(desk.redis) as cost:
        await desk.change(running[2], task.fail(task.lease.token if task.lease else (0, ""), "x", desk.clock.now()))
    # The minute may be a new one, whose first counts give their keys an end.
    assert cost.commands["hincrby"] == 3  # one of them is the queue's
    assert cost.commands["zincrby"] == 1
    assert cost.commands["expire"] <= 3
    assert (await counted_in(desk)).bytes_done == 35


async def test_a_commit_that_changes_nothing_of_the_kind_costs_nothing_more(desk: Desk) -> None:
    await desk.accept("1")
    accepted = await desk.load("1")
    async with counted(desk.redis) as cost:
        await desk.change(accepted, task_of(accepted).learn(("2026-01-01T00:00:00+00:00,x",)))
    assert not {"zincrby", "expire"} & cost.commands.keys()


async def test_a_day_is_read_at_once(desk: Desk) -> None:
    async with counted(desk.redis) as cost:
        await RedisTallies(desk.endpoints).by_minute(range(1000 * 60 + 7, 1024 * 60 + 8))
    assert cost.commands == {"hgetall": 25}
    assert cost.reads == 1


@pytest.mark.parametrize("users", [3, 300])
async def test_a_look_costs_the_same_however_many_users_there_are(desk: Desk, users: int) -> None:
    quarters = range(1000, 1029)
    for quarter in quarters:
        await desk.redis.zadd(f"{PREFIX}moved:{quarter}", {f"user-{number}": number for number in range(users)})
    tallies = RedisTallies(desk.endpoints)
    async with counted(desk.redis) as cost:
        found = await tallies.moved(quarters, ["nobody"], 2)
    assert found.keys() == {"nobody", f"user-{users - 1}", f"user-{users - 2}"}
    assert cost.commands == {"zrevrange": len(quarters), "zmscore": len(quarters)}
