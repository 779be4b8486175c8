"""What a claim costs the memory adapters, counted and not timed, does not grow with what waits."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from math import log2
from types import FrameType

import pytest

from adapters.memory.fair_queue import FairQueue
from domain.dispatch import AtWork, Limits, Queued
from domain.values import Priority
from tests.stores.memory_harness import MemoryHarness
from tests.stores.story import Story

CLAIMS = 50
FEW, MANY = 200, 20_000


class CountedOrder(int):
    """A place in the queue that counts how often any of its kind is compared."""

    comparisons = 0

    def __lt__(self, other: int) -> bool:
        CountedOrder.comparisons += 1
        return int(self) < int(other)

    def __gt__(self, other: int) -> bool:
        CountedOrder.comparisons += 1
        return int(self) > int(other)

    def __eq__(self, other: object) -> bool:
        CountedOrder.comparisons += 1
        return isinstance(other, int) and int(self) == int(other)

    __hash__ = int.__hash__


class Calls:
    """How many functions were called, Python's own included."""

    count = 0

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        self.count += event in ("call", "c_call")


@contextmanager
def counted_calls() -> Iterator[Calls]:
    calls = Calls()
    sys.setprofile(calls)
    try:
        yield calls
    finally:
        sys.setprofile(None)


def comparisons_of_claims(waiting: int, users: int) -> int:
    """Return how often tasks are compared in a row of claims, each of which ends another task."""
    queue = FairQueue()
    for number in range(waiting):
        user_id, priority = f"user-{number % users}", (Priority.LOW, Priority.HIGH)[number % 2]
        task = Queued(str(number), "sync", user_id, priority, CountedOrder(queue.next_number()))
        queue.put(task.task_id, task)
    CountedOrder.comparisons = 0
    for _ in range(CLAIMS):
        chosen = queue.next_task(Limits(per_user=3))
        assert chosen is not None
        queue.put(chosen.task_id, AtWork(chosen.task_id, chosen.service, chosen.user_id))
        queue.put(chosen.task_id, None)
    return CountedOrder.comparisons


async def calls_of_claims(waiting: int, users: int, blocked_lane: bool) -> int:
    """Return how many functions a row of claims calls through the port."""
    harness = MemoryHarness()
    story = Story(harness)
    for number in range(waiting):
        await story.accept(str(number), "rm" if blocked_lane and number % 2 else "sync", f"user-{number % users}")
    limits = Limits(per_service={"rm": 0} if blocked_lane else {})
    with counted_calls() as calls:
        claimed = await story.claim(CLAIMS, limits)
    assert len(claimed) == CLAIMS
    return calls.count


@pytest.mark.parametrize("users", [1, 20, None], ids=["one user", "some users", "a user per task"])
def test_comparisons(users: int | None) -> None:
    few, many = (comparisons_of_claims(waiting, users or waiting) for waiting in (FEW, MANY))
    assert few > 0
    assert many <= few * log2(MANY) / log2(FEW) * 1.5


@pytest.mark.parametrize("blocked_lane", [False, True])
@pytest.mark.parametrize("users", [1, 20, None], ids=["one user", "some users", "a user per task"])
async def test_calls(users: int | None, *, blocked_lane: bool) -> None:
    few, many = [await calls_of_claims(waiting, users or waiting, blocked_lane) for waiting in (FEW, MANY // 10)]
    assert few > CLAIMS
    assert many <= few * 1.2
