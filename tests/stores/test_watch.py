"""The port `RecordWatch`: every replica is told what somebody changed, and when something may be claimed."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.ports import Snapshot
from domain.task import Task
from domain.values import Lease, Priority, TaskStatus
from tests.stores.harness import StoreHarness
from tests.stores.observer import Observer, observing
from tests.stores.story import TTL_S, Story, task_of, token_of

Replicas = tuple[Observer, Observer]


@pytest.fixture
async def replicas(store: StoreHarness) -> AsyncIterator[Replicas]:
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(observing(store))
        second = await stack.enter_async_context(observing(store))
        yield first, second


async def everybody_hears_of(replicas: Replicas, *task_ids: str) -> None:
    for replica in replicas:
        await replica.until_changed(*task_ids)
        replica.forget()


async def everybody_hears_of_work(replicas: Replicas) -> None:
    for replica in replicas:
        await replica.until_work_waits()
        replica.forget()


class Silence:
    """Shows what was *not* told: news come in order, so a later event proves that nothing came before it."""

    def __init__(self, store: StoreHarness, story: Story, replicas: Replicas) -> None:
        self._store, self._story, self._replicas = store, story, replicas

    async def begin(self) -> None:
        """Let all earlier news arrive, and forget them."""
        await self._mark("998")
        for replica in self._replicas:
            replica.forget()

    async def changed_meanwhile(self) -> set[str]:
        """Return the ids that were told since the silence began."""
        await self._mark("999")
        return set().union(*(replica.changed for replica in self._replicas)) - {"999"}

    async def work_meanwhile(self) -> bool:
        """Return whether anybody was told since that something may be claimed."""
        await self._mark("999")
        return any(replica.work_waits for replica in self._replicas)

    async def _mark(self, task_id: str) -> None:
        await self._story.register(task_id)
        for replica in self._replicas:
            await replica.until_changed(task_id)


@pytest.fixture
def silence(store: StoreHarness, story: Story, replicas: Replicas) -> Silence:
    return Silence(store, story, replicas)


# --- the frontend's writes -------------------------------------------------------------------------------------


async def test_whatever_the_frontend_writes_is_told(store: StoreHarness, story: Story, replicas: Replicas) -> None:
    record = await story.register("1")
    await everybody_hears_of(replicas, "1")
    await store.frontend.write(replace(record, status="running"), TTL_S)
    await everybody_hears_of(replicas, "1")
    await store.frontend.write(replace(record, status="running"), TTL_S)
    await everybody_hears_of(replicas, "1")
    await store.frontend.delete("1")
    await everybody_hears_of(replicas, "1")


async def test_a_record_that_expires_is_told(store: StoreHarness, story: Story, replicas: Replicas) -> None:
    await story.register("1")
    await everybody_hears_of(replicas, "1")
    await store.expire_record("1")
    await everybody_hears_of(replicas, "1")


async def test_many_changes_are_all_told(story: Story, replicas: Replicas) -> None:
    ids = [str(number) for number in range(1, 301)]
    for task_id in ids:
        await story.register(task_id)
    await everybody_hears_of(replicas, *ids)


# --- our own writes --------------------------------------------------------------------------------------------


async def test_a_record_that_a_commit_changed_is_told(story: Story, replicas: Replicas) -> None:
    await story.accept("1")
    await everybody_hears_of(replicas, "1")


async def test_a_record_that_was_committed_alone_is_told(
    store: StoreHarness, story: Story, replicas: Replicas, silence: Silence
) -> None:
    record = await story.register("1")
    before = await story.load("1")
    await silence.begin()
    await store.tasks.commit(before, None, replace(record, priority=Priority.HIGH))
    await everybody_hears_of(replicas, "1")


async def test_an_equal_commit_is_not_told(store: StoreHarness, story: Story, silence: Silence) -> None:
    accepted = await story.accept("1")
    await silence.begin()
    await store.tasks.commit(accepted, accepted.task, accepted.record)
    assert await silence.changed_meanwhile() == set()


async def at_work_without_record(store: StoreHarness, story: Story, silence: Silence) -> Snapshot:
    """Bring a task to work, delete its record, and let that news pass."""
    await story.at_work("1")
    await store.frontend.delete("1")
    await silence.begin()
    return await story.load("1")


async def test_a_cancel_of_work_is_told_without_a_record(
    store: StoreHarness, story: Story, replicas: Replicas, silence: Silence
) -> None:
    running = await at_work_without_record(store, story, silence)
    await story.change(running, task_of(running).request_cancel(story.at()))
    await everybody_hears_of(replicas, "1")


async def test_a_leased_task_that_another_one_replaces_is_told(
    store: StoreHarness, story: Story, replicas: Replicas, silence: Silence
) -> None:
    old = await at_work_without_record(store, story, silence)
    other = replace(
        task_of(old),
        incarnation=replace(task_of(old).incarnation, created_at=story.at().isoformat()),
        lease=None,
        status=TaskStatus.PENDING,
        order=0,
    )
    await store.tasks.commit(old, other, None)
    await everybody_hears_of(replicas, "1")


# --- work that waits -------------------------------------------------------------------------------------------


async def test_a_new_task_is_work(story: Story, replicas: Replicas) -> None:
    await story.accept("1")
    await everybody_hears_of_work(replicas)


async def test_a_task_that_its_acceptor_claims_at_once_need_not_be_told(
    store: StoreHarness, story: Story, silence: Silence
) -> None:
    record = await story.register("1")
    before = await story.load("1")
    await silence.begin()
    await store.tasks.commit(before, Task.accept(record, story.at()), record, announce=False)
    assert not await silence.work_meanwhile()
    assert await story.claim_ids() == ["1"]


async def test_a_slot_that_becomes_free_is_told_without_announcing(
    store: StoreHarness, story: Story, replicas: Replicas, silence: Silence
) -> None:
    running = await story.at_work("1")
    await story.accept("2")
    await silence.begin()
    ended = task_of(running).fail(token_of(running), "no such path", story.at())
    await store.tasks.commit(running, ended, running.record, announce=False)
    await everybody_hears_of_work(replicas)


async def test_a_task_that_was_handed_back_is_work(story: Story, replicas: Replicas) -> None:
    running = await story.at_work("1")
    await everybody_hears_of_work(replicas)
    await story.hand_back(running)
    await everybody_hears_of_work(replicas)


async def test_a_task_that_was_reopened_is_work(story: Story, replicas: Replicas) -> None:
    failed = await story.refuse("1")
    await story.change(failed, task_of(failed).reopen(story.at()))
    await everybody_hears_of_work(replicas)


async def test_a_task_that_moves_with_its_priority_is_work(story: Story, replicas: Replicas) -> None:
    waiting = await story.accept("1")
    await everybody_hears_of_work(replicas)
    await story.change(waiting, task_of(waiting).change_priority(Priority.HIGH, story.at()))
    await everybody_hears_of_work(replicas)


async def test_a_slot_that_becomes_free_while_a_task_waits_is_work(
    story: Story, replicas: Replicas, silence: Silence
) -> None:
    running = await story.at_work("1")
    await story.accept("2")
    await silence.begin()
    await story.complete(running)
    await everybody_hears_of_work(replicas)


async def test_what_makes_nothing_claimable_is_no_work(store: StoreHarness, story: Story, silence: Silence) -> None:
    running = await story.at_work("1")
    await silence.begin()
    reported = await story.change(running, task_of(running).report(token_of(running), story.at(), None, None))
    await story.change(reported, task_of(reported).change_priority(Priority.HIGH, story.at()))
    await store.queue.renew({"1": _lease(reported)}, 60)
    await store.expire_lease("1")
    (taken,) = await story.take_over()
    await story.complete(taken)
    await story.refuse("2")
    assert not await silence.work_meanwhile()


async def test_a_retry_that_must_wait_frees_its_slot_for_others_only(
    store: StoreHarness, story: Story, replicas: Replicas, silence: Silence
) -> None:
    running = await story.at_work("1")
    await story.accept("2")
    await silence.begin()
    await story.retry_later(running, store.now() + timedelta(hours=1))
    await everybody_hears_of_work(replicas)


def _lease(snapshot: Snapshot) -> Lease:
    lease = task_of(snapshot).lease
    assert lease is not None
    return lease
