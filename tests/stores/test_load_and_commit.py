"""The port `TaskStore`, sentence by sentence: what is read, what a commit writes, and when it is refused."""

from dataclasses import replace

import pytest

from domain.blocks import Block, BlockFlags
from domain.ports import Admission, ConcurrentChange
from domain.task import Task
from domain.values import Priority, TaskStatus
from tests.stores.harness import StoreHarness
from tests.stores.story import TTL_S, Story, record_of, task_of, token_of, with_line

# --- load ------------------------------------------------------------------------------------------------------


async def test_a_snapshot_comes_per_id_in_the_order_asked_for(store: StoreHarness, story: Story) -> None:
    await story.accept("10")
    await story.register("9")
    loaded = await store.tasks.load(["9", "77", "10", "9"])
    assert [snapshot.task_id for snapshot in loaded] == ["9", "77", "10", "9"]
    assert [snapshot.task is not None for snapshot in loaded] == [False, False, True, False]
    assert [snapshot.record is not None for snapshot in loaded] == [True, False, True, True]


async def test_nothing_is_loaded_for_no_ids(store: StoreHarness) -> None:
    assert list(await store.tasks.load([])) == []


@pytest.mark.parametrize("user_id", ["alice", "kim:admin", "이하나", "a b%c*"])
async def test_a_submit_learns_what_stands_and_what_is_blocked(store: StoreHarness, story: Story, user_id: str) -> None:
    await story.accept("1", user_id=user_id)
    assert await store.tasks.load_for_submit("1", user_id) == (await story.load("1"), BlockFlags())
    await store.blocks.set_user(user_id, Block())
    assert (await store.tasks.load_for_submit("1", user_id))[1] == BlockFlags(user=Block())
    await store.blocks.set_everybody(Block())
    assert (await store.tasks.load_for_submit("1", user_id))[1] == BlockFlags(Block(), Block())
    assert (await store.tasks.load_for_submit("1", "somebody else"))[1] == BlockFlags(everybody=Block())


async def test_a_submit_may_be_committed_on_what_was_loaded_for_it(store: StoreHarness, story: Story) -> None:
    record = await story.register("1")
    snapshot, _ = await store.tasks.load_for_submit("1", "alice")
    committed = await story.change(snapshot, Task.accept(record, story.at()))
    assert task_of(committed).status is TaskStatus.PENDING


# --- what a commit writes --------------------------------------------------------------------------------------


async def test_a_commit_writes_ledger_and_record_and_returns_them(store: StoreHarness, story: Story) -> None:
    record = await story.register("1")
    task = Task.accept(record, story.at())
    committed = await story.change(await story.load("1"), task)
    assert task_of(committed) == replace(task, order=task_of(committed).order)
    assert record_of(committed).logs == task.lines
    assert committed == await story.load("1")
    assert record_of(committed) == await store.frontend.read("1")


async def test_what_a_commit_returns_may_be_committed_on(story: Story) -> None:
    first = await story.accept("1")
    second = await story.change(first, task_of(first).change_priority(Priority.HIGH, story.at()))
    third = await story.change(second, task_of(second).change_priority(Priority.LOW, story.at()))
    assert third == await story.load("1")


async def test_everything_of_a_record_is_kept(store: StoreHarness, story: Story) -> None:
    odd: dict[str, object] = {
        "none": [],
        "no": {},
        "big": 2**64 - 1,
        "float": 1.0,
        "int": 1,
        "true": True,
        "null": None,
    }
    record = replace(await story.register("1"), parameters=odd, extra={"x_newer": odd}, result_extra={"y": [odd]})
    await store.frontend.write(record, TTL_S)
    committed = record_of(await story.change(await story.load("1"), Task.accept(record, story.at())))
    assert repr(committed.parameters) == repr(odd)
    kept = await store.frontend.read("1")
    assert kept is not None
    assert kept.status == committed.status
    assert kept.logs == committed.logs
    assert repr((kept.parameters, kept.extra, kept.result_extra)) == repr((odd, {"x_newer": odd}, {"y": [odd]}))


async def test_the_record_alone_is_written_for_a_task_that_was_not_submitted(store: StoreHarness, story: Story) -> None:
    record = await story.register("1")
    raised = replace(record, priority=Priority.HIGH)
    committed = await store.tasks.commit(await story.load("1"), None, raised)
    assert (committed.task, committed.record) == (None, raised)
    assert await store.frontend.read("1") == raised
    assert [task_id async for batch in store.tasks.live_ids() for task_id in batch] == []


async def test_tasks_get_their_order_as_they_are_accepted_and_keep_it(story: Story) -> None:
    first, second = await story.accept("7"), await story.accept("3")
    assert 0 < task_of(first).order < task_of(second).order
    moved = await story.change(first, task_of(first).change_priority(Priority.HIGH, story.at()))
    assert task_of(moved).order == task_of(first).order


async def test_a_task_keeps_its_order_when_it_is_handed_back(story: Story) -> None:
    accepted = await story.accept("1")
    (claimed,) = await story.claim()
    assert task_of(await story.hand_back(claimed)).order == task_of(accepted).order


async def test_a_reopened_task_stands_behind_all_others(story: Story) -> None:
    first = await story.accept("1")
    cancelled = await story.change(first, task_of(first).request_cancel(story.at()))
    second = await story.accept("2")
    reopened = await story.change(cancelled, task_of(cancelled).reopen(story.at()))
    assert task_of(reopened).order > task_of(second).order
    assert await story.claim_ids(2) == ["2", "1"]


# --- times to live ---------------------------------------------------------------------------------------------


async def test_the_record_keeps_its_time_to_live(store: StoreHarness, story: Story) -> None:
    await story.accept("1")
    ttl = await store.record_ttl_s("1")
    assert ttl is not None
    assert TTL_S - 60 < ttl <= TTL_S


async def test_a_live_ledger_stays(store: StoreHarness, story: Story) -> None:
    await story.at_work("1")
    assert await store.ledger_ttl_s("1") is None


async def test_a_terminal_ledger_lives_a_day_longer_than_its_record(store: StoreHarness, story: Story) -> None:
    await story.complete(await story.at_work("1"))
    await _expect_ledger_ttl(store, "1", TTL_S + 86_400)


async def test_a_terminal_ledger_without_a_record_lives_a_day(store: StoreHarness, story: Story) -> None:
    await story.at_work("1")
    await store.frontend.delete("1")
    await story.complete(await story.load("1"))
    await _expect_ledger_ttl(store, "1", 86_400)


async def test_a_commit_after_the_frontend_saved_gives_the_ledger_its_time_again(
    store: StoreHarness, story: Story
) -> None:
    done = await story.complete(await story.at_work("1"))
    await store.frontend.write(with_line(record_of(done), f"{story.at().isoformat()},Saved"), 2 * TTL_S)
    await story.change(await story.load("1"), task_of(done))
    await _expect_ledger_ttl(store, "1", 2 * TTL_S + 86_400)


async def test_an_equal_commit_gives_the_ledger_its_time_again(store: StoreHarness, story: Story) -> None:
    done = await story.complete(await story.at_work("1"))
    await store.frontend.write(record_of(done), 2 * TTL_S)
    saved = await story.load("1")
    await store.tasks.commit(saved, saved.task, saved.record)
    await _expect_ledger_ttl(store, "1", 2 * TTL_S + 86_400)


async def test_a_reopened_ledger_stays(store: StoreHarness, story: Story) -> None:
    failed = await story.refuse("1")
    await story.change(failed, task_of(failed).reopen(story.at()))
    assert await store.ledger_ttl_s("1") is None


async def _expect_ledger_ttl(store: StoreHarness, task_id: str, seconds: float) -> None:
    ttl = await store.ledger_ttl_s(task_id)
    assert ttl is not None
    assert seconds - 60 < ttl <= seconds


# --- when a commit is refused ----------------------------------------------------------------------------------


async def test_a_commit_is_refused_when_the_ledger_has_changed(story: Story) -> None:
    before = await story.accept("1")
    changed = await story.change(before, task_of(before).change_priority(Priority.HIGH, story.at()))
    with pytest.raises(ConcurrentChange):
        await story.change(before, task_of(before).request_cancel(story.at()))
    assert await story.load("1") == changed


async def test_a_commit_is_refused_when_somebody_else_was_first_to_accept(story: Story) -> None:
    record = await story.register("1")
    before = await story.load("1")
    accepted = await story.change(before, Task.accept(record, story.at()))
    with pytest.raises(ConcurrentChange):
        await story.change(before, Task.accept(record, story.at()))
    assert await story.load("1") == accepted
    assert await story.claim_ids(3) == ["1"]


async def test_a_commit_is_refused_when_the_record_has_changed(store: StoreHarness, story: Story) -> None:
    before = await story.accept("1")
    await store.frontend.write(replace(record_of(before), status="running"), TTL_S)
    changed = await story.load("1")
    with pytest.raises(ConcurrentChange):
        await story.change(before, task_of(before).request_cancel(story.at()))
    assert await story.load("1") == changed


async def test_a_commit_tells_an_integer_from_a_float_and_from_a_truth(store: StoreHarness, story: Story) -> None:
    record = replace(await story.register("1"), parameters={"n": 1})
    for other in (1.0, True):
        await store.frontend.write(record, TTL_S)
        before = await story.load("1")
        await store.frontend.write(replace(record, parameters={"n": other}), TTL_S)
        with pytest.raises(ConcurrentChange):
            await story.change(before, Task.accept(record, story.at()))


async def test_a_commit_is_refused_when_the_record_was_deleted(store: StoreHarness, story: Story) -> None:
    before = await story.accept("1")
    await store.frontend.delete("1")
    with pytest.raises(ConcurrentChange):
        await story.change(before, task_of(before).request_cancel(story.at()))
    assert await store.frontend.read("1") is None


async def test_a_commit_is_refused_when_the_record_has_come_back(store: StoreHarness, story: Story) -> None:
    accepted = await story.accept("1")
    await store.frontend.delete("1")
    before = await story.load("1")
    await store.frontend.write(record_of(accepted), TTL_S)
    with pytest.raises(ConcurrentChange):
        await story.change(before, task_of(before).request_cancel(story.at()))
    assert await store.frontend.read("1") == record_of(accepted)


async def test_a_claim_between_load_and_commit_refuses_the_commit(story: Story) -> None:
    before = await story.accept("1")
    (claimed,) = await story.claim()
    with pytest.raises(ConcurrentChange):
        await story.change(before, task_of(before).request_cancel(story.at()))
    assert await story.load("1") == claimed


async def test_a_record_is_never_created(store: StoreHarness, story: Story) -> None:
    await story.accept("1")
    await store.frontend.delete("1")
    gone = await story.load("1")
    assert gone.record is None
    ended = await story.change(gone, task_of(gone).request_cancel(story.at()))
    assert (task_of(ended).status, ended.record) == (TaskStatus.CANCELLED, None)
    assert await store.frontend.read("1") is None


async def test_an_expired_record_of_a_live_task_reads_as_a_missing_one(store: StoreHarness, story: Story) -> None:
    accepted = await story.accept("1")
    await store.expire_record("1")
    gone = await story.load("1")
    assert (gone.task, gone.record) == (accepted.task, None)
    with pytest.raises(ConcurrentChange):
        await story.change(accepted, task_of(accepted).request_cancel(story.at()))


# --- blocks ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scope", ["everybody", "alice"])
async def test_a_block_that_came_in_between_refuses_an_admission(store: StoreHarness, story: Story, scope: str) -> None:
    record = await story.register("1")
    before = await story.load("1")
    task = Task.accept(record, story.at())
    if scope == "everybody":
        await store.blocks.set_everybody(Block())
    else:
        await store.blocks.set_user(scope, Block())
    with pytest.raises(ConcurrentChange):
        await store.tasks.commit(before, task, record, admission=Admission("alice", 1_000_000))
    assert await story.load("1") == before
    await store.tasks.commit(before, task, record)


async def test_a_block_that_was_lifted_or_is_for_others_refuses_nothing(store: StoreHarness, story: Story) -> None:
    record = await story.register("1")
    before = await story.load("1")
    await store.blocks.set_user("bob", Block())
    await store.blocks.set_user("alice", Block())
    await store.blocks.set_everybody(Block())
    await store.blocks.set_user("alice", None)
    await store.blocks.set_everybody(None)
    committed = await store.tasks.commit(
        before, Task.accept(record, story.at()), record, admission=Admission("alice", 1_000_000)
    )
    assert task_of(committed).is_waiting


# --- an id that is used again ----------------------------------------------------------------------------------


async def test_a_new_incarnation_takes_the_place_of_a_waiting_one(story: Story) -> None:
    await story.accept("1", service="cp", user_id="bob", priority=Priority.HIGH)
    behind = await story.accept("2")
    again = await story.accept("1")
    assert task_of(again).order > task_of(behind).order
    assert [(one.task_id, task_of(one).service) for one in await story.claim(3)] == [("2", "sync"), ("1", "sync")]


async def test_a_new_incarnation_frees_the_slot_of_a_leased_one(store: StoreHarness, story: Story) -> None:
    old = await story.at_work("1", user_id="bob")
    lease = task_of(old).lease
    assert lease is not None
    await story.accept("1")
    assert (await store.queue.overview()).at_work.get("sync", 0) == 0
    assert await store.queue.renew({"1": lease}, 60) == {"1"}
    (claimed,) = await story.claim(2)
    assert token_of(claimed) != lease.token
    assert [head.running_of_user for head in (await store.queue.overview()).heads] == []
