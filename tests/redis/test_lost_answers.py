"""Answers that get lost after the command was done: what is asked for again is recognised as done."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace

import pytest

from adapters.redis import keys
from adapters.redis.block_store import RedisBlockStore
from adapters.redis.dispatch_queue import RedisDispatchQueue
from domain.blocks import Block, BlockFlags
from domain.ports import Admission, ConcurrentChange, QueueFull, Snapshot, StoreUnavailable
from domain.reconcile import reconcile
from domain.task import Task
from domain.values import Lease, Priority, TaskStatus
from tests.redis import queue_keys
from tests.redis.desk import LEASE_S, NO_LIMITS, Desk, document, record_of, task_of, token_of
from tests.redis.far import commits, far_desk, sha_of
from tests.redis.interference import undisturbed
from tests.redis.lives import LIVES, Life, live
from tests.redis.office import Office
from tests.redis.outcomes import outcome, undisturbed_outcome
from tests.support.lossy_proxy import LossyProxy
from tests.support.redis_server import RedisServer

MOST_COMMITS = 30
ANY = b"EVALSHA"


@pytest.fixture
async def proxy(redis_server: RedisServer) -> AsyncIterator[LossyProxy]:
    async with LossyProxy(redis_server.port).running() as running:
        yield running


@pytest.fixture
async def far(redis_url: str, proxy: LossyProxy) -> AsyncIterator[Desk]:
    async with far_desk(proxy) as opened:
        yield opened


@pytest.fixture
async def hasty(redis_url: str, proxy: LossyProxy) -> AsyncIterator[Desk]:
    """A desk that has little patience, for answers that never come."""
    async with far_desk(proxy, timeout_s=0.1) as opened:
        yield opened


def lease_of(snapshot: Snapshot) -> Lease:
    lease = task_of(snapshot).lease
    assert lease is not None
    return lease


# --- commits ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("life", LIVES)
async def test_the_answer_to_any_commit_may_get_lost(desk: Desk, far: Desk, proxy: LossyProxy, life: Life) -> None:
    expected = await undisturbed_outcome(desk, life)
    undisturbed_office = await live(life, desk, undisturbed())
    for after in range(MOST_COMMITS):
        already = proxy.lost
        proxy.lose_answer_to(*commits(desk), after=after)
        office = await live(life, far, undisturbed())
        if proxy.lost == already:
            break
        assert await outcome(desk) == expected, f"when the answer to commit {after} of {life.__name__} was lost"
        assert len(office.executor.started) == len(undisturbed_office.executor.started)
    else:
        raise AssertionError("this life has no end")
    assert after > 0
    assert proxy.lost == after


async def test_a_commit_whose_answer_was_lost_is_done(far: Desk, proxy: LossyProxy) -> None:
    await far.redis.set(keys.FEED_WATCHED, "somebody")
    accepted = await far.accept("10")
    proxy.lose_answer_to(ANY)
    cancelled = await far.change(accepted, task_of(accepted).request_cancel(far.clock.now()))
    assert proxy.lost == 1
    assert cancelled == await far.load("10")
    assert task_of(cancelled).status is TaskStatus.CANCELLED
    assert len(task_of(cancelled).lines) == len(task_of(accepted).lines) + 2
    assert await far.redis.xlen(keys.FEED) == 2  # those who watch are told once


async def test_what_it_returned_can_be_committed_over(far: Desk, proxy: LossyProxy) -> None:
    await far.put("10", document("10"))
    before = await far.load("10")
    proxy.lose_answer_to(ANY)
    accepted = await far.change(before, Task.accept(record_of(before), far.clock.now()))
    assert (proxy.lost, task_of(accepted).order) == (1, 1)
    (claimed,) = await far.claim()
    proxy.lose_answer_to(ANY)
    dispatched = await far.change(claimed, task_of(claimed).dispatch(token_of(claimed), far.clock.now()))
    proxy.lose_answer_to(ANY)
    ended = await far.change(
        dispatched, task_of(dispatched).fail(token_of(dispatched), "no such path", far.clock.now())
    )
    assert proxy.lost == 3
    assert ended == await far.load("10")
    assert await queue_keys.found(far.redis) == queue_keys.expected([task_of(ended)])


async def test_a_record_that_was_written_alone_is_known_again(far: Desk, proxy: LossyProxy) -> None:
    await far.put("10", document("10"))
    before = await far.load("10")
    record = replace(record_of(before), status="failed")
    proxy.lose_answer_to(ANY)
    after = await far.store.commit(before, None, record)
    assert proxy.lost == 1
    assert (after.task, record_of(after).status) == (None, "failed")
    assert after == await far.load("10")


@pytest.mark.parametrize("who", ["frontend", "scheduler"])
@pytest.mark.parametrize("when", ["before it", "after it"])
async def test_a_lost_commit_beside_which_others_wrote_is_a_concurrent_change(
    far: Desk, desk: Desk, proxy: LossyProxy, who: str, when: str
) -> None:
    accepted = await far.accept("10")
    raised = task_of(accepted).change_priority(Priority.HIGH, far.clock.now())
    held = proxy.hold(*commits(far)) if when == "before it" else proxy.hush_answer_to(*commits(far))
    async with asyncio.TaskGroup() as group:
        commit = group.create_task(caught(far.change(accepted, raised)))
        await held.caught.wait()
        if who == "frontend":
            await desk.put("10", document("10", status="dispatching"))
        else:
            await desk.claim()
        await proxy.cut()
    assert isinstance(commit.result(), ConcurrentChange)
    assert task_of(await far.load("10")).priority is (Priority.LOW if when == "before it" else Priority.HIGH)


async def caught(call: Awaitable[object]) -> object:
    try:
        return await call
    except ConcurrentChange as error:
        return error


async def test_an_admission_whose_answer_was_lost_is_done_though_it_filled_the_queue(
    far: Desk, proxy: LossyProxy
) -> None:
    await far.put("10", document("10"))
    before = await far.load("10")
    met = reconcile(Task.accept(record_of(before), far.clock.now()), before.record, far.clock.now())
    proxy.lose_answer_to(*commits(far))
    accepted = await far.store.commit(before, met.task, met.record, admission=Admission("alice", 1))
    assert proxy.lost == 1
    assert accepted == await far.load("10")
    await far.put("11", document("11"))
    other = await far.load("11")
    met = reconcile(Task.accept(record_of(other), far.clock.now()), other.record, far.clock.now())
    with pytest.raises(QueueFull):
        await far.store.commit(other, met.task, met.record, admission=Admission("alice", 1))


# --- claims and take-overs --------------------------------------------------------------------------------------

Call = Callable[[RedisDispatchQueue, Sequence[str]], Awaitable[Sequence[Snapshot]]]


async def claim(queue: RedisDispatchQueue, nonces: Sequence[str]) -> Sequence[Snapshot]:
    return await queue.claim("replica-1", nonces, NO_LIMITS, LEASE_S)


async def take_over(queue: RedisDispatchQueue, nonces: Sequence[str]) -> Sequence[Snapshot]:
    return await queue.take_over("replica-1", nonces, LEASE_S)


async def let_four_wait(desk: Desk, call: Call) -> None:
    """Let there be four tasks for the call to lease."""
    for number in range(1, 5):
        await desk.accept(str(number))
    if call is take_over:
        await desk.claim(4, "replica-0")
        await desk.redis.zadd("dms:scheduler:live", {str(number): number for number in range(1, 5)})


@pytest.mark.parametrize("call", [claim, take_over])
async def test_a_call_whose_answer_was_lost_returns_what_it_leased(far: Desk, proxy: LossyProxy, call: Call) -> None:
    await let_four_wait(far, call)
    nonces = far.nonces(2)
    proxy.lose_answer_to(ANY)
    leased = await call(far.queue, nonces)
    assert proxy.lost == 1
    assert [snapshot.task_id for snapshot in leased] == ["1", "2"]
    assert [lease_of(snapshot).nonce for snapshot in leased] == nonces
    assert leased == await far.store.load(["1", "2"])
    tasks = [task_of(snapshot) for snapshot in await far.store.load(["1", "2", "3", "4"])]
    assert await queue_keys.found(far.redis) == queue_keys.expected(tasks, users_served=["alice"])
    assert [snapshot.task_id for snapshot in await call(far.queue, far.nonces(2))] == ["3", "4"]


@pytest.mark.parametrize("call", [claim, take_over])
async def test_a_call_that_was_given_up_is_made_again_by_its_caller(
    hasty: Desk, desk: Desk, proxy: LossyProxy, call: Call
) -> None:
    await let_four_wait(desk, call)
    nonces = desk.nonces(2)
    await hasty.load("1")
    held = proxy.hold(sha_of(desk, "claim"), sha_of(desk, "take_over"))
    proxy.upstream_port = 1  # nobody is there
    with pytest.raises(StoreUnavailable):
        await call(hasty.queue, nonces)
    held.release()
    await held.done.wait()
    leased = await call(desk.queue, nonces)
    assert [snapshot.task_id for snapshot in leased] == ["1", "2"]


@pytest.mark.parametrize("call", [claim, take_over])
async def test_a_call_that_arrives_late_leases_nothing_more(
    hasty: Desk, desk: Desk, proxy: LossyProxy, call: Call
) -> None:
    """It was repeated meanwhile, with the same nonces, and the repetition came first."""
    await let_four_wait(desk, call)
    await hasty.load("1")
    held = proxy.hold(sha_of(desk, "claim"), sha_of(desk, "take_over"))
    nonces = desk.nonces(2)
    leased = await call(hasty.queue, nonces)
    assert held.caught.is_set()
    held.release()
    await held.done.wait()
    assert leased == await desk.store.load(["1", "2"])
    assert [lease_of(snapshot).owner for snapshot in leased] == ["replica-1"] * 2
    others = await desk.store.load(["3", "4"])
    assert {each.lease.owner if each.lease else "" for each in map(task_of, others)} == (
        {""} if call is claim else {"replica-0"}
    )


@pytest.mark.parametrize("call", [claim, take_over])
async def test_a_repeated_call_returns_what_nobody_else_has_taken_with_new_leases(desk: Desk, call: Call) -> None:
    await let_four_wait(desk, call)
    nonces = desk.nonces(3)
    first, second, third = await call(desk.queue, nonces)
    await desk.redis.zadd("dms:scheduler:live", {"1": 1, "2": 2})
    (taken,) = await desk.queue.take_over("replica-9", desk.nonces(1), LEASE_S)
    assert taken.task_id == first.task_id
    cancelled = await desk.change(third, task_of(third).request_cancel(desk.clock.now()))
    repeated = await call(desk.queue, nonces)
    assert repeated == [second, cancelled]
    assert float(await desk.redis.zscore("dms:scheduler:live", "2") or 0) > 2
    assert [s.task_id for s in await desk.queue.take_over("replica-9", desk.nonces(1), LEASE_S)] == (
        [] if call is claim else ["4"]
    )


@pytest.mark.parametrize("call", [claim, take_over])
async def test_a_call_that_leased_nothing_is_a_new_one_when_it_is_repeated(desk: Desk, call: Call) -> None:
    nonces = desk.nonces(2)
    assert await call(desk.queue, nonces) == []
    await let_four_wait(desk, call)
    assert [snapshot.task_id for snapshot in await call(desk.queue, nonces)] == ["1", "2"]


async def test_owners_do_not_repeat_each_others_calls(desk: Desk) -> None:
    await let_four_wait(desk, claim)
    nonces = desk.nonces(1)
    (mine,) = await desk.queue.claim("replica-1", nonces, desk.limits, LEASE_S)
    (theirs,) = await desk.queue.claim("replica 2:ü", nonces, desk.limits, LEASE_S)
    assert (mine.task_id, theirs.task_id) == ("1", "2")
    assert await desk.queue.claim("replica 2:ü", nonces, desk.limits, LEASE_S) == [theirs]


async def test_calls_of_owners_that_are_gone_are_forgotten(desk: Desk) -> None:
    await let_four_wait(desk, claim)
    counts = "dms:scheduler:counts"
    for owner in range(250):
        kind = "claimed" if owner % 2 else "taken"
        await desk.redis.hset(counts, f"{kind}:owner-{owner}", f"{1_000_000 + owner} 00ff 7 8")
    await desk.claim(1, "replica-1")
    assert 100 < await desk.redis.hlen(counts) < 200
    for _ in range(3):
        await desk.claim(1, "replica-1")
    left = {field.decode() for field in await desk.redis.hkeys(counts)}  # type: ignore[union-attr]
    assert {field for field in left if field.startswith(("claimed:", "taken:"))} == {"claimed:replica-1"}
    assert (await desk.queue.overview()).at_work == {"sync": 4}


async def test_a_claim_whose_answer_was_lost_for_good_leaves_the_tasks_to_a_take_over(
    hasty: Desk, desk: Desk, proxy: LossyProxy
) -> None:
    await let_four_wait(desk, claim)
    await hasty.load("1")
    proxy.upstream_port = 1
    proxy.hush_answer_to(sha_of(desk, "claim"))
    with pytest.raises(StoreUnavailable):
        await hasty.claim(1)
    await desk.redis.zadd("dms:scheduler:live", {"1": 1})
    office = Office(desk)
    assert await office.take_over() == 1
    assert await office.work() == 4
    tasks = [task_of(snapshot) for snapshot in await desk.store.load(["1", "2", "3", "4"])]
    assert [(task.status, len(task.attempts)) for task in tasks] == [(TaskStatus.COMPLETED, 1)] * 4


async def test_a_renewal_whose_answer_was_lost_holds(far: Desk, proxy: LossyProxy) -> None:
    await far.accept("10")
    (claimed,) = await far.claim()
    proxy.lose_answer_to(ANY)
    assert await far.queue.renew({"10": lease_of(claimed)}, 60.0) == frozenset()
    assert proxy.lost == 1


@pytest.mark.parametrize("scope", ["everybody", "alice"])
async def test_a_block_whose_answer_was_lost_holds(far: Desk, proxy: LossyProxy, scope: str) -> None:
    blocks = RedisBlockStore(far.endpoints)
    change: Callable[[Block | None], Awaitable[None]] = (
        blocks.set_everybody if scope == "everybody" else lambda block: blocks.set_user(scope, block)
    )
    await change(None)
    proxy.lose_answer_to(ANY)
    await change(Block())
    assert proxy.lost == 1
    found = (await far.store.load_for_submit("1", "alice"))[1]
    assert found == (BlockFlags(everybody=Block()) if scope == "everybody" else BlockFlags(user=Block()))
