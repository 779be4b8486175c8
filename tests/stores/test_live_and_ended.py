"""The port `TaskStore`: which tasks are live, and which have ended lately."""

from collections.abc import AsyncIterator

import pytest

from domain.task import Task
from tests.stores.harness import StoreHarness
from tests.stores.story import Story, task_of

HOUR_S = 3_600.0


async def pages_of_live_ids(store: StoreHarness, limit: int) -> AsyncIterator[list[str]]:
    after = ""
    while page := list(await store.tasks.live_ids(after, limit)):
        assert len(page) <= limit
        yield page
        after = page[-1]


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
async def test_pages_hold_every_live_task_once(store: StoreHarness, story: Story, limit: int) -> None:
    for number in (3, 20, 1, 100, 9):
        await story.accept(str(number))
    await story.refuse("5")
    ids = [task_id async for page in pages_of_live_ids(store, limit) for task_id in page]
    assert sorted(ids) == sorted(["3", "20", "1", "100", "9"])


async def test_pages_go_on_behind_an_id_that_has_ended_meanwhile(store: StoreHarness, story: Story) -> None:
    for number in range(1, 7):
        await story.accept(str(number))
    pages = pages_of_live_ids(store, 2)
    first = await anext(pages)
    ending = await story.load(first[-1])
    await story.change(ending, task_of(ending).request_cancel(story.at()))
    rest = [task_id async for page in pages for task_id in page]
    assert sorted(first + rest) == [str(number) for number in range(1, 7)]


async def test_a_leased_task_stays_live_until_its_end(store: StoreHarness, story: Story) -> None:
    running = await story.at_work("1")
    assert list(await store.tasks.live_ids()) == ["1"]
    await story.complete(running)
    assert list(await store.tasks.live_ids()) == []


async def test_ended_tasks_come_latest_first(store: StoreHarness, story: Story) -> None:
    for task_id in ("2", "10", "1"):
        await story.refuse(task_id)
    await story.accept("3")
    assert list(await store.tasks.recently_ended_ids(HOUR_S)) == ["1", "10", "2"]


async def test_tasks_that_ended_earlier_are_left_out(store: StoreHarness, story: Story) -> None:
    await story.refuse("1")
    await store.age_ended(2 * HOUR_S)
    await story.refuse("2")
    assert list(await store.tasks.recently_ended_ids(HOUR_S)) == ["2"]
    assert list(await store.tasks.recently_ended_ids(3 * HOUR_S)) == ["2", "1"]


async def test_an_end_is_counted_once_however_often_the_ledger_is_written(store: StoreHarness, story: Story) -> None:
    first = await story.refuse("1")
    await story.refuse("2")
    await store.tasks.commit(first, first.task, first.record)
    assert list(await store.tasks.recently_ended_ids(HOUR_S)) == ["2", "1"]


async def test_a_reopened_task_has_not_ended(store: StoreHarness, story: Story) -> None:
    failed = await story.refuse("1")
    await story.change(failed, task_of(failed).reopen(story.at()))
    assert list(await store.tasks.recently_ended_ids(HOUR_S)) == []
    assert list(await store.tasks.live_ids()) == ["1"]


async def test_an_id_that_is_used_again_has_not_ended(store: StoreHarness, story: Story) -> None:
    await story.refuse("1")
    record = await story.register("1")
    await story.change(await story.load("1"), Task.accept(record, story.at()))
    assert list(await store.tasks.recently_ended_ids(HOUR_S)) == []
    assert list(await store.tasks.live_ids()) == ["1"]
