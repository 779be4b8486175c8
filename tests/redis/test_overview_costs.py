"""What the console asks every few seconds costs the same whatever waits."""

from __future__ import annotations

import asyncio

from adapters.redis.listing import RedisTaskListing
from adapters.redis.waiting_users import RedisWaitingUsers
from domain.ports import TaskFilter
from domain.values import TaskStatus
from tests.redis.costs import Cost, counted
from tests.redis.crowd import let_wait
from tests.redis.desk import Desk

FAILED = TaskFilter(status=TaskStatus.FAILED)
USERS = 20


async def cost_with(desk: Desk, number: int) -> Cost:
    """Return what an overview costs beside so many tasks that wait."""
    await desk.redis.flushall()
    await let_wait(desk, number, users=USERS)
    await desk.claim(10)
    listing, waiting = RedisTaskListing(desk.endpoints), RedisWaitingUsers(desk.endpoints)

    async def look() -> tuple[int, int]:
        at_work, waits, _ = await asyncio.gather(
            listing.at_work(100), waiting.most_per_lane(100), listing.page(FAILED, None, 100)
        )
        return len(at_work), sum(each.count for each in waits)

    await look()
    async with counted(desk.redis) as cost:
        seen = await look()
    assert seen == (10, number - 10)
    return cost


async def test_an_overview_costs_the_same_whatever_waits(desk: Desk) -> None:
    few, many = [await cost_with(desk, number) for number in (100, 10_000)]
    assert many.commands == few.commands
