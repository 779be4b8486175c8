"""The port `DispatchQueue`: what a claim gives, and how its lease is renewed and taken over."""

from dataclasses import replace

import pytest

from domain.dispatch import Limits
from domain.ports import ConcurrentChange, QueueHead
from domain.values import Lease, Priority, TaskStatus
from tests.stores.harness import StoreHarness
from tests.stores.story import LEASE_S, Story, task_of, token_of

# --- what is claimed -------------------------------------------------------------------------------------------


async def test_a_claim_leases_and_changes_nothing_that_users_see(store: StoreHarness, story: Story) -> None:
    accepted = await story.accept("1")
    (claimed,) = await store.queue.claim("replica-7", ["c0ffee"], Limits(), LEASE_S)
    lease = task_of(claimed).lease
    assert lease is not None
    assert (lease.owner, lease.nonce) == ("replica-7", "c0ffee")
    assert lease.epoch > 0
    assert task_of(claimed) == task_of(accepted).claim(lease)
    assert claimed.record == accepted.record
    assert claimed == await story.load("1")
    assert LEASE_S - 30 < await store.lease_left_s("1") <= LEASE_S


@pytest.mark.parametrize("owner", ["host:1/2", "a b", "작업자", "100%"])
async def test_an_owner_may_have_any_name(store: StoreHarness, story: Story, owner: str) -> None:
    await story.accept("1")
    (claimed,) = await story.claim(owner=owner)
    assert _lease(task_of(claimed).lease).owner == owner
    dispatched = await story.change(claimed, task_of(claimed).dispatch(token_of(claimed), story.at()))
    assert dispatched == await story.load("1")
    await store.expire_lease("1")
    (taken,) = await story.take_over(owner=f"{owner} too")
    assert _lease(task_of(taken).lease).owner == f"{owner} too"


@pytest.mark.parametrize(("service", "user_id"), [("a:b", "kim:admin"), ("동기화", "이하나"), ("s p%", "*?[x]")])
async def test_services_and_users_may_have_any_name(
    store: StoreHarness, story: Story, service: str, user_id: str
) -> None:
    await story.accept("1", service=service, user_id=user_id)
    await story.accept("2", service=service, user_id=user_id)
    assert await story.claim_ids(2, Limits(per_service={service: 1})) == ["1"]
    overview = await store.queue.overview()
    assert overview.at_work[service] == 1
    assert overview.waiting[Priority.LOW, service] == 1
    assert list(overview.heads) == [QueueHead(Priority.LOW, service, user_id, "2", 1)]


async def test_what_a_claim_returns_may_be_committed_on(story: Story) -> None:
    await story.accept("1")
    (claimed,) = await story.claim()
    dispatched = await story.change(claimed, task_of(claimed).dispatch(token_of(claimed), story.at()))
    assert task_of(dispatched).status is TaskStatus.DISPATCHING


async def test_a_claim_gives_at_most_one_task_per_nonce(store: StoreHarness, story: Story) -> None:
    for task_id in ("1", "2", "3"):
        await story.accept(task_id)
    assert list(await store.queue.claim("replica-1", [], Limits(), LEASE_S)) == []
    claimed = await store.queue.claim("replica-1", ["aa", "bb"], Limits(), LEASE_S)
    assert [token_of(snapshot)[1] for snapshot in claimed] == ["aa", "bb"]


async def test_no_task_is_claimed_twice(story: Story) -> None:
    await story.accept("1")
    assert await story.claim_ids(2) == ["1"]
    assert await story.claim_ids(2) == []


async def test_the_epoch_goes_up_with_every_claim(story: Story) -> None:
    await story.accept("1")
    epochs = []
    for _ in range(3):
        (claimed,) = await story.claim()
        epochs.append(token_of(claimed)[0])
        await story.hand_back(claimed)
    assert epochs == [epochs[0], epochs[0] + 1, epochs[0] + 2]


async def test_a_task_is_claimed_without_its_record(store: StoreHarness, story: Story) -> None:
    await story.accept("1")
    await store.frontend.delete("1")
    (claimed,) = await story.claim()
    assert (claimed.task_id, claimed.record) == ("1", None)
    assert await store.frontend.read("1") is None


# --- renew -----------------------------------------------------------------------------------------------------


async def test_renewing_extends_a_lease_from_now(store: StoreHarness, story: Story) -> None:
    lease = _lease(task_of(await story.at_work("1")).lease)
    assert await store.queue.renew({"1": lease}, 3 * LEASE_S) == frozenset()
    assert 3 * LEASE_S - 30 < await store.lease_left_s("1") <= 3 * LEASE_S
    await store.queue.renew({"1": lease}, LEASE_S)
    assert await store.lease_left_s("1") <= LEASE_S


async def test_leases_that_are_no_longer_these_are_named(store: StoreHarness, story: Story) -> None:
    lease = _lease(task_of(await story.at_work("1")).lease)
    ending = await story.at_work("2")
    await story.complete(ending)
    await story.accept("3")
    held = {"1": lease, "2": _lease(task_of(ending).lease), "3": lease, "4": lease}
    assert await store.queue.renew(held, LEASE_S) == {"2", "3", "4"}
    for wrong in (replace(lease, nonce="00"), replace(lease, epoch=lease.epoch + 1)):
        assert await store.queue.renew({"1": wrong}, 10 * LEASE_S) == {"1"}
    assert await store.lease_left_s("1") <= LEASE_S


async def test_renewing_disturbs_no_commit(store: StoreHarness, story: Story) -> None:
    running = await story.at_work("1")
    await store.queue.renew({"1": _lease(task_of(running).lease)}, LEASE_S)
    assert task_of(await story.complete(running)).status is TaskStatus.COMPLETED


async def test_nothing_is_renewed_for_no_leases(store: StoreHarness) -> None:
    assert await store.queue.renew({}, LEASE_S) == frozenset()


async def test_an_expired_lease_that_nobody_took_over_may_be_renewed(store: StoreHarness, story: Story) -> None:
    lease = _lease(task_of(await story.at_work("1")).lease)
    await store.expire_lease("1")
    assert await store.queue.renew({"1": lease}, LEASE_S) == frozenset()
    assert list(await story.take_over()) == []


async def test_a_lease_may_be_let_go_at_once(store: StoreHarness, story: Story) -> None:
    running = await story.at_work("1")
    assert await store.queue.renew({"1": _lease(task_of(running).lease)}, 0) == frozenset()
    assert [snapshot.task_id for snapshot in await story.take_over()] == ["1"]


# --- take over -------------------------------------------------------------------------------------------------


async def test_an_expired_lease_is_taken_over(store: StoreHarness, story: Story) -> None:
    running = await story.at_work("1")
    old = _lease(task_of(running).lease)
    await store.expire_lease("1")
    (taken,) = await store.queue.take_over("replica-2", ["beef"], LEASE_S)
    assert task_of(taken) == replace(task_of(running), lease=Lease("replica-2", old.epoch + 1, "beef"))
    assert taken.record == running.record
    assert taken == await story.load("1")
    assert LEASE_S - 30 < await store.lease_left_s("1") <= LEASE_S
    assert await store.queue.renew({"1": old}, LEASE_S) == {"1"}


async def test_the_former_owner_may_write_nothing(store: StoreHarness, story: Story) -> None:
    running = await story.at_work("1")
    await store.expire_lease("1")
    (taken,) = await story.take_over()
    with pytest.raises(ConcurrentChange):
        await story.complete(running)
    assert await story.load("1") == taken
    assert task_of(await story.complete(taken)).status is TaskStatus.COMPLETED


async def test_only_expired_leases_are_taken_over_oldest_first(store: StoreHarness, story: Story) -> None:
    for task_id in ("1", "2", "3", "4", "5"):
        await story.accept(task_id)
    await story.claim(4)
    for task_id in ("4", "1", "3"):
        await store.expire_lease(task_id)
    assert [snapshot.task_id for snapshot in await story.take_over(2)] == ["4", "1"]
    assert [snapshot.task_id for snapshot in await story.take_over(2)] == ["3"]
    assert [snapshot.task_id for snapshot in await story.take_over(2)] == []


async def test_the_slot_stays_taken_over_a_take_over(store: StoreHarness, story: Story) -> None:
    await story.accept("1")
    await story.accept("2")
    await story.claim()
    await store.expire_lease("1")
    assert await story.claim_ids(2, Limits(per_user=1)) == []
    await story.take_over()
    assert await story.claim_ids(2, Limits(per_user=1)) == []


async def test_a_cancelled_task_whose_owner_is_gone_is_taken_over(store: StoreHarness, story: Story) -> None:
    running = await story.at_work("1")
    await story.change(running, task_of(running).request_cancel(story.at()))
    await store.expire_lease("1")
    (taken,) = await story.take_over()
    assert task_of(taken).status is TaskStatus.CANCEL_REQUESTED


async def test_a_task_that_ended_or_was_handed_back_is_not_taken_over(store: StoreHarness, story: Story) -> None:
    for task_id in ("1", "2"):
        await story.accept(task_id)
    first, second = await story.claim(2)
    await store.expire_lease("1")
    await store.expire_lease("2")
    await story.change(first, task_of(first).fail(token_of(first), "no such path", story.at()))
    await story.hand_back(second)
    assert list(await story.take_over(3)) == []


def _lease(lease: Lease | None) -> Lease:
    assert lease is not None
    return lease
