"""The memory adapters' simulated fail-overs, and what they remember of calls."""

from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from adapters.memory import MemoryDatabase, MemoryRecordWatch
from adapters.memory.calls import KEPT_S
from domain.blocks import Block
from domain.dispatch import Limits
from domain.ports import Notice, RecordsChanged, StoreReplaced, WatchLost, WatchProved, WorkWaits
from tests.stores.memory_harness import MemoryHarness
from tests.stores.observer import next_of
from tests.stores.story import LEASE_S, Story

WINDOW_S = 5.0
CAPACITY = 10


@pytest.fixture
def harness() -> MemoryHarness:
    return MemoryHarness()


@pytest.fixture
def story(harness: MemoryHarness) -> Story:
    return Story(harness)


@pytest.fixture
async def notices(harness: MemoryHarness) -> AsyncIterator[AsyncIterator[Notice]]:
    """The notices of a small watch that stands already."""
    async with aclosing(MemoryRecordWatch(harness.database, CAPACITY).notices()) as notices:
        assert await anext(notices) == WatchProved()
        yield notices


# --- what is saved ---------------------------------------------------------------------------------------------


async def test_what_is_saved_stays_as_it_is(harness: MemoryHarness, story: Story) -> None:
    await story.retry_later(await story.at_work("1"), harness.now())
    await story.accept("2")
    saved = harness.database.save()
    for state in (saved, saved.save(), saved):
        harness.database.fail_over(state, WINDOW_S)
        await harness.end_window()
        assert not (await harness.blocks.page()).users
        assert await story.claim_ids(3) == ["1", "2"]
        await story.refuse("2")
        await harness.frontend.delete("1")
        await harness.blocks.set_user("alice", Block())


async def test_a_saved_state_is_a_database_like_any_other(harness: MemoryHarness, story: Story) -> None:
    accepted = await story.accept("1")
    saved = harness.database.save()
    assert saved.snapshot("1") == accepted
    assert not saved.changes.inboxes


async def test_a_new_database_has_lost_everything(harness: MemoryHarness, story: Story) -> None:
    await story.at_work("1")
    harness.database.fail_over(MemoryDatabase(harness.time, harness.time.monotonic), WINDOW_S)
    assert (await story.load("1")).task is None
    await story.accept("1")
    await harness.end_window()
    assert await story.claim_ids() == ["1"]


async def test_ids_come_again(harness: MemoryHarness) -> None:
    assert await harness.frontend.next_id() == "1"
    saved = harness.database.save()
    assert [await harness.frontend.next_id() for _ in range(2)] == ["2", "3"]
    harness.database.fail_over(saved, WINDOW_S)
    assert await harness.frontend.next_id() == "2"


async def test_time_goes_on(harness: MemoryHarness, story: Story) -> None:
    await story.at_work("1")
    saved = harness.database.save()
    harness.time.seconds += LEASE_S
    harness.database.fail_over(saved, WINDOW_S)
    assert await harness.lease_left_s("1") == 0
    assert harness.database.window_left_s == WINDOW_S
    harness.time.seconds += WINDOW_S - 0.5
    assert list(await story.take_over()) == []
    harness.time.seconds += 0.5
    assert [snapshot.task_id for snapshot in await story.take_over()] == ["1"]


# --- watches ---------------------------------------------------------------------------------------------------


async def test_a_watch_is_told_in_this_order(
    harness: MemoryHarness, story: Story, notices: AsyncIterator[Notice]
) -> None:
    saved = harness.database.save()
    await story.accept("1")
    harness.database.fail_over(saved, WINDOW_S)
    told = await next_of(notices, 5)
    assert told[:3] == [WatchLost(), StoreReplaced(WINDOW_S), WatchProved()]
    assert told[3:] == [RecordsChanged(frozenset({"1"})), WorkWaits()]
    await story.register("2")
    assert await next_of(notices, 1) == [RecordsChanged(frozenset({"2"}))]


async def test_a_reader_that_fell_behind_too_is_told_once(
    harness: MemoryHarness, story: Story, notices: AsyncIterator[Notice]
) -> None:
    for number in range(CAPACITY + 1):
        await story.register(str(number))
    harness.database.fail_over(harness.database.save(), WINDOW_S)
    assert await next_of(notices, 3) == [WatchLost(), StoreReplaced(WINDOW_S), WatchProved()]
    await story.register("99")
    assert await next_of(notices, 1) == [RecordsChanged(frozenset({"99"}))]


async def test_a_watch_that_begins_within_the_window_is_told_what_is_left_of_it(harness: MemoryHarness) -> None:
    harness.database.fail_over(harness.database.save(), WINDOW_S)
    harness.time.seconds += 2
    async with aclosing(MemoryRecordWatch(harness.database).notices()) as late:
        assert await next_of(late, 2) == [StoreReplaced(WINDOW_S - 2), WatchProved()]
    await harness.end_window()
    async with aclosing(MemoryRecordWatch(harness.database).notices()) as later:
        assert await next_of(later, 1) == [WatchProved()]


# --- calls -----------------------------------------------------------------------------------------------------


async def test_the_calls_of_owners_that_are_gone_are_forgotten(harness: MemoryHarness, story: Story) -> None:
    for number in range(20):
        await story.accept(str(number))
        await harness.queue.claim(f"gone-{number}", ["a1"], Limits(), LEASE_S)
    harness.time.seconds += KEPT_S
    await story.accept("50")
    claimed = await harness.queue.claim("replica-1", ["b2"], Limits(), LEASE_S)
    assert list(await harness.queue.claim("gone-19", ["a1"], Limits(), LEASE_S)) != []
    harness.time.seconds += 1
    await story.accept("51")
    await harness.queue.claim("replica-2", ["c3"], Limits(), LEASE_S)
    assert list(await harness.queue.claim("gone-19", ["a1"], Limits(), LEASE_S)) == []
    assert list(await harness.queue.claim("replica-1", ["b2"], Limits(), LEASE_S)) == list(claimed)
