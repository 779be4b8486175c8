"""What the memory adapters keep is what stands, not what ever was."""

import gc
from collections import deque
from types import FunctionType, MethodType, ModuleType

from adapters.memory.counts import MINUTES_KEPT, QUARTERS_KEPT, Counts
from domain.ports import TaskFilter
from domain.tally import QUARTER_MINUTES, Addition
from tests.stores.memory_harness import MemoryHarness
from tests.stores.observer import observing
from tests.stores.story import TTL_S, Story, task_of, token_of

DAY_S = 86_400.0
TASKS = 200


async def live_through(story: Story, number: int) -> None:
    """Let a task, of a user and a service of its own, wait, be claimed, retried, and end."""
    await story.accept(str(number), service=f"service-{number}", user_id=f"user-{number}")
    (claimed,) = await story.claim()
    opened = await story.change(claimed, task_of(claimed).dispatch(token_of(claimed), story.at()))
    await story.retry_later(opened, story.store.now())
    (claimed,) = await story.claim()
    await story.change(claimed, task_of(claimed).fail(token_of(claimed), "no such path", story.at()))


def entries_under(root: object) -> int:
    """Return how many entries all containers together hold that can be reached from an object."""
    entries, seen, todo = 0, {id(root)}, deque([root])
    while todo:
        thing = todo.popleft()
        if isinstance(thing, dict | list | set):
            entries += len(thing)
        for one in gc.get_referents(thing):
            if id(one) not in seen and not isinstance(one, type | ModuleType | FunctionType | MethodType):
                seen.add(id(one))
                todo.append(one)
    return entries


async def test_tasks_that_have_expired_leave_nothing_behind() -> None:
    harness = MemoryHarness(routes=())  # what is told of an end waits for its receiver, not for the task
    story = Story(harness)
    await live_through(story, TASKS)
    with_one = entries_under(harness.database)
    for number in range(TASKS):
        await live_through(story, number)
    assert entries_under(harness.database) > with_one + TASKS
    harness.time.seconds += TTL_S + DAY_S
    await live_through(story, TASKS)
    assert entries_under(harness.database) <= with_one + 100


async def test_a_ledger_that_has_expired_is_told_and_nowhere_to_be_seen() -> None:
    harness = MemoryHarness()
    await Story(harness).refuse("1")
    async with observing(harness) as observer:
        harness.time.seconds += TTL_S + DAY_S - 1
        assert (await Story(harness).load("1")).task is not None
        await observer.until_changed("1")
        observer.forget()
        harness.time.seconds += 1
        assert list(await harness.tasks.recently_ended_ids(10 * TTL_S + DAY_S)) == []
        await observer.until_changed("1")
        assert (await harness.listing.page(TaskFilter(), None, 10)).tasks == []
        assert (await Story(harness).load("1")).task is None


async def test_counts_are_kept_for_as_long_as_they_are_asked_for() -> None:
    counts, minute = Counts(), 1_000_000
    for later in range(3 * MINUTES_KEPT):
        counts.add(minute + later, Addition(f"user-{later % 7}", "completed", 10))
    last = minute + 3 * MINUTES_KEPT - 1
    kept = [each for each in range(minute, last + 1) if counts.minute(each) is not None]
    assert kept == list(range(last - MINUTES_KEPT + 1, last + 1))
    counts.add(last + QUARTERS_KEPT * QUARTER_MINUTES, Addition("late", "", 1))
    assert counts.quarter(last // QUARTER_MINUTES) == {}
    assert counts.minute(last) is None
