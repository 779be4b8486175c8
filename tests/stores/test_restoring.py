"""The port `TaskStore`: ledgers that the store lost in a fail-over are written again by ordinary commits."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.dispatch import Limits
from domain.ports import ConcurrentChange, Snapshot
from domain.task import Task
from domain.values import Lease, Priority, TaskStatus
from tests.stores.harness import StoreHarness
from tests.stores.story import LEASE_S, Story, record_of, task_of, token_of


async def write_again(story: Story, kept: Snapshot) -> Snapshot:
    """Write a ledger as somebody remembers it over whatever is there."""
    return await story.change(await story.load(kept.task_id), task_of(kept))


async def counts(store: StoreHarness) -> tuple[int, int, int]:
    """Return how many tasks wait, wait for their retry, and are at work."""
    overview = await store.queue.overview()
    return sum(overview.waiting.values()), overview.delayed, sum(overview.at_work.values())


async def renew(store: StoreHarness, snapshot: Snapshot, lease_s: float = LEASE_S) -> frozenset[str]:
    return await store.queue.renew({snapshot.task_id: lease_of(snapshot)}, lease_s)


def lease_of(snapshot: Snapshot) -> Lease:
    lease = task_of(snapshot).lease
    assert lease is not None
    return lease


# --- where the store has no ledger -----------------------------------------------------------------------------


async def test_a_leased_task_is_at_work_again(store: StoreHarness, story: Story) -> None:
    empty = await store.save()
    running = await story.at_work("1")
    await store.fail_over(empty)
    assert await counts(store) == (0, 0, 0)
    restored = await write_again(story, running)
    assert lease_of(restored) == lease_of(running)
    assert task_of(restored).order == task_of(running).order
    assert await counts(store) == (0, 0, 1)
    assert (await store.queue.overview()).at_work == {"sync": 1}
    assert [task_id async for ids in store.tasks.live_ids() for task_id in ids] == ["1"]


async def test_a_restored_lease_counts_for_its_user_and_service(store: StoreHarness, story: Story) -> None:
    empty = await store.save()
    running = await story.at_work("1")
    await store.fail_over(empty)
    await story.accept("2")
    await story.accept("3", service="cp", user_id="bob")
    await write_again(story, running)
    await store.end_window()
    assert await story.claim_ids(3, Limits(per_user=1)) == ["3"]
    assert await story.claim_ids(3, Limits(per_service={"sync": 1})) == []
    await story.complete(await story.load("1"))
    assert await story.claim_ids(3, Limits(per_user=1)) == ["2"]


async def test_a_restored_lease_ends_at_once_until_it_is_renewed(store: StoreHarness, story: Story) -> None:
    empty = await store.save()
    running = await story.at_work("1")
    await store.fail_over(empty)
    restored = await write_again(story, running)
    assert await store.lease_left_s("1") <= 0
    assert await renew(store, restored) == frozenset()
    assert LEASE_S - 30 < await store.lease_left_s("1") <= LEASE_S
    await store.end_window()
    assert list(await story.take_over()) == []


async def test_a_restored_lease_that_nobody_renews_is_taken_over_after_the_window(
    store: StoreHarness, story: Story
) -> None:
    empty = await store.save()
    running = await story.at_work("1")
    await store.fail_over(empty)
    restored = await write_again(story, running)
    assert list(await story.take_over()) == []
    await store.end_window()
    (taken,) = await story.take_over()
    assert token_of(taken)[0] == token_of(running)[0] + 1
    with pytest.raises(ConcurrentChange):
        await story.complete(restored)


async def test_no_fencing_token_comes_again(store: StoreHarness, story: Story) -> None:
    empty = await store.save()
    await story.at_work("1")
    for _ in range(3):
        await store.expire_lease("1")
        (running,) = await story.take_over()
    await store.fail_over(empty)
    restored = await write_again(story, running)
    await store.end_window()
    await story.hand_back(restored)
    (claimed,) = await story.claim()
    assert token_of(claimed)[0] == token_of(running)[0] + 1


async def test_waiting_tasks_are_in_their_old_places(store: StoreHarness, story: Story) -> None:
    empty = await store.save()
    first, second, third = [await story.accept(task_id) for task_id in ("1", "2", "3")]
    await store.fail_over(empty)
    for kept in (second, third, first):
        assert task_of(await write_again(story, kept)).order == task_of(kept).order
    assert await counts(store) == (3, 0, 0)
    await store.end_window()
    assert await story.claim_ids(3) == ["1", "2", "3"]


async def test_a_retry_waits_for_its_time_again(store: StoreHarness, story: Story) -> None:
    empty = await store.save()
    retry_at = store.now() + timedelta(hours=1)
    waiting = await story.retry_later(await story.at_work("1"), retry_at)
    await store.fail_over(empty)
    assert task_of(await write_again(story, waiting)).retry_at == retry_at
    assert await counts(store) == (0, 1, 0)
    await store.end_window()
    assert await story.claim_ids() == []
    await store.come_due(retry_at)
    assert await story.claim_ids() == ["1"]


async def test_an_outcome_is_known_again(store: StoreHarness, story: Story) -> None:
    empty = await store.save()
    done = await story.complete(await story.at_work("1"))
    await store.fail_over(empty)
    restored = await write_again(story, done)
    assert task_of(restored).status is TaskStatus.COMPLETED
    assert await counts(store) == (0, 0, 0)
    assert list(await store.tasks.recently_ended_ids(1e9)) == ["1"]
    ttl = await store.ledger_ttl_s("1")
    assert ttl is not None
    assert 86_400 - 60 < ttl <= 86_400
    await store.end_window()
    assert await story.claim_ids() == []


async def test_a_ledger_is_written_again_though_its_record_is_lost(store: StoreHarness, story: Story) -> None:
    empty = await store.save()
    running = await story.at_work("1")
    await store.fail_over(empty)
    gone = await story.load("1")
    assert (gone.task, gone.record) == (None, None)
    restored = await store.tasks.commit(gone, task_of(running).lose_record(story.at()), None)
    assert await story.load("1") == restored
    assert task_of(restored).record_lost
    assert await store.frontend.read("1") is None
    assert task_of(await story.complete(restored)).status is TaskStatus.COMPLETED


async def test_whoever_is_second_to_write_it_again_is_refused(store: StoreHarness, story: Story) -> None:
    empty = await store.save()
    running = await story.at_work("1")
    await store.fail_over(empty)
    before = await story.load("1")
    await write_again(story, running)
    with pytest.raises(ConcurrentChange):
        await store.tasks.commit(before, task_of(running), None)
    assert await counts(store) == (0, 0, 1)


# --- where the store has an older ledger -----------------------------------------------------------------------


async def test_a_task_that_waits_on_the_new_server_is_at_work_again(store: StoreHarness, story: Story) -> None:
    await story.accept("1")
    older = await store.save()
    (claimed,) = await story.claim()
    running = await story.change(claimed, task_of(claimed).dispatch(token_of(claimed), story.at()))
    await store.fail_over(older)
    assert await counts(store) == (1, 0, 0)
    restored = await write_again(story, running)
    assert task_of(restored) == task_of(running)
    assert await counts(store) == (0, 0, 1)
    assert await store.lease_left_s("1") <= 0
    await store.end_window()
    assert await story.claim_ids() == []


async def test_a_retry_that_waits_on_the_new_server_is_at_work_again(store: StoreHarness, story: Story) -> None:
    await story.retry_later(await story.at_work("1"), store.now() - timedelta(hours=1))
    older = await store.save()
    (claimed,) = await story.claim()
    await store.fail_over(older)
    restored = await write_again(story, claimed)
    assert (lease_of(restored), task_of(restored).retry_at) == (lease_of(claimed), None)
    assert await counts(store) == (0, 0, 1)


async def test_the_later_lease_stands_and_ends_at_once(store: StoreHarness, story: Story) -> None:
    older_owner = await story.at_work("1")
    await renew(store, older_owner, 3 * LEASE_S)
    older = await store.save()
    await store.expire_lease("1")
    (taken,) = await story.take_over()
    await store.fail_over(older)
    restored = await write_again(story, taken)
    assert lease_of(restored) == lease_of(taken)
    assert await counts(store) == (0, 0, 1)
    assert await store.lease_left_s("1") <= 0
    assert await renew(store, older_owner) == {"1"}
    assert await renew(store, restored) == frozenset()
    with pytest.raises(ConcurrentChange):
        await story.complete(older_owner)


async def test_the_epoch_is_the_larger_one(store: StoreHarness, story: Story) -> None:
    old = await story.at_work("1")
    for _ in range(3):
        await store.expire_lease("1")
        (latest,) = await story.take_over()
    await write_again(story, old)
    await store.expire_lease("1")
    (taken,) = await story.take_over()
    assert token_of(taken)[0] == token_of(latest)[0] + 1


async def test_an_outcome_stands_where_its_work_goes_on(store: StoreHarness, story: Story) -> None:
    running = await story.at_work("1")
    await story.accept("2", user_id="bob")
    older = await store.save()
    done = await story.complete(running)
    await store.fail_over(older)
    restored = await write_again(story, done)
    assert record_of(restored).status == "completed"
    assert await counts(store) == (1, 0, 0)
    assert await renew(store, running) == {"1"}
    await store.end_window()
    assert list(await story.take_over(3)) == []


async def test_a_task_that_was_handed_back_waits_in_its_place_again(store: StoreHarness, story: Story) -> None:
    running = await story.at_work("1")
    await story.accept("2")
    older = await store.save()
    waiting = await story.hand_back(running)
    await store.fail_over(older)
    await write_again(story, waiting)
    assert await counts(store) == (2, 0, 0)
    await store.end_window()
    assert await story.claim_ids(2) == ["1", "2"]


async def test_a_reopened_task_waits_in_the_place_that_it_had(store: StoreHarness, story: Story) -> None:
    failed = await story.refuse("1")
    older = await store.save()
    reopened = await story.change(failed, task_of(failed).reopen(story.at()))
    second = await story.accept("2")
    await store.fail_over(older)
    restored = await write_again(story, reopened)
    assert task_of(restored).order == task_of(reopened).order
    await write_again(story, second)
    assert await store.ledger_ttl_s("1") is None
    assert list(await store.tasks.recently_ended_ids(1e9)) == []
    await store.end_window()
    assert await story.claim_ids(2) == ["1", "2"]


async def test_a_waiting_task_moves_to_the_place_that_it_had(store: StoreHarness, story: Story) -> None:
    first = await story.accept("1")
    await story.accept("2")
    cancelled = await story.change(first, task_of(first).request_cancel(story.at()))
    behind = await story.change(cancelled, task_of(cancelled).reopen(story.at()))
    await write_again(story, first)
    assert await story.claim_ids(1) == ["1"]
    await write_again(story, behind)
    assert await story.claim_ids(2) == ["2", "1"]


# --- orders and turns ------------------------------------------------------------------------------------------


async def test_no_order_is_given_twice(store: StoreHarness, story: Story) -> None:
    await story.accept("1")
    older = await store.save()
    lost = [await story.accept(task_id, user_id="bob") for task_id in ("2", "3")]
    await store.fail_over(older)
    fresh = [await story.accept(task_id, user_id="carol") for task_id in ("4", "5")]
    restored = [await write_again(story, kept) for kept in lost]
    later = [await story.accept("6", user_id="dave")]
    orders = [task_of(snapshot).order for snapshot in (*restored, *fresh, *later)]
    assert orders == sorted(set(orders))


async def test_an_order_above_all_that_were_given_is_not_given_again(store: StoreHarness, story: Story) -> None:
    record = await story.register("1")
    far = replace(Task.accept(record, story.at()), order=10**12)
    committed = await story.change(await story.load("1"), far)
    assert task_of(committed).order == 10**12
    assert task_of(await story.accept("2")).order > 10**12
    assert await story.claim_ids(2) == ["1", "2"]


async def test_a_terminal_task_keeps_an_order_above_all_too(store: StoreHarness, story: Story) -> None:
    record = await story.register("1")
    ended = replace(Task.refuse(record, "no such path", story.at()), order=10**12)
    await story.change(await story.load("1"), ended)
    assert task_of(await story.accept("2")).order > 10**12


async def test_a_restored_lease_is_no_turn_of_its_user(store: StoreHarness, story: Story) -> None:
    """Only a claim is: by age alone alice goes first, and with one task at work she does not."""
    await story.accept("1", user_id="alice")
    older = await store.save()
    (claimed,) = await story.claim()
    await store.fail_over(older)
    await story.accept("2", user_id="alice")
    await story.accept("3", user_id="bob")
    restored = await write_again(story, claimed)
    await story.change(restored, task_of(restored).fail(token_of(restored), "no such path", story.at()))
    await store.end_window()
    assert await story.claim_ids(2) == ["2", "3"]


async def test_a_raised_task_is_raised_where_it_is_restored(store: StoreHarness, story: Story) -> None:
    waiting = await story.accept("1")
    await story.accept("2", user_id="bob", priority=Priority.HIGH)
    older = await store.save()
    raised = await story.change(waiting, task_of(waiting).change_priority(Priority.HIGH, story.at()))
    await store.fail_over(older)
    await write_again(story, raised)
    await store.end_window()
    assert await story.claim_ids(2) == ["1", "2"]
