"""What a task costs in Redis commands and round trips, whatever else waits (design §4, §5)."""

from collections import Counter

import pytest

from tests.redis import queue_keys
from tests.redis.costs import Cost, counted
from tests.redis.crowd import FIRST_ID, let_wait
from tests.redis.desk import Desk, document, task_of
from tests.redis.office import Office

MOST_COMMANDS = 40
MOST_ROUND_TRIPS = 6


async def warm_up(office: Office) -> None:
    """Load every script, and open the connection."""
    await office.desk.put("1", document("1"))
    await office.submit("1")
    await office.work()


async def cost_of_a_quick_task(office: Office, task_id: str) -> Cost:
    await office.desk.put(task_id, document(task_id, user_id="carol"))
    async with counted(office.desk.redis) as cost:
        await office.submit(task_id, user_id="carol")
        assert await office.work(1) == 1
    assert (await office.desk.shown(task_id))["status"] == "completed"
    return cost


async def test_a_quick_task_costs_little(desk: Desk) -> None:
    office = Office(desk)
    await warm_up(office)
    cost = await cost_of_a_quick_task(office, "10")
    assert cost.total <= MOST_COMMANDS, cost.commands
    assert cost.reads <= MOST_ROUND_TRIPS


async def test_the_crowd_is_what_commits_would_have_written(desk: Desk) -> None:
    await let_wait(desk, 25, users=7)
    ids = [str(FIRST_ID + number) for number in range(25)]
    tasks = [task_of(snapshot) for snapshot in await desk.store.load(ids)]
    assert await queue_keys.found(desk.redis) == queue_keys.expected(tasks)


@pytest.mark.parametrize("tasks_per_user", [2, 10, None])
async def test_a_claim_costs_the_same_whatever_waits(desk: Desk, tasks_per_user: int | None) -> None:
    await warm_up(Office(desk))
    costs: list[Counter[str]] = []
    for number in (40, 10_000):
        await desk.redis.flushall()
        await let_wait(desk, number, users=number // tasks_per_user if tasks_per_user else 1)
        async with counted(desk.redis) as cost:
            assert len(await desk.claim(4)) == 4
        costs.append(cost.commands)
    few, many = costs
    assert many == few


async def test_a_cancel_and_a_move_cost_the_same_whatever_waits(desk: Desk) -> None:
    office = Office(desk)
    costs: list[Counter[str]] = []
    for number in (10, 10_000):
        await desk.redis.flushall()
        await let_wait(desk, number, users=1)
        await desk.accept("1", user_id="user-0")
        await office.change_priority("1")  # loads the scripts
        await desk.accept("2", user_id="user-0")
        async with counted(desk.redis) as cost:
            await office.change_priority("2")
            await office.cancel("1", user_id="user-0")
        costs.append(cost.commands)
    few, many = costs
    assert many == few


async def test_one_user_with_many_tasks_does_not_delay_another(desk: Desk) -> None:
    await let_wait(desk, 10_000, users=1)
    await desk.accept("1", user_id="bob")
    assert [snapshot.task_id for snapshot in await desk.claim(2)] == [str(FIRST_ID), "1"]
