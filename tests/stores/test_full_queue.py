"""The port `TaskStore`: a commit that admits a task is refused while too many wait."""

from datetime import timedelta

import pytest

from domain.blocks import Block
from domain.ports import Admission, ConcurrentChange, QueueFull, Snapshot
from domain.task import Task
from domain.values import Priority
from tests.stores.harness import StoreHarness
from tests.stores.story import Story, record_of, task_of


async def admit(store: StoreHarness, story: Story, task_id: str, most_waiting: int) -> Snapshot:
    record = await story.register(task_id)
    task = Task.accept(record, story.at())
    admission = Admission("alice", most_waiting)
    return await store.tasks.commit(await story.load(task_id), task, record, admission=admission)


async def test_tasks_are_admitted_until_as_many_wait_as_may(store: StoreHarness, story: Story) -> None:
    for task_id in ("1", "2", "3"):
        await admit(store, story, task_id, 3)
    with pytest.raises(QueueFull):
        await admit(store, story, "4", 3)
    await admit(store, story, "5", 4)


async def test_a_refusal_changes_nothing(store: StoreHarness, story: Story) -> None:
    await admit(store, story, "1", 1)
    record = await story.register("2")
    before = await story.load("2")
    with pytest.raises(QueueFull):
        await store.tasks.commit(before, Task.accept(record, story.at()), record, admission=Admission("alice", 1))
    assert await story.load("2") == before
    assert await story.claim_ids(3) == ["1"]
    refused = Task.refuse(record, "too many tasks wait", story.at())
    await store.tasks.commit(before, refused, record)


async def test_every_lane_and_user_counts(store: StoreHarness, story: Story) -> None:
    await story.accept("1", service="sync", user_id="bob", priority=Priority.HIGH)
    await story.accept("2", service="c:p", user_id="이하나")
    with pytest.raises(QueueFull):
        await admit(store, story, "3", 2)


async def test_what_is_at_work_or_has_ended_does_not_count(store: StoreHarness, story: Story) -> None:
    await story.at_work("1")
    await story.complete(await story.at_work("2"))
    await admit(store, story, "3", 1)


async def test_what_waits_for_its_retry_does_not_count_until_it_is_due(store: StoreHarness, story: Story) -> None:
    retry_at = store.now() + timedelta(hours=1)
    await story.retry_later(await story.at_work("1"), retry_at)
    await admit(store, story, "2", 1)
    await store.come_due(retry_at)
    assert await story.claim_ids() == ["1"]


async def test_a_claim_makes_room(store: StoreHarness, story: Story) -> None:
    await admit(store, story, "1", 1)
    await story.claim()
    await admit(store, story, "2", 1)


async def test_who_is_not_admitted_is_not_counted_out(store: StoreHarness, story: Story) -> None:
    """Whoever was accepted stays so: only an admission is held to the bound."""
    await admit(store, story, "1", 1)
    (claimed,) = await story.claim()
    await admit(store, story, "2", 1)
    await story.hand_back(claimed)
    assert await story.claim_ids(3) == ["1", "2"]


async def test_a_change_by_somebody_else_is_told_before_a_full_queue(store: StoreHarness, story: Story) -> None:
    record = await story.register("1")
    before = await story.load("1")
    await story.change(before, Task.accept(record, story.at()))
    with pytest.raises(ConcurrentChange):
        await store.tasks.commit(before, Task.accept(record, story.at()), record, admission=Admission("alice", 0))


async def test_a_block_is_told_before_a_full_queue(store: StoreHarness, story: Story) -> None:
    await store.blocks.set_user("alice", Block())
    with pytest.raises(ConcurrentChange):
        await admit(store, story, "1", 0)


async def test_an_admitted_task_has_its_order_and_is_claimed_in_it(store: StoreHarness, story: Story) -> None:
    first = await admit(store, story, "7", 10)
    second = await admit(store, story, "3", 10)
    assert 0 < task_of(first).order < task_of(second).order
    assert record_of(second).task_id == "3"
    assert await story.claim_ids(2) == ["7", "3"]
