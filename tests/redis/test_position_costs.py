"""Asking where a task stands costs the same whatever waits, and three round trips."""

import pytest

from adapters.redis.queue_positions import RedisQueuePositions
from tests.redis.costs import counted
from tests.redis.crowd import FIRST_ID, let_wait
from tests.redis.desk import Desk, task_of

ROUND_TRIPS = 3


@pytest.mark.parametrize("users", [1, 40])
async def test_a_position_costs_the_same_whatever_waits(desk: Desk, users: int) -> None:
    costs = []
    for number in (40, 10_000):
        await desk.redis.flushall()
        await let_wait(desk, number, users=users)
        last = task_of(await desk.load(str(FIRST_ID + number - 1)))
        positions = RedisQueuePositions(desk.endpoints)
        await positions.of(last)
        async with counted(desk.redis) as cost:
            position = await positions.of(last)
        assert (position.earlier_own, position.users_before) == (number // users - 1, users - 1)
        assert cost.reads == ROUND_TRIPS
        costs.append(cost.commands)
    few, many = costs
    assert many == few
