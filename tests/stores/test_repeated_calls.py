"""The port `DispatchQueue`: a claim or take-over whose answer got lost is made again, and leases nothing twice."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import pytest

from domain.dispatch import Limits
from domain.ports import Snapshot
from domain.values import TaskStatus
from tests.stores.harness import StoreHarness
from tests.stores.story import LEASE_S, Story, task_of, token_of

NONCES = ("a1", "b2", "c3")

Ask = Callable[..., Awaitable[Sequence[Snapshot]]]


@dataclass(frozen=True)
class Calls:
    """Claims or take-overs, and three tasks that one of them may lease."""

    story: Story
    ask: Ask

    async def lease_all(self) -> Sequence[Snapshot]:
        leased = await self.ask(NONCES)
        assert [snapshot.task_id for snapshot in leased] == ["1", "2", "3"]
        return leased

    async def ids_when_repeated(self) -> list[str]:
        return [snapshot.task_id for snapshot in await self.ask(NONCES)]


@pytest.fixture(params=["claim", "take over"])
async def calls(request: pytest.FixtureRequest, store: StoreHarness, story: Story) -> Calls:
    """One kind of call by one owner."""

    async def claim(nonces: Sequence[str], owner: str = "replica-1", lease_s: float = LEASE_S) -> Sequence[Snapshot]:
        return await store.queue.claim(owner, nonces, Limits(), lease_s)

    async def take_over(
        nonces: Sequence[str], owner: str = "replica-1", lease_s: float = LEASE_S
    ) -> Sequence[Snapshot]:
        return await store.queue.take_over(owner, nonces, lease_s)

    for task_id in ("1", "2", "3"):
        await story.accept(task_id)
    if request.param == "claim":
        return Calls(story, claim)
    await story.claim(3, owner="replica-0")
    for task_id in ("1", "2", "3"):
        await store.expire_lease(task_id)
    return Calls(story, take_over)


async def test_a_repeated_call_returns_what_the_first_one_leased(story: Story, calls: Calls) -> None:
    leased = await calls.lease_all()
    for _ in range(2):
        assert list(await calls.ask(NONCES)) == list(leased)
    assert await story.load("1") == leased[0]


async def test_it_leases_nothing_else(store: StoreHarness, story: Story, calls: Calls) -> None:
    await calls.ask(NONCES[:2])
    await story.accept("4")
    assert [snapshot.task_id for snapshot in await calls.ask(NONCES[:2])] == ["1", "2"]
    overview = await store.queue.overview()
    assert sum(overview.waiting.values()) + overview.at_work["sync"] == 4


async def test_its_leases_begin_anew(store: StoreHarness, calls: Calls) -> None:
    await calls.lease_all()
    await store.expire_lease("1")
    await calls.ask(NONCES, lease_s=3 * LEASE_S)
    for task_id in ("1", "2", "3"):
        assert 3 * LEASE_S - 30 < await store.lease_left_s(task_id) <= 3 * LEASE_S
    assert list(await store.queue.take_over("replica-2", ["d4"], LEASE_S)) == []


async def test_what_it_returns_may_be_committed_on(story: Story, calls: Calls) -> None:
    await calls.lease_all()
    again, *_ = await calls.ask(NONCES)
    dispatched = await story.change(again, task_of(again).dispatch(token_of(again), story.at()))
    assert task_of(dispatched).status is TaskStatus.DISPATCHING


async def test_what_was_cancelled_since_comes_as_it_is_now(story: Story, calls: Calls) -> None:
    leased = await calls.lease_all()
    await story.change(leased[1], task_of(leased[1]).request_cancel(story.at()))
    again = await calls.ask(NONCES)
    assert [task_of(snapshot).status for snapshot in again] == ["pending", "cancel_requested", "pending"]


async def test_what_ended_or_waits_again_does_not_come(story: Story, calls: Calls) -> None:
    first, second, _ = await calls.lease_all()
    await story.change(first, task_of(first).fail(token_of(first), "no such path", story.at()))
    await story.hand_back(second)
    assert await calls.ids_when_repeated() == ["3"]


async def test_what_was_taken_over_since_does_not_come(store: StoreHarness, story: Story, calls: Calls) -> None:
    await calls.lease_all()
    await store.expire_lease("2")
    (taken,) = await story.take_over(owner="replica-2")
    assert await calls.ids_when_repeated() == ["1", "3"]
    assert await story.load("2") == taken


async def test_an_id_that_is_another_tasks_by_now_does_not_come(story: Story, calls: Calls) -> None:
    await calls.lease_all()
    await story.accept("2", user_id="bob")
    assert await calls.ids_when_repeated() == ["1", "3"]


async def test_the_record_comes_as_it_is_now(store: StoreHarness, calls: Calls) -> None:
    await calls.lease_all()
    await store.frontend.delete("1")
    again = await calls.ask(NONCES)
    assert [snapshot.record is None for snapshot in again] == [True, False, False]


async def test_nobody_elses_nonces_repeat_a_call(calls: Calls) -> None:
    await calls.lease_all()
    assert list(await calls.ask(NONCES, owner="replica-2")) == []


async def test_other_nonces_are_another_call(calls: Calls) -> None:
    first = await calls.ask(["a1"])
    second = await calls.ask(["b2"])
    assert [snapshot.task_id for snapshot in (*first, *second)] == ["1", "2"]
    assert list(await calls.ask(["b2"])) == list(second)


async def test_the_calls_of_two_owners_are_told_apart(calls: Calls) -> None:
    first = await calls.ask(["a1"], owner="replica-1")
    second = await calls.ask(["b2"], owner="replica 2/ü")
    assert list(await calls.ask(["a1"], owner="replica-1")) == list(first)
    assert list(await calls.ask(["b2"], owner="replica 2/ü")) == list(second)


async def test_a_call_without_nonces_repeats_nothing(calls: Calls) -> None:
    await calls.lease_all()
    assert list(await calls.ask([])) == []


async def test_a_claim_and_a_take_over_of_one_owner_are_told_apart(store: StoreHarness, story: Story) -> None:
    await story.accept("1")
    await story.claim(owner="replica-0")
    await store.expire_lease("1")
    await story.accept("2")
    taken = await store.queue.take_over("replica-1", ["a1"], LEASE_S)
    claimed = await store.queue.claim("replica-1", ["b2"], Limits(), LEASE_S)
    assert [snapshot.task_id for snapshot in (*taken, *claimed)] == ["1", "2"]
    assert list(await store.queue.take_over("replica-1", ["a1"], LEASE_S)) == list(taken)
    assert list(await store.queue.claim("replica-1", ["b2"], Limits(), LEASE_S)) == list(claimed)
    for snapshot in (*taken, *claimed):
        assert await story.load(snapshot.task_id) == snapshot


async def test_what_an_owner_took_over_from_itself_does_not_come_with_its_claim(
    store: StoreHarness, story: Story
) -> None:
    for task_id in ("1", "2"):
        await story.accept(task_id)
    first, _ = await store.queue.claim("replica-1", ["a1", "b2"], Limits(), LEASE_S)
    await store.expire_lease("2")
    (taken,) = await store.queue.take_over("replica-1", ["c3"], LEASE_S)
    assert list(await store.queue.claim("replica-1", ["a1", "b2"], Limits(), LEASE_S)) == [first]
    assert await story.load("2") == taken


async def test_a_call_that_leased_nothing_is_made_anew(store: StoreHarness, story: Story) -> None:
    assert list(await store.queue.claim("replica-1", ["a1"], Limits(), LEASE_S)) == []
    await story.accept("1")
    (claimed,) = await store.queue.claim("replica-1", ["a1"], Limits(), LEASE_S)
    assert claimed.task_id == "1"
