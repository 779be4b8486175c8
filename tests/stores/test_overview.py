"""The port `DispatchQueue`: what people see of the queue."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TypeVar

from domain.ports import QueueHead
from domain.values import Priority
from tests.stores.harness import StoreHarness
from tests.stores.story import Story

HIGH, LOW = Priority.HIGH, Priority.LOW

Key = TypeVar("Key")


async def test_an_empty_queue(store: StoreHarness) -> None:
    overview = await store.queue.overview()
    assert not any(overview.waiting.values())
    assert not any(overview.at_work.values())
    assert overview.delayed == 0
    assert list(overview.heads) == []


async def test_counts(store: StoreHarness, story: Story) -> None:
    await story.accept("1")
    await story.claim()
    retry_at = store.now() + timedelta(hours=1)
    await story.retry_later(await story.at_work("2", user_id="bob"), retry_at)
    await story.accept("3")
    await story.accept("4", service="cp")
    await story.accept("5", user_id="bob")
    await story.accept("6", priority=HIGH)
    overview = await store.queue.overview()
    assert _counted(overview.waiting) == {(LOW, "sync"): 2, (LOW, "cp"): 1, (HIGH, "sync"): 1}
    assert _counted(overview.at_work) == {"sync": 1}
    assert overview.delayed == 1


async def test_the_heads_are_those_of_the_users_whose_turn_comes_next(store: StoreHarness, story: Story) -> None:
    await story.accept("1", user_id="alice")
    await story.claim()
    await story.accept("2", user_id="alice")
    for task_id, user_id in (("3", "bob"), ("4", "bob"), ("5", "carol"), ("6", "dave")):
        await story.accept(task_id, user_id=user_id)
    await story.accept("7", service="cp", user_id="alice", priority=HIGH)
    heads = list((await store.queue.overview(heads_per_lane=4)).heads)
    expected = [
        QueueHead(HIGH, "cp", "alice", "7", 1),
        QueueHead(LOW, "sync", "bob", "3", 0),
        QueueHead(LOW, "sync", "carol", "5", 0),
        QueueHead(LOW, "sync", "dave", "6", 0),
        QueueHead(LOW, "sync", "alice", "2", 1),
    ]
    assert heads == expected
    assert list((await store.queue.overview(heads_per_lane=1)).heads) == expected[:2]


def _counted(counts: Mapping[Key, int]) -> dict[Key, int]:
    return {key: count for key, count in counts.items() if count}
