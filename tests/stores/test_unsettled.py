"""The port `TaskStore`: what needs no second look, and what a refused commit shows."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.redis.settled import Settled
from domain.blocks import Block
from domain.ports import Admission, ConcurrentChange, Snapshot
from domain.record import Record
from domain.task import Task
from domain.values import Priority
from tests.stores.harness import StoreHarness
from tests.stores.story import TTL_S, Story, record_of, task_of, with_line

LATE = "2026-03-12T10:00:09.000000+09:00,Late"


async def unsettled(store: StoreHarness, *task_ids: str) -> Sequence[Snapshot]:
    return list(await store.tasks.load_unsettled(task_ids))


# --- what is left out --------------------------------------------------------------------------------------------


async def test_what_ended_here_and_stands_so_is_left_out(store: StoreHarness, story: Story) -> None:
    await story.refuse("1")
    ended = await story.complete(await story.at_work("2"))
    assert await unsettled(store, "1", "2") == []
    assert await story.load("2") == ended


async def test_what_lives_is_returned_for_its_owner_must_see_it(store: StoreHarness, story: Story) -> None:
    waiting = await story.accept("1")
    assert await unsettled(store, "1") == [waiting]
    (claimed,) = await story.claim()
    assert await unsettled(store, "1") == [claimed]


async def test_what_was_never_ours_is_returned_in_the_order_asked_for(store: StoreHarness, story: Story) -> None:
    await story.refuse("1")
    await story.register("2")
    assert [each.task_id for each in await unsettled(store, "9", "1", "2")] == ["9", "2"]
    assert await unsettled(store) == []


@pytest.mark.parametrize(
    "save",
    [
        lambda record: replace(record, status="running"),
        lambda record: with_line(record, LATE),
        lambda record: replace(record, parameters={"src": "/pvs/another"}),
    ],
)
async def test_a_late_save_by_the_frontend_brings_it_back_until_it_is_repaired(
    store: StoreHarness, story: Story, save: Callable[[Record], Record]
) -> None:
    ended = await story.refuse("1")
    await store.frontend.write(save(record_of(ended)), TTL_S)
    (found,) = await unsettled(store, "1")
    assert found == await story.load("1") != ended
    await story.change(found, task_of(found))
    assert await unsettled(store, "1") == []


async def test_a_record_that_is_deleted_or_comes_back_is_looked_at(store: StoreHarness, story: Story) -> None:
    ended = await story.refuse("1")
    await store.frontend.delete("1")
    assert [each.record for each in await unsettled(store, "1")] == [None]
    await store.frontend.write(replace(record_of(ended), status="running"), TTL_S)
    (found,) = await unsettled(store, "1")
    assert record_of(found).status == "running"


async def test_a_task_that_lives_again_is_returned(store: StoreHarness, story: Story) -> None:
    ended = await story.refuse("1")
    reopened = await story.change(ended, task_of(ended).reopen(story.at()))
    assert await unsettled(store, "1") == [reopened]


async def test_an_id_that_another_task_got_is_returned(store: StoreHarness, story: Story) -> None:
    await story.refuse("1")
    record = await story.register("1")
    (found,) = await unsettled(store, "1")
    assert found.record == record
    assert found.own_task is None


# --- what a refused commit shows ----------------------------------------------------------------------------------


async def refused(story: Story, before: Snapshot, task: Task) -> ConcurrentChange:
    with pytest.raises(ConcurrentChange) as refusal:
        await story.change(before, task)
    return refusal.value


async def test_a_refused_commit_shows_what_stands_instead(store: StoreHarness, story: Story) -> None:
    before = await story.accept("1")
    await story.change(before, task_of(before).change_priority(Priority.HIGH, story.at()))
    await store.frontend.write(with_line(record_of(await story.load("1")), LATE), TTL_S)
    refusal = await refused(story, before, task_of(before).request_cancel(story.at()))
    assert refusal.found == await story.load("1")


async def test_what_it_shows_may_be_committed_on(store: StoreHarness, story: Story) -> None:
    before = await story.accept("1")
    await store.frontend.write(replace(record_of(before), status="running"), TTL_S)
    found = (await refused(story, before, task_of(before).request_cancel(story.at()))).found
    assert found is not None
    cancelled = await story.change(found, task_of(found).request_cancel(story.at()))
    assert cancelled == await story.load("1")


async def test_it_shows_a_record_that_is_gone(store: StoreHarness, story: Story) -> None:
    before = await story.accept("1")
    await store.frontend.delete("1")
    found = (await refused(story, before, task_of(before).request_cancel(story.at()))).found
    assert found is not None
    assert (found.task, found.record) == (before.task, None)


async def test_a_block_that_came_in_between_shows_what_stands_too(store: StoreHarness, story: Story) -> None:
    record = await story.register("1")
    before, _ = await store.tasks.load_for_submit("1", "alice")
    await store.blocks.set_user("alice", Block())
    with pytest.raises(ConcurrentChange) as refusal:
        await store.tasks.commit(before, Task.accept(record, story.at()), record, admission=Admission("alice", 10))
    assert refusal.value.found == before


# --- how much is remembered ----------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 9), max_size=30))
def test_the_latest_few_are_known(ended: list[int]) -> None:
    known, kept = Settled(most_known=3), dict[str, None]()
    for number in ended:
        task_id = str(number)
        known.note(task_id, b"ledger", b"record")
        kept.pop(task_id, None)
        kept[task_id] = None
    for number in range(10):
        assert known.stands(str(number), b"ledger", b"record") is (str(number) in list(kept)[-3:])
        assert not known.stands(str(number), b"ledger", b"another")
        assert not known.stands(str(number), None, b"record")
