"""Writing back what a fail-over lost: leases, orders and outcomes, by ordinary commits (design §5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.redis.endpoints import RedisEndpoints
from domain.dispatch import Limits
from domain.ports import StoreUnavailable
from domain.task import Task
from domain.values import Priority, TaskStatus
from tests.redis import queue_keys
from tests.redis.desk import Desk, document, task_of, token_of
from tests.redis.office import Office
from tests.redis.queue_history import History, steps
from tests.redis.rewound import Rewound, tasks_at

LIVE = "dms:scheduler:live"


@pytest.fixture
def rewound(desk: Desk) -> Rewound:
    return Rewound(desk)


async def assert_queue_follows(desk: Desk, *tasks: Task) -> None:
    """The queue is what these ledgers imply, whoever's turn it was."""
    stands = await queue_keys.found(desk.redis)
    implied = queue_keys.expected(tasks, still_delayed=stands.delayed)
    assert replace(stands, served=set()) == implied


async def order_of_next(desk: Desk) -> int:
    return task_of(await desk.accept("99", user_id="zoe")).order


# --- what was lost ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lost", ["its claim", "its ledger"])
async def test_work_whose_claim_or_ledger_was_lost_has_its_lease_again(desk: Desk, rewound: Rewound, lost: str) -> None:
    await desk.accept("1", user_id="bob")
    await desk.put("2", document("2"))
    if lost == "its ledger":
        await rewound.keep()
    await desk.accept_as_it_stands("2")
    if lost == "its claim":
        await rewound.keep()
    await desk.claim(1)
    (claimed,) = await desk.claim(1)
    running = await desk.start(claimed)
    await rewound.back()
    (restored,) = await rewound.restore([task_of(running)])
    assert restored == await desk.load("2")
    assert task_of(restored) == task_of(running)
    await assert_queue_follows(desk, task_of(restored), *await tasks_at(desk, "1"))
    lease = task_of(restored).lease
    assert lease is not None
    assert await desk.queue.renew({"2": lease}, 60.0) == frozenset()
    assert await desk.queue.take_over("replica-2", desk.nonces(2), 60.0) == []
    ended = await desk.complete(restored)
    await assert_queue_follows(desk, task_of(ended), *await tasks_at(desk, "1"))


async def test_a_lease_that_is_written_back_ends_at_once(desk: Desk, rewound: Rewound) -> None:
    await rewound.keep()
    running = await desk.at_work("1")
    await rewound.back()
    await rewound.restore([task_of(running)])
    seconds, _ = await desk.redis.time()
    assert 0 < float(await desk.redis.zscore(LIVE, "1") or 0) <= (seconds + 1) * 1000
    (taken,) = await desk.queue.take_over("replica-2", desk.nonces(2), 60.0)
    assert task_of(taken).lease != task_of(running).lease


async def test_a_fencing_epoch_never_goes_back(desk: Desk, rewound: Rewound) -> None:
    await rewound.keep()
    running = await desk.at_work("1")
    for _ in range(3):
        await desk.redis.zadd(LIVE, {"1": 1})
        (running,) = await desk.queue.take_over("replica-2", desk.nonces(1), 60.0)
    lease = task_of(running).lease
    assert lease is not None
    assert lease.epoch == 4
    await rewound.back()
    await rewound.restore([task_of(running)])
    assert task_of(await desk.load("1")).lease == lease
    await desk.redis.zadd(LIVE, {"1": 1})
    (taken,) = await desk.queue.take_over("replica-3", desk.nonces(1), 60.0)
    assert token_of(taken)[0] == 5


async def test_a_take_over_that_was_lost_is_written_back_over_the_lease_before_it(desk: Desk, rewound: Rewound) -> None:
    running = await desk.at_work("1")
    await rewound.keep()
    await desk.redis.zadd(LIVE, {"1": 1})
    (taken,) = await desk.queue.take_over("replica-2", desk.nonces(1), 60.0)
    await rewound.back()
    await rewound.restore([task_of(taken)])
    lease, old = task_of(taken).lease, task_of(running).lease
    assert lease is not None
    assert old is not None
    assert await desk.queue.renew({"1": lease}, 60.0) == frozenset()
    assert await desk.queue.renew({"1": old}, 60.0) == {"1"}
    await assert_queue_follows(desk, task_of(taken))


async def test_an_outcome_that_was_lost_ends_the_task_again(desk: Desk, rewound: Rewound) -> None:
    running = await desk.at_work("1")
    await rewound.keep()
    ended = await desk.complete(running)
    await rewound.back()
    await rewound.restore([task_of(ended)])
    assert task_of(await desk.load("1")) == task_of(ended)
    assert (await desk.shown("1"))["status"] == "completed"
    assert await desk.redis.zscore("dms:scheduler:ended", "1") is not None
    await assert_queue_follows(desk, task_of(ended))


async def test_an_outcome_whose_whole_ledger_was_lost_is_there_again(desk: Desk, rewound: Rewound) -> None:
    await desk.put("1", document("1"))
    await rewound.keep()
    await desk.accept_as_it_stands("1")
    (claimed,) = await desk.claim()
    ended = await desk.complete(await desk.start(claimed))
    await rewound.back()
    await rewound.restore([task_of(ended)])
    assert (await desk.shown("1"))["status"] == "completed"
    await assert_queue_follows(desk, task_of(ended))


async def test_a_task_whose_record_was_lost_too_goes_on_without_one(desk: Desk, rewound: Rewound) -> None:
    await rewound.keep()
    running = await desk.at_work("1")
    await rewound.back()
    (restored,) = await rewound.restore([task_of(running)])
    assert task_of(restored).record_lost
    ended = await desk.complete(restored)
    assert task_of(ended).status is TaskStatus.COMPLETED
    assert await desk.raw("1") is None
    await assert_queue_follows(desk, task_of(ended))


async def test_a_retry_that_waits_is_written_back_with_its_moment(desk: Desk, rewound: Rewound) -> None:
    running = await desk.at_work("1")
    await rewound.keep()
    later = datetime.now(UTC) + timedelta(days=1)
    delayed = await desk.change(
        running, task_of(running).retry_later(token_of(running), "network", later, desk.clock.now())
    )
    await rewound.back()
    await rewound.restore([task_of(delayed)])
    assert task_of(await desk.load("1")).retry_at == later
    assert (await queue_keys.found(desk.redis)).delayed == {"1"}
    await assert_queue_follows(desk, task_of(delayed))
    assert await desk.claim() == []


async def test_records_are_not_settled_while_their_ledgers_may_come_back(desk: Desk, rewound: Rewound) -> None:
    await desk.put("1", document("1"))
    await desk.redis.sadd("index:tasks", "1")
    await rewound.keep()
    kept = task_of(await desk.accept_as_it_stands("1"))
    await rewound.back()
    with pytest.raises(StoreUnavailable, match="try again"):
        await Office(desk).settle()
    await rewound.restore([kept])
    assert task_of(await desk.load("1")).status is TaskStatus.PENDING


# --- orders -----------------------------------------------------------------------------------------------------


async def test_a_task_keeps_its_order_and_nobody_is_given_it_again(desk: Desk, rewound: Rewound) -> None:
    for number in ("1", "2", "3"):
        await desk.put(number, document(number, user_id=f"user-{number}"))
    await rewound.keep()
    kept = [task_of(await desk.accept_as_it_stands(number)) for number in ("1", "2", "3")]
    assert [task.order for task in kept] == [1, 2, 3]
    await rewound.back()
    await rewound.restore(reversed(kept))
    assert [task.order for task in await tasks_at(desk, "1", "2", "3")] == [1, 2, 3]
    await assert_queue_follows(desk, *kept)
    assert await order_of_next(desk) == 4
    assert [snapshot.task_id for snapshot in await desk.claim(3)] == ["1", "2", "3"]


async def test_a_task_that_was_accepted_again_meanwhile_gets_its_old_order_back(desk: Desk, rewound: Rewound) -> None:
    await desk.put("1", document("1"))
    await rewound.keep()
    kept = task_of(await desk.accept_as_it_stands("1"))
    high = task_of(await desk.change(await desk.load("1"), kept.change_priority(Priority.HIGH, desk.clock.now())))
    await rewound.back()
    await desk.accept("2")
    again = task_of(await desk.accept_as_it_stands("1"))
    assert again.order == 2
    await rewound.restore([high])
    (restored,) = await tasks_at(desk, "1")
    assert restored.order == 1
    await assert_queue_follows(desk, restored, *await tasks_at(desk, "2"))


# --- all of it --------------------------------------------------------------------------------------------------


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=settings().max_examples // 4)
@given(before=st.lists(steps, max_size=20), lost=st.lists(steps, min_size=1, max_size=25))
async def test_the_queue_is_what_the_restored_ledgers_imply(
    endpoints: RedisEndpoints, before: list[tuple[object, ...]], lost: list[tuple[object, ...]]
) -> None:
    await endpoints.write.flushall()
    endpoints.arrivals._window_ends = 0.0
    desk = Desk(endpoints, limits=Limits())
    rewound, played = Rewound(desk), History(desk)
    for step in before:
        await played.play(step)
    await rewound.keep()
    for step in lost:
        await played.play(step)
    kept = [task_of(snapshot) for snapshot in played.tasks.values()]
    records = {task.task_id: await desk.raw(task.task_id) for task in kept}
    await rewound.back()
    for task_id, raw in records.items():
        assert raw is not None
        await desk.put(task_id, raw)
    restored = [task_of(snapshot) for snapshot in await rewound.restore(kept)]
    assert [(task.status, task.lease, task.priority) for task in restored] == [
        (task.status, task.lease, task.priority) for task in kept
    ]
    await assert_queue_follows(desk, *restored)
