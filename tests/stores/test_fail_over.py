"""What every store does when it turns out to be another server than before: it opens a recovery window."""

from contextlib import AsyncExitStack

import pytest

from domain.blocks import Block, BlockFlags
from domain.dispatch import Limits
from domain.ports import Admission, ConcurrentChange
from domain.task import Task
from domain.values import TaskStatus
from tests.stores.harness import StoreHarness
from tests.stores.observer import observing
from tests.stores.story import LEASE_S, Story, record_of, task_of, token_of, with_line

# --- what the new server has -----------------------------------------------------------------------------------


async def test_all_that_was_saved_is_there_and_nothing_later(store: StoreHarness, story: Story) -> None:
    running, waiting, done = await story.at_work("2"), await story.accept("1"), await story.refuse("3")
    await store.blocks.set_user("carol", Block())
    saved = await store.save()
    overview = await store.queue.overview()
    await story.change(waiting, task_of(waiting).request_cancel(story.at()))
    await story.complete(running)
    await store.frontend.delete("3")
    await story.accept("4")
    await store.blocks.set_everybody(Block())
    await store.fail_over(saved)
    assert list(await store.tasks.load(["1", "2", "3"])) == [waiting, running, done]
    assert (await story.load("4")).record is None
    assert await store.queue.overview() == overview
    assert (await store.tasks.load_for_submit("1", "carol"))[1] == BlockFlags(user=Block())
    assert {task_id async for ids in store.tasks.live_ids() for task_id in ids} == {"1", "2"}


async def test_a_store_may_fail_over_to_the_same_state_again(store: StoreHarness, story: Story) -> None:
    accepted = await story.accept("1")
    saved = await store.save()
    for _ in range(2):
        await store.fail_over(saved)
        assert await story.load("1") == accepted
        await store.end_window()
        assert await story.claim_ids() == ["1"]


async def test_a_store_that_lost_everything_begins_anew(store: StoreHarness, story: Story) -> None:
    await story.at_work("1")
    await store.blocks.set_user("alice", Block())
    await store.fail_over(None)
    lost = await story.load("1")
    assert (lost.task, lost.record, lost.recovering) == (None, None, True)
    assert not (await store.blocks.page()).users
    await store.end_window()
    await story.accept("1")
    assert await story.claim_ids() == ["1"]


async def test_times_to_live_go_on(store: StoreHarness, story: Story) -> None:
    await story.refuse("1")
    before = await store.record_ttl_s("1"), await store.ledger_ttl_s("1")
    await store.fail_over(await store.save())
    after = await store.record_ttl_s("1"), await store.ledger_ttl_s("1")
    for one, other in zip(before, after, strict=True):
        assert one is not None
        assert other is not None
        assert one - 30 < other <= one


async def test_leases_end_when_they_ended_before(store: StoreHarness, story: Story) -> None:
    await story.at_work("1")
    await story.at_work("2")
    await store.expire_lease("2")
    await store.fail_over(await store.save())
    assert LEASE_S - 30 < await store.lease_left_s("1") <= LEASE_S
    assert await store.lease_left_s("2") <= 0


# --- the window ------------------------------------------------------------------------------------------------


async def test_reads_and_commits_tell_of_the_window(store: StoreHarness, story: Story) -> None:
    accepted = await story.accept("1")
    assert not accepted.recovering
    assert not (await story.load("1")).recovering
    await store.fail_over(await store.save())
    assert (await story.load("1")).recovering
    assert (await story.load("77")).recovering
    assert (await store.tasks.load_for_submit("1", "alice"))[0].recovering
    assert (await story.accept("2")).recovering
    await store.end_window()
    assert not (await story.load("1")).recovering
    assert not (await story.accept("3")).recovering


async def test_nothing_is_claimed_or_taken_over_in_the_window(store: StoreHarness, story: Story) -> None:
    await story.at_work("1")
    await store.expire_lease("1")
    await story.accept("2")
    await store.fail_over(await store.save())
    await story.accept("3")
    assert await story.claim_ids(3) == []
    assert list(await story.take_over(3)) == []
    assert [task_of(await story.load(task_id)).lease is None for task_id in ("1", "2", "3")] == [False, True, True]
    await store.end_window()
    assert await story.claim_ids(3) == ["2", "3"]
    (taken,) = await story.take_over(3)
    assert (taken.task_id, taken.recovering) == ("1", False)


async def test_everything_else_works_in_the_window(store: StoreHarness, story: Story) -> None:
    running, waiting = await story.at_work("1"), await story.accept("2")
    await store.fail_over(await store.save())
    lease = task_of(running).lease
    assert lease is not None
    assert await store.queue.renew({"1": lease}, 2 * LEASE_S) == frozenset()
    assert task_of(await story.complete(running)).status is TaskStatus.COMPLETED
    cancelled = await story.change(waiting, task_of(waiting).request_cancel(story.at()))
    assert task_of(cancelled).status is TaskStatus.CANCELLED
    record = await story.register("3")
    accepted = await store.tasks.commit(
        await story.load("3"), Task.accept(record, story.at()), record, admission=Admission("alice", 1)
    )
    assert task_of(accepted).is_waiting
    assert sum((await store.queue.overview()).waiting.values()) == 1


async def test_a_second_fail_over_opens_a_window_again(store: StoreHarness, story: Story) -> None:
    await story.accept("1")
    saved = await store.save()
    await store.fail_over(saved)
    await store.end_window()
    await store.fail_over(saved)
    assert (await story.load("1")).recovering
    assert await story.claim_ids() == []


# --- calls and snapshots from before ---------------------------------------------------------------------------


async def test_a_call_that_the_new_server_knows_is_repeated_in_the_window(store: StoreHarness, story: Story) -> None:
    await story.accept("1")
    (claimed,) = await store.queue.claim("replica-1", ["a1"], Limits(), LEASE_S)
    await story.accept("2")
    await store.expire_lease("1")
    await store.fail_over(await store.save())
    assert list(await store.queue.claim("replica-1", ["a1"], Limits(), LEASE_S)) == [claimed]
    assert await store.lease_left_s("1") > 0


async def test_a_call_that_was_lost_leases_nothing_in_the_window(store: StoreHarness, story: Story) -> None:
    await story.accept("1")
    older = await store.save()
    await store.queue.claim("replica-1", ["a1"], Limits(), LEASE_S)
    await store.fail_over(older)
    assert list(await store.queue.claim("replica-1", ["a1"], Limits(), LEASE_S)) == []
    await store.end_window()
    (claimed,) = await store.queue.claim("replica-1", ["a1"], Limits(), LEASE_S)
    assert claimed.task_id == "1"


async def test_what_stands_as_it_was_read_before_may_be_committed_on(store: StoreHarness, story: Story) -> None:
    running = await story.at_work("1")
    await store.fail_over(await store.save())
    assert task_of(await story.complete(running)).status is TaskStatus.COMPLETED


async def test_what_was_lost_may_not_be_committed_on(store: StoreHarness, story: Story) -> None:
    accepted = await story.accept("1")
    older = await store.save()
    (claimed,) = await story.claim()
    await store.fail_over(older)
    with pytest.raises(ConcurrentChange):
        await story.change(claimed, task_of(claimed).dispatch(token_of(claimed), story.at()))
    assert await story.load("1") == accepted


async def test_an_owner_whose_claim_was_lost_is_kept_out_by_the_next_one(store: StoreHarness, story: Story) -> None:
    """Both claims came upon the same ledger, and left the same record: only the lease tells them apart."""
    await story.accept("1")
    older = await store.save()
    (lost,) = await story.claim(owner="replica-1")
    await store.fail_over(older)
    await store.end_window()
    (claimed,) = await story.claim(owner="replica-2")
    with pytest.raises(ConcurrentChange):
        await story.change(lost, task_of(lost).dispatch(token_of(lost), story.at()))
    assert await story.load("1") == claimed


async def test_a_change_that_was_lost_does_not_match_another_one(store: StoreHarness, story: Story) -> None:
    """Only the ledgers differ: both reports leave the record as it was."""
    running = await story.at_work("1")
    older = await store.save()
    one, other = (task_of(running).learn((f"{story.at().isoformat()},{word}",)) for word in ("one", "other"))
    lost = await store.tasks.commit(running, one, running.record)
    await store.fail_over(older)
    stands = await store.tasks.commit(await story.load("1"), other, running.record)
    with pytest.raises(ConcurrentChange):
        await story.complete(lost)
    assert await story.load("1") == stands


async def test_a_record_that_was_lost_may_not_be_committed_on(store: StoreHarness, story: Story) -> None:
    accepted = await story.accept("1")
    older = await store.save()
    await store.frontend.write(with_line(record_of(accepted), f"{story.at().isoformat()},Saved"), 100)
    seen = await story.load("1")
    await store.fail_over(older)
    with pytest.raises(ConcurrentChange):
        await story.change(seen, task_of(seen).request_cancel(story.at()))


# --- watches ---------------------------------------------------------------------------------------------------


async def test_every_watch_is_told(store: StoreHarness, story: Story) -> None:
    await story.accept("1")
    async with AsyncExitStack() as stack:
        replicas = [await stack.enter_async_context(observing(store)) for _ in range(2)]
        await store.fail_over(await store.save())
        for replica in replicas:
            assert 0 < await replica.until_replaced() <= store.window_s
            await replica.until_proved()
        await story.register("2")
        for replica in replicas:
            await replica.until_changed("2")


async def test_a_watch_that_begins_in_the_window_is_told(store: StoreHarness, story: Story) -> None:
    await story.accept("1")
    await store.fail_over(await store.save())
    async with observing(store) as replica:
        assert 0 < await replica.until_replaced() <= store.window_s
