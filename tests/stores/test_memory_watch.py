"""The memory adapters' watch: what is bounded in it, and what it leaves behind."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from adapters.memory import MemoryRecordWatch
from domain.ports import Notice, RecordsChanged, WatchLost, WatchProved, WorkWaits
from tests.stores.memory_harness import MemoryHarness
from tests.stores.observer import next_of
from tests.stores.story import Story

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


async def test_a_task_that_changes_often_is_told_once(story: Story, notices: AsyncIterator[Notice]) -> None:
    for _ in range(10):
        await story.register("1")
    assert await next_of(notices, 1) == [RecordsChanged(frozenset({"1"}))]


async def test_changes_and_work_are_told_apart(story: Story, notices: AsyncIterator[Notice]) -> None:
    await story.accept("1")
    assert await next_of(notices, 2) == [RecordsChanged(frozenset({"1"})), WorkWaits()]


async def test_a_reader_that_falls_behind_is_told_to_sweep(story: Story, notices: AsyncIterator[Notice]) -> None:
    for number in range(CAPACITY + 1):
        await story.register(str(number))
    await story.register("99")
    assert await next_of(notices, 3) == [WatchLost(), WatchProved(), RecordsChanged(frozenset({"99"}))]


async def test_a_full_inbox_is_not_yet_too_full(story: Story, notices: AsyncIterator[Notice]) -> None:
    ids = frozenset(str(number) for number in range(CAPACITY))
    for task_id in ids:
        await story.register(task_id)
    assert await next_of(notices, 1) == [RecordsChanged(ids)]


async def test_a_watch_that_nobody_reads_any_more_keeps_nothing(harness: MemoryHarness) -> None:
    changes = harness.database.changes
    async with aclosing(MemoryRecordWatch(harness.database).notices()) as notices:
        await anext(notices)
        assert len(changes.inboxes) == 1
    assert not changes.inboxes

    async def listen() -> None:
        async for _ in MemoryRecordWatch(harness.database).notices():
            pass

    listening = asyncio.create_task(listen())
    await asyncio.sleep(0)
    assert len(changes.inboxes) == 1
    listening.cancel()
    await asyncio.wait([listening])
    assert not changes.inboxes
