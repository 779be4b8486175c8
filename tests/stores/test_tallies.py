"""The port `Tallies`, which every commit adds to."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from domain.failures import FailureKind
from domain.ports import ConcurrentChange, Snapshot
from domain.tally import Tally, total
from domain.values import Progress
from tests.stores.harness import StoreHarness
from tests.stores.story import Story, task_of, token_of

ODD = "a:b %/é\n"


def minutes(store: StoreHarness) -> range:
    """Every minute that may have begun since the store was opened, whatever clock it goes by."""
    opened = int(store.now().timestamp()) // 60
    return range(opened, opened + 60)


async def counted(store: StoreHarness) -> Tally:
    return total((await store.tallies.by_minute(minutes(store))).values())


async def moved(store: StoreHarness, *users: str, most: int = 0) -> Mapping[str, int]:
    span = minutes(store)
    quarters = range(span.start // 360, span.stop // 360 + 1)
    found = await store.tallies.moved(quarters, users, most)
    assert all(len(row) == len(quarters) for row in found.values())
    return {user: sum(row) for user, row in found.items()}


async def report(story: Story, before: Snapshot, bytes_done: int) -> Snapshot:
    progress = Progress(bytes_done=bytes_done)
    return await story.change(before, task_of(before).report(token_of(before), story.at(), progress, None))


async def test_nothing_was_counted_at_first(store: StoreHarness) -> None:
    assert await store.tallies.by_minute(minutes(store)) == {}
    assert await moved(store, most=10) == {}
    assert await moved(store, "alice") == {"alice": 0}


async def test_ends_are_counted_by_how_tasks_ended(store: StoreHarness, story: Story) -> None:
    for task_id in ("1", "2"):
        await story.complete(await story.at_work(task_id))
    await story.refuse("3")
    failing = await story.at_work("4")
    words = "the target's file system is full: write failed"
    await story.change(failing, task_of(failing).fail(token_of(failing), words, story.at()))
    waiting = await story.accept("5")
    await story.change(waiting, task_of(waiting).request_cancel(story.at()))
    assert await counted(store) == Tally(2, 1, {FailureKind.REFUSED: 1, FailureKind.NO_SPACE: 1}, 0)


async def test_bytes_are_counted_while_the_work_goes_on(store: StoreHarness, story: Story) -> None:
    running = await story.at_work("1", user_id=ODD)
    running = await report(story, running, 2**40)
    assert (await counted(store)).bytes_done == 2**40
    running = await report(story, running, 2**40 + 5)
    await story.complete(running)
    assert await counted(store) == Tally(1, 0, {}, 2**40 + 5)
    assert await moved(store, ODD, "bob") == {ODD: 2**40 + 5, "bob": 0}


async def test_a_commit_that_is_refused_counts_nothing(store: StoreHarness, story: Story) -> None:
    running = await story.at_work("1")
    await report(story, running, 100)
    with pytest.raises(ConcurrentChange):
        await report(story, running, 100)
    assert (await counted(store)).bytes_done == 100


async def test_what_an_ended_task_learns_is_no_other_end(store: StoreHarness, story: Story) -> None:
    done = await story.complete(await story.at_work("1"))
    line = f"{story.at().isoformat()},a line of somebody else's"
    await story.change(done, task_of(done).learn((line,)))
    assert (await counted(store)).ended == 1


async def test_those_for_whom_most_was_moved_are_told(store: StoreHarness, story: Story) -> None:
    for task_id, (user_id, count) in enumerate((("alice", 10), ("bob", 30), (ODD, 20), ("dan", 1)), 1):
        await story.complete(await report(story, await story.at_work(str(task_id), user_id=user_id), count))
    assert await moved(store, most=2) == {"bob": 30, ODD: 20}
    assert await moved(store, "dan", most=1) == {"bob": 30, "dan": 1}


async def test_only_the_minutes_that_are_asked_for_are_told(store: StoreHarness, story: Story) -> None:
    await story.refuse("1")
    (minute,) = await store.tallies.by_minute(minutes(store))
    assert set(await store.tallies.by_minute(range(minute, minute + 1))) == {minute}
    for others in (range(minute - 60, minute), range(minute + 1, minute + 60), range(minute, minute)):
        assert await store.tallies.by_minute(others) == {}


async def test_a_fail_over_loses_counts_with_what_was_counted(store: StoreHarness, story: Story) -> None:
    await story.complete(await report(story, await story.at_work("1"), 100))
    saved = await store.save()
    await report(story, await story.at_work("2"), 7)
    await store.fail_over(saved)
    assert await counted(store) == Tally(1, 0, {}, 100)
    assert await moved(store, "alice") == {"alice": 100}
