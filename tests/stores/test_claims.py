"""The port `DispatchQueue`: who is claimed, and in which order."""

from datetime import timedelta

import pytest

from domain.dispatch import Limits
from domain.values import Priority
from tests.stores.harness import StoreHarness
from tests.stores.story import Story, task_of, token_of

# --- the order of the dispatch policy --------------------------------------------------------------------------


async def test_high_goes_before_low(story: Story) -> None:
    await story.accept("1")
    await story.accept("2", user_id="bob", priority=Priority.HIGH)
    assert await story.claim_ids(2) == ["2", "1"]


async def test_users_take_turns(story: Story) -> None:
    for task_id in ("1", "2", "3"):
        await story.accept(task_id, user_id="alice")
    for task_id in ("4", "5"):
        await story.accept(task_id, user_id="bob")
    assert await story.claim_ids(5) == ["1", "4", "2", "5", "3"]


async def test_with_one_slot_users_take_turns_too(story: Story) -> None:
    for task_id in ("1", "2", "3"):
        await story.accept(task_id, user_id="alice")
    for task_id in ("4", "5"):
        await story.accept(task_id, user_id="bob")
    served = []
    for _ in range(5):
        (claimed,) = await story.claim()
        served.append(claimed.task_id)
        await story.change(claimed, task_of(claimed).fail(token_of(claimed), "no such path", story.at()))
    assert served == ["1", "4", "2", "5", "3"]


async def test_users_of_different_services_take_turns_too(story: Story) -> None:
    for task_id in ("1", "2"):
        await story.accept(task_id, service="sync", user_id="alice")
    await story.accept("3", service="cp", user_id="bob")
    (claimed,) = await story.claim()
    await story.accept("4", service="cp", user_id="carol")
    await story.change(claimed, task_of(claimed).fail(token_of(claimed), "no such path", story.at()))
    served = [claimed.task_id]
    for _ in range(3):
        (claimed,) = await story.claim()
        await story.change(claimed, task_of(claimed).fail(token_of(claimed), "no such path", story.at()))
        served.append(claimed.task_id)
    assert served == ["1", "3", "2", "4"]


async def test_the_turn_of_a_user_counts_in_every_service(story: Story) -> None:
    await story.accept("1", service="sync", user_id="alice")
    await story.accept("2", service="cp", user_id="alice")
    await story.accept("3", service="cp", user_id="bob")
    assert await story.claim_ids(3) == ["1", "3", "2"]


async def test_a_task_at_a_limit_does_not_block_those_behind_it(story: Story) -> None:
    await story.accept("1", service="sync", user_id="alice")
    await story.accept("2", service="sync", user_id="alice")
    await story.accept("3", service="sync", user_id="bob")
    await story.accept("4", service="cp", user_id="alice")
    assert await story.claim_ids(4, Limits(per_service={"sync": 1})) == ["1", "4"]
    assert await story.claim_ids(4, Limits(per_user=2)) == ["3"]
    assert await story.claim_ids(4) == ["2"]


@pytest.mark.parametrize(
    ("limits", "claimed"),
    [
        (Limits(per_user=1), ["1"]),
        (Limits(every_service=2), ["1", "2"]),
        (Limits(per_service={"sync": 1}, every_service=3), ["1"]),
        (Limits(per_service={"cp": 1}), ["1", "2", "3"]),
        (Limits(per_user=0), []),
        (Limits(per_service={"sync": 0}), []),
    ],
    ids=str,
)
async def test_limits(story: Story, limits: Limits, claimed: list[str]) -> None:
    for task_id in ("1", "2", "3"):
        await story.accept(task_id)
    assert await story.claim_ids(5, limits) == claimed


async def test_the_end_of_a_task_frees_its_slot(story: Story) -> None:
    running = await story.at_work("1")
    await story.accept("2")
    assert await story.claim_ids(1, Limits(per_user=1)) == []
    await story.complete(running)
    assert await story.claim_ids(1, Limits(per_user=1)) == ["2"]


async def test_a_waiting_task_moves_with_its_priority_at_once(story: Story) -> None:
    await story.accept("1", user_id="bob")
    second = await story.accept("2")
    await story.change(second, task_of(second).change_priority(Priority.HIGH, story.at()))
    assert await story.claim_ids(2) == ["2", "1"]


async def test_a_task_that_moves_back_is_again_where_it_was(story: Story) -> None:
    for task_id in ("1", "2", "3"):
        await story.accept(task_id)
    raised = await story.load("2")
    raised = await story.change(raised, task_of(raised).change_priority(Priority.HIGH, story.at()))
    await story.change(raised, task_of(raised).change_priority(Priority.LOW, story.at()))
    assert await story.claim_ids(3) == ["1", "2", "3"]


async def test_a_task_that_was_cancelled_while_it_waited_is_not_claimed(story: Story) -> None:
    first = await story.accept("1")
    await story.accept("2")
    await story.change(first, task_of(first).request_cancel(story.at()))
    assert await story.claim_ids(2) == ["2"]


async def test_a_task_that_is_handed_back_is_the_first_of_its_user_again(story: Story) -> None:
    await story.accept("1")
    (claimed,) = await story.claim()
    await story.accept("2")
    await story.hand_back(claimed)
    assert await story.claim_ids(2) == ["1", "2"]


async def test_a_user_whose_task_is_handed_back_goes_before_those_who_came_later(story: Story) -> None:
    await story.accept("1", user_id="alice")
    (claimed,) = await story.claim()
    await story.accept("2", user_id="bob")
    await story.accept("3", user_id="alice")
    await story.hand_back(claimed)
    assert await story.claim_ids(3) == ["1", "2", "3"]


# --- retries ---------------------------------------------------------------------------------------------------


async def test_a_retry_is_claimed_when_its_time_has_come(store: StoreHarness, story: Story) -> None:
    retry_at = store.now() + timedelta(hours=1)
    waiting = await story.retry_later(await story.at_work("1"), retry_at)
    assert task_of(waiting).retry_at == retry_at
    assert await story.claim_ids() == []
    await store.come_due(retry_at)
    (claimed,) = await story.claim()
    assert (claimed.task_id, task_of(claimed).retry_at) == ("1", None)


async def test_a_retry_that_is_due_at_once_is_claimed_at_once(store: StoreHarness, story: Story) -> None:
    await story.retry_later(await story.at_work("1"), store.now() - timedelta(hours=1))
    assert await story.claim_ids() == ["1"]


async def test_a_retry_keeps_its_place_among_the_tasks_of_its_user(store: StoreHarness, story: Story) -> None:
    retry_at = store.now() + timedelta(hours=1)
    running = await story.at_work("1")
    await story.accept("2")
    await story.retry_later(running, retry_at)
    await store.come_due(retry_at)
    assert await story.claim_ids(2) == ["1", "2"]


async def test_a_retry_that_waits_may_be_cancelled_or_raised(store: StoreHarness, story: Story) -> None:
    retry_at = store.now() + timedelta(hours=1)
    first = await story.retry_later(await story.at_work("1"), retry_at)
    second = await story.retry_later(await story.at_work("2"), retry_at)
    await story.accept("3", user_id="bob")
    await story.change(first, task_of(first).request_cancel(story.at()))
    await story.change(second, task_of(second).change_priority(Priority.HIGH, story.at()))
    await store.come_due(retry_at)
    assert await story.claim_ids(3) == ["2", "3"]


async def test_a_retry_that_is_due_but_at_a_limit_may_be_cancelled_or_raised(store: StoreHarness, story: Story) -> None:
    retry_at = store.now() + timedelta(hours=1)
    first = await story.retry_later(await story.at_work("1"), retry_at)
    second = await story.retry_later(await story.at_work("2"), retry_at)
    await store.come_due(retry_at)
    assert await story.claim_ids(2, Limits(per_user=0)) == []
    await story.change(first, task_of(first).request_cancel(story.at()))
    await story.change(second, task_of(second).change_priority(Priority.HIGH, story.at()))
    assert await story.claim_ids(2) == ["2"]
    overview = await store.queue.overview()
    assert not any(overview.waiting.values())
    assert overview.delayed == 0


async def test_a_user_of_whom_only_a_retry_waits_has_had_the_turn(store: StoreHarness, story: Story) -> None:
    retry_at = store.now() + timedelta(hours=1)
    await story.accept("1", user_id="alice")
    await story.accept("2", user_id="bob")
    (claimed,) = await story.claim()
    opened = await story.change(claimed, task_of(claimed).dispatch(token_of(claimed), story.at()))
    await story.retry_later(opened, retry_at)
    await store.come_due(retry_at)
    assert await story.claim_ids(2) == ["2", "1"]
