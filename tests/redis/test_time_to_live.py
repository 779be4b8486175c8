"""Who lives how long: a record as long as its frontend said, a ledger while its task lives, and then a day more."""

import pytest

from domain.task import Task
from domain.values import Priority
from tests.redis.desk import TTL_MS, Desk, record_of, task_of
from tests.redis.interference import Steps
from tests.redis.lives import LIVES, Life, live

DAY_MS = 86_400_000
LONGEST_MS = 180 * DAY_MS
NEVER, GONE = -1, -2
SLACK_MS = 60_000
"""A test takes less, and no two of the times that are told apart here are so close."""

LEDGER = "dms:scheduler:task:10"


@pytest.mark.parametrize("ttl_ms", [TTL_MS, None])
@pytest.mark.parametrize("life", LIVES)
async def test_no_step_moves_the_end_of_a_record(desk: Desk, life: Life, ttl_ms: int | None) -> None:
    ends: list[int] = []

    async def look() -> None:
        ends.append(await desk.redis.pexpiretime("task:10"))

    steps = Steps(None, look)
    await live(life, desk, steps, ttl_ms)
    assert steps.taken >= 2
    assert set(ends) == {ends[0]}
    assert (ends[0] == NEVER) == (ttl_ms is None)


@pytest.mark.parametrize("life", LIVES)
async def test_a_ledger_has_an_end_only_when_its_task_has_ended(desk: Desk, life: Life) -> None:
    async def look() -> None:
        task, left = (await desk.load("10")).task, await desk.redis.pttl(LEDGER)
        if task is None:
            assert left == GONE
        elif task.is_terminal:
            assert TTL_MS + DAY_MS - SLACK_MS < left <= TTL_MS + DAY_MS
        else:
            assert left == NEVER

    await live(life, desk, Steps(None, look))


async def test_the_ledger_of_a_record_that_never_ends_is_kept_for_half_a_year(desk: Desk) -> None:
    await desk.put("10", {"task_id": "10", "service": "sync", "user_id": "alice", "status": "pending"}, None)
    loaded = await desk.load("10")
    await desk.change(loaded, Task.refuse(record_of(loaded), "no such path", desk.clock.now()))
    assert LONGEST_MS - SLACK_MS < await desk.redis.pttl(LEDGER) <= LONGEST_MS + DAY_MS


async def test_the_ledger_of_a_record_that_has_gone_is_kept_for_a_day(desk: Desk) -> None:
    running = await desk.at_work("10")
    await desk.redis.delete("task:10")
    ended = await desk.complete(await desk.load(running.task_id))
    assert ended.record is None
    assert DAY_MS - SLACK_MS < await desk.redis.pttl(LEDGER) <= DAY_MS


async def test_a_task_that_is_opened_again_has_a_ledger_without_an_end(desk: Desk) -> None:
    accepted = await desk.accept("10")
    cancelled = await desk.change(accepted, task_of(accepted).request_cancel(desk.clock.now()))
    assert await desk.redis.pttl(LEDGER) > 0
    reopened = await desk.change(cancelled, task_of(cancelled).reopen(desk.clock.now()))
    assert await desk.redis.pttl(LEDGER) == NEVER
    await desk.claim()
    assert await desk.redis.pttl(LEDGER) == NEVER
    assert task_of(reopened).priority is Priority.LOW
