"""The queue's keys after random histories, and what no history of whole ledgers can show."""

from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.redis.endpoints import RedisEndpoints
from application.cancel import Cancellation, CancelTask
from application.ledger import Ledger
from domain.dispatch import Limits
from domain.errors import MalformedRecord
from domain.ports import Snapshot
from domain.values import Priority, TaskStatus
from tests.redis import queue_keys
from tests.redis.desk import Desk, task_of, token_of
from tests.redis.queue_history import History, limits, steps

COUNTS = "dms:scheduler:counts"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=settings().max_examples // 3)
@given(limits=limits, history=st.lists(steps, min_size=20, max_size=60))
async def test_the_queue_is_what_the_ledgers_imply(
    endpoints: RedisEndpoints, limits: Limits, history: list[tuple[object, ...]]
) -> None:
    await endpoints.write.flushall()
    played = History(Desk(endpoints, limits=limits))
    for step in history:
        await played.play(step)
        await played.check()
    await played.finish()
    await played.check()


@pytest.mark.parametrize("way_back", ["handed back", "tried again", "of another priority"])
async def test_a_turn_is_remembered_while_the_users_only_task_changes_its_place(desk: Desk, way_back: str) -> None:
    await desk.accept("1", user_id="alice", priority="high")
    await desk.accept("2", user_id="bob", priority="high")
    (first,) = await desk.claim()
    at, token = desk.clock.now(), token_of(first)
    match way_back:
        case "handed back":
            await desk.change(first, task_of(first).hand_back(token, at, "shutdown"))
        case "tried again":
            past = datetime.now(UTC) - timedelta(seconds=5)
            await desk.change(first, task_of(first).dispatch(token, at).retry_later(token, "network", past, at))
        case _:
            back = await desk.change(first, task_of(first).hand_back(token, at, "shutdown"))
            low = await desk.change(back, task_of(back).change_priority(Priority.LOW, at))
            await desk.change(low, task_of(low).change_priority(Priority.HIGH, at))
    assert [snapshot.task_id for snapshot in await desk.claim(2)] == ["2", "1"]


# --- a retry that a claim found due, which changes no ledger ----------------------------------------------------


async def due_in_its_lane(desk: Desk) -> Snapshot:
    """A task that waited for its retry and now stands in its lane, though its ledger says that it is delayed."""
    running = await desk.at_work("1")
    past = datetime.now(UTC) - timedelta(seconds=5)
    delayed = await desk.change(
        running, task_of(running).retry_later(token_of(running), "network", past, desk.clock.now())
    )
    assert await desk.claim(0) == []
    assert await desk.redis.zrange("dms:scheduler:queue:low:sync:alice", 0, -1) == [b"1"]
    assert delayed == await desk.load("1")
    return delayed


async def test_a_due_task_is_cancelled_out_of_its_lane(desk: Desk) -> None:
    delayed = await due_in_its_lane(desk)
    cancelled = await desk.change(delayed, task_of(delayed).request_cancel(desk.clock.now()))
    assert task_of(cancelled).status is TaskStatus.CANCELLED
    assert await desk.claim() == []
    assert await queue_keys.found(desk.redis) == queue_keys.expected([task_of(cancelled)])


async def test_a_due_task_moves_to_its_new_priority(desk: Desk) -> None:
    delayed = await due_in_its_lane(desk)
    await desk.accept("2", priority="high", user_id="bob")
    await desk.change(delayed, task_of(delayed).change_priority(Priority.HIGH, desk.clock.now()))
    assert [snapshot.task_id for snapshot in await desk.claim(3)] == ["1", "2"]


async def test_a_due_task_whose_id_was_given_to_another_leaves_nothing_behind(desk: Desk) -> None:
    await due_in_its_lane(desk)
    fresh = await desk.accept("1", user_id="bob", created_at="2026-03-13T00:00:00+00:00")
    assert await queue_keys.found(desk.redis) == queue_keys.expected([task_of(fresh)])


async def test_no_slot_stays_free_while_more_retries_are_due_than_one_batch_holds(desk: Desk) -> None:
    blocked_user = Desk(desk.endpoints, limits=Limits(per_user=1))
    past = datetime.now(UTC) - timedelta(seconds=5)
    for number in range(1, 131):
        # The last of them is bob's; all others' user is at the limit.
        await desk.accept(str(number), user_id="bob" if number == 130 else "alice")
    for snapshot in await desk.claim(130):
        delay = timedelta(seconds=1) if snapshot.task_id == "130" else timedelta()
        later = task_of(snapshot).dispatch(token_of(snapshot), desk.clock.now())
        later = later.retry_later(token_of(snapshot), "network", past + delay, desk.clock.now())
        await desk.change(snapshot, later)
    claimed = await blocked_user.claim(3)
    assert {task_of(snapshot).user_id for snapshot in claimed} == {"alice", "bob"}


# --- what only Redis can lose -----------------------------------------------------------------------------------


async def test_a_task_whose_ledger_was_lost_gives_its_slot_back(desk: Desk) -> None:
    await desk.accept("1")
    await desk.accept("2")
    await desk.redis.delete("dms:scheduler:task:1")
    (claimed,) = await desk.claim(3)
    assert claimed.task_id == "2"
    assert await queue_keys.found(desk.redis) == queue_keys.expected([task_of(claimed)], users_served=["alice"])


@pytest.mark.parametrize("broken", [b"", b"junk", b"\xff\xfe", b"1 2 3 - -\n{}", b"1 2 3 - -\nnull", b"x 2 3 - -\n{}"])
async def test_a_ledger_that_nobody_can_read_keeps_nobody_else_from_being_served(desk: Desk, broken: bytes) -> None:
    await desk.accept("1")
    await desk.accept("2", user_id="bob")
    await desk.redis.set("dms:scheduler:task:1", broken)
    assert (await desk.load("1")).malformed.startswith("its ledger cannot be read")
    assert [snapshot.task_id for snapshot in await desk.claim(3)] == ["2"]
    await desk.redis.zadd("dms:scheduler:live", {"1": 1, "2": 2})
    taken = await desk.queue.take_over("replica-2", desk.nonces(5), 60.0)
    assert [snapshot.task_id for snapshot in taken] == ["2"]


async def test_an_unreadable_ledger_is_never_overwritten(desk: Desk) -> None:
    await desk.accept("1")
    await desk.redis.set("dms:scheduler:task:1", b"9 1 1 - -\nof a newer version")
    snapshot = await desk.load("1")
    assert (snapshot.task, snapshot.record) == (None, None)
    with pytest.raises(MalformedRecord):
        await CancelTask(Ledger(desk.store, desk.clock))(Cancellation("1", "sync", "alice"))
    assert await desk.redis.get("dms:scheduler:task:1") == b"9 1 1 - -\nof a newer version"


async def test_services_that_are_no_longer_used_are_forgotten(desk: Desk) -> None:
    for number in range(1, 101):
        await desk.accept(str(number), service=f"service-{number}")
    for snapshot in await desk.claim(100):
        await desk.change(snapshot, task_of(snapshot).fail(token_of(snapshot), "unknown", desk.clock.now()))
    assert await desk.redis.hlen(COUNTS) > 100
    await desk.claim()
    kinds = {field.decode().partition(":")[0] for field in cast(list[bytes], await desk.redis.hkeys(COUNTS))}
    assert not kinds & {"waiting", "running"}
