"""The port `TaskListing`."""

import pytest

from domain.failures import FailureKind
from domain.ports import TaskFilter
from domain.task import Task
from domain.values import TaskStatus
from tests.stores.harness import StoreHarness
from tests.stores.story import Story, task_of

EVERY_TASK = TaskFilter()


async def pages(store: StoreHarness, wanted: TaskFilter, limit: int) -> list[Task]:
    listed: list[Task] = []
    cursor: str | None = None
    while True:
        page = await store.listing.page(wanted, cursor, limit)
        assert len(page.tasks) <= limit
        listed += page.tasks
        if page.cursor is None:
            return listed
        cursor = page.cursor


async def listed_ids(store: StoreHarness, wanted: TaskFilter = EVERY_TASK, limit: int = 100) -> list[str]:
    return [task.task_id for task in await pages(store, wanted, limit)]


async def test_no_tasks(store: StoreHarness) -> None:
    page = await store.listing.page(EVERY_TASK, None, 10)
    assert (list(page.tasks), page.cursor) == ([], None)


async def test_a_task_is_listed_as_it_stands(store: StoreHarness, story: Story) -> None:
    accepted = await story.accept("1")
    assert await pages(store, EVERY_TASK, 10) == [task_of(accepted)]
    (claimed,) = await story.claim()
    assert await pages(store, EVERY_TASK, 10) == [task_of(claimed)]


async def test_a_record_that_was_not_submitted_is_no_task(store: StoreHarness, story: Story) -> None:
    await story.register("1")
    assert await listed_ids(store) == []


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7])
async def test_live_tasks_come_first_then_ended_ones_the_latest_first(
    store: StoreHarness, story: Story, limit: int
) -> None:
    for task_id in ("9", "10", "2"):
        await story.accept(task_id)
    for task_id in ("100", "1", "99"):
        await story.refuse(task_id)
    assert await listed_ids(store, limit=limit) == ["10", "9", "2", "99", "1", "100"]


@pytest.mark.parametrize("limit", [1, 2, 100])
async def test_filters(store: StoreHarness, story: Story, limit: int) -> None:
    await story.accept("1", service="sync", user_id="alice")
    await story.accept("2", service="cp", user_id="alice")
    await story.accept("3", service="sync", user_id="bob")
    await story.refuse("4")

    async def ids(wanted: TaskFilter) -> list[str]:
        return await listed_ids(store, wanted, limit)

    assert await ids(TaskFilter(status=TaskStatus.PENDING)) == ["3", "2", "1"]
    assert await ids(TaskFilter(status=TaskStatus.FAILED)) == ["4"]
    assert await ids(TaskFilter(status=TaskStatus.RUNNING)) == []
    assert await ids(TaskFilter(user_id="alice")) == ["2", "1", "4"]
    assert await ids(TaskFilter(service="sync", user_id="alice")) == ["1", "4"]
    assert await ids(TaskFilter(TaskStatus.PENDING, "bob", "sync")) == ["3"]
    assert await ids(TaskFilter(user_id="nobody")) == []
    assert await ids(TaskFilter(failure=FailureKind.REFUSED)) == ["4"]
    assert await ids(TaskFilter(failure=FailureKind.STORAGE)) == []
    assert await ids(TaskFilter(status=TaskStatus.PENDING, failure=FailureKind.REFUSED)) == []


@pytest.mark.slow
async def test_a_rare_task_among_many_is_found(store: StoreHarness, story: Story) -> None:
    await story.accept("0", user_id="bob")
    for number in range(1, 6_001):
        await story.accept(str(number))
    assert await listed_ids(store, TaskFilter(user_id="bob")) == ["0"]


async def test_paging_goes_on_while_tasks_come_and_end(store: StoreHarness, story: Story) -> None:
    for number in range(1, 6):
        await story.accept(str(number))
    first = await store.listing.page(EVERY_TASK, None, 2)
    shown = {task.task_id for task in first.tasks}
    await story.accept("6")
    ending = await story.load("1")
    await story.change(ending, task_of(ending).request_cancel(story.at()))
    rest = {task.task_id for task in (await store.listing.page(EVERY_TASK, first.cursor, 10)).tasks}
    assert shown | rest >= {"1", "2", "3", "4", "5"}


@pytest.mark.parametrize(
    "cursor", ["", "x", "-1", "1", "live-", "live-1\n", "ended-x", "live-٣", "live-" + "9" * 30, "gone-1-1"]
)
async def test_a_foreign_cursor_is_refused(store: StoreHarness, cursor: str) -> None:
    with pytest.raises(ValueError, match="cursor"):
        await store.listing.page(EVERY_TASK, cursor, 10)


async def test_what_is_at_work_is_listed_apart_from_what_waits_and_has_ended(store: StoreHarness, story: Story) -> None:
    assert list(await store.listing.at_work(10)) == []
    ended = await story.at_work("1", user_id="bob")
    held = [await story.at_work(task_id, user_id=f"user-{task_id}") for task_id in ("10", "2", "9")]
    await story.accept("11")
    await story.complete(ended)
    expected = sorted((task_of(snapshot) for snapshot in held), key=lambda task: int(task.task_id))
    assert list(await store.listing.at_work(10)) == expected
    assert len(await store.listing.at_work(2)) == 2
