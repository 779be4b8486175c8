"""The port `TaskStore`: which tasks are live, and which have ended lately."""

from domain.task import Task
from tests.stores.harness import StoreHarness
from tests.stores.story import Story, task_of

HOUR_S = 3_600.0


async def live_ids(store: StoreHarness) -> set[str]:
    return {task_id async for batch in store.tasks.live_ids() for task_id in batch}


async def test_every_live_task_comes(store: StoreHarness, story: Story) -> None:
    ids = [str(number) for number in range(1, 1_502)]
    for task_id in ids:
        await story.accept(task_id)
    await story.refuse("0")
    assert await live_ids(store) == set(ids)


async def test_a_task_that_lives_all_the_while_comes_though_others_come_and_end(
    store: StoreHarness, story: Story
) -> None:
    ids = [str(number) for number in range(1, 2_501)]
    for task_id in ids:
        await story.accept(task_id)
    batches = store.tasks.live_ids()
    found = set(await anext(batches))
    ending = ids[::100]
    for task_id in ending:
        snapshot = await story.load(task_id)
        await story.change(snapshot, task_of(snapshot).request_cancel(story.at()))
        await story.accept(str(int(task_id) + 10_000))
    found |= {task_id async for batch in batches for task_id in batch}
    assert found >= set(ids) - set(ending)


async def test_a_leased_task_stays_live_until_its_end(store: StoreHarness, story: Story) -> None:
    running = await story.at_work("1")
    assert await live_ids(store) == {"1"}
    await story.complete(running)
    assert await live_ids(store) == set()


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
    assert await live_ids(store) == {"1"}


async def test_an_id_that_is_used_again_has_not_ended(store: StoreHarness, story: Story) -> None:
    await story.refuse("1")
    record = await story.register("1")
    await story.change(await story.load("1"), Task.accept(record, story.at()))
    assert list(await store.tasks.recently_ended_ids(HOUR_S)) == []
    assert await live_ids(store) == {"1"}
