"""The port `Outbox`, and what commits write to it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from application.outbox import LONGEST_FAILURE, MOST_WAITING, Backlog, Claimed
from domain.notifications import DEFAULT_ROUTE, notification_id
from domain.ports import ConcurrentChange
from tests.stores.harness import ROUTES, StoreHarness
from tests.stores.story import Story, task_of

HOLD_S = 60.0


async def claimed(store: StoreHarness, route: str = DEFAULT_ROUTE, most: int = 100) -> list[Claimed]:
    return list(await store.outbox.claim(route, most, HOLD_S))


async def waiting(store: StoreHarness) -> dict[str, int]:
    return {route: backlog.waiting for route, backlog in (await store.outbox.backlog(ROUTES)).items()}


async def ended(store: StoreHarness, story: Story, task_id: str = "1") -> Claimed:
    """Let a task end, and claim its notification."""
    await story.complete(await story.at_work(task_id))
    (only,) = await claimed(store)
    return only


def told(claim: Claimed) -> dict[str, Any]:
    return dict(json.loads(claim.notification.body))


async def test_nothing_waits_before_a_task_has_ended(store: StoreHarness, story: Story) -> None:
    await story.hand_back(await story.at_work("1"))
    await story.accept("2", "rm")
    assert await waiting(store) == {"rm": 0, DEFAULT_ROUTE: 0}
    assert await claimed(store) == []


async def test_the_commit_that_ends_a_task_leaves_word_of_it(store: StoreHarness, story: Story) -> None:
    done = await story.complete(await story.at_work("1"))
    (claim,) = await claimed(store)
    assert claim.notification.id == notification_id(task_of(done))
    assert (claim.notification.route, claim.tries) == (DEFAULT_ROUTE, 1)
    assert told(claim)["type"] == "task.completed"
    assert told(claim)["data"]["task_id"] == "1"


async def test_each_end_has_its_route_and_its_word(store: StoreHarness, story: Story) -> None:
    await story.refuse("1")
    accepted = await story.accept("2", "rm", user_id="이하나")
    await story.change(accepted, task_of(accepted).request_cancel(story.at()))
    assert await waiting(store) == {"rm": 1, DEFAULT_ROUTE: 1}
    ((failed,), (cancelled,)) = await claimed(store), await claimed(store, "rm")
    assert (told(failed)["type"], told(failed)["data"]["reason"]) == ("task.failed", "no such path")
    assert told(cancelled)["type"] == "task.cancelled"
    assert told(cancelled)["data"]["user_id"] == "이하나"


async def test_what_has_ended_is_told_once_and_a_retry_anew(store: StoreHarness, story: Story) -> None:
    failed = await story.refuse("1")
    touched = await story.change(failed, task_of(failed).learn(("2026-03-12T10:00:00+00:00,a foreign line",)))
    (first,) = await claimed(store)
    await store.outbox.remove(first)
    assert await waiting(store) == {"rm": 0, DEFAULT_ROUTE: 0}
    await story.change(touched, task_of(touched).refuse_retry("still no such path", story.at()))
    (second,) = await claimed(store)
    assert told(second)["data"]["generation"] == 2
    assert second.notification.id != first.notification.id


async def test_a_commit_that_changes_nothing_leaves_no_word(store: StoreHarness, story: Story) -> None:
    running = await story.at_work("1")
    await story.complete(running)
    with pytest.raises(ConcurrentChange):
        await story.complete(running)
    assert (await waiting(store))[DEFAULT_ROUTE] == 1


async def test_what_is_claimed_is_nobody_elses_until_the_hold_is_over(store: StoreHarness, story: Story) -> None:
    first = await ended(store, story)
    assert await claimed(store) == []
    await store.age_outbox(HOLD_S + 1)
    (second,) = await claimed(store)
    assert second.notification == first.notification
    assert (first.tries, second.tries) == (1, 2)
    assert second.age_s >= HOLD_S


async def test_what_was_delivered_is_gone_and_may_be_said_twice(store: StoreHarness, story: Story) -> None:
    claim = await ended(store, story)
    for _ in range(2):
        await store.outbox.remove(claim)
    await store.age_outbox(HOLD_S + 1)
    assert await claimed(store) == []
    assert await waiting(store) == {"rm": 0, DEFAULT_ROUTE: 0}


async def test_what_was_put_off_is_due_then_and_not_before(store: StoreHarness, story: Story) -> None:
    claim = await ended(store, story)
    await store.outbox.put_off(claim, 500.0, "it answered 500")
    await store.age_outbox(490.0)
    assert await claimed(store) == []
    await store.age_outbox(20.0)
    assert [each.tries for each in await claimed(store)] == [2]


async def test_what_is_given_back_is_due_at_once(store: StoreHarness, story: Story) -> None:
    await store.outbox.put_off(await ended(store, story), 0.0)
    assert [each.tries for each in await claimed(store)] == [2]
    assert (await store.outbox.backlog(ROUTES))[DEFAULT_ROUTE] == Backlog(waiting=1)


async def test_a_stale_word_moves_nothing(store: StoreHarness, story: Story) -> None:
    stale = await ended(store, story)
    await store.age_outbox(HOLD_S + 1)
    (current,) = await claimed(store)
    await store.outbox.put_off(stale, 0.0, "too late")
    assert await claimed(store) == []
    await store.outbox.remove(current)
    await store.outbox.put_off(current, 0.0)
    assert await waiting(store) == {"rm": 0, DEFAULT_ROUTE: 0}


async def test_the_longest_due_comes_first_and_no_more_than_asked_for(store: StoreHarness, story: Story) -> None:
    for task_id in ("1", "2", "3"):
        await story.refuse(task_id)
        await store.age_outbox(10.0)
    found = [*await claimed(store, most=2), *await claimed(store, most=2)]
    assert [told(each)["data"]["task_id"] for each in found] == ["1", "2", "3"]


async def test_operators_see_the_latest_failure(store: StoreHarness, story: Story) -> None:
    await store.outbox.put_off(await ended(store, story), 0.0, "a.example: it answered 500")
    (claim,) = await claimed(store)
    await store.outbox.remove(claim, "이" * 2 * LONGEST_FAILURE)
    backlog = (await store.outbox.backlog(ROUTES))[DEFAULT_ROUTE]
    assert (backlog.waiting, backlog.failure) == (0, "이" * LONGEST_FAILURE)
    assert backlog.failed_at is not None
    assert backlog.failed_at >= store.now() - timedelta(seconds=1)


async def test_an_end_that_a_fail_over_lost_is_told_when_it_is_written_again(store: StoreHarness, story: Story) -> None:
    running = await story.at_work("1")
    saved = await store.save()
    done = await story.complete(running)
    (first,) = await claimed(store)
    await store.fail_over(saved)
    assert (await waiting(store))[DEFAULT_ROUTE] == 0
    lost = await story.load("1")
    await story.change(lost, replace(task_of(done), lease=None))
    (again,) = await claimed(store)
    assert again.notification == first.notification
    await store.fail_over(await store.save())
    assert (await waiting(store))[DEFAULT_ROUTE] == 1


async def test_what_finds_no_room_is_dropped_and_counted_and_the_task_ends(store: StoreHarness, story: Story) -> None:
    await store.fill_outbox(DEFAULT_ROUTE, MOST_WAITING - 1)
    for task_id in ("1", "2", "3"):
        assert task_of(await story.refuse(task_id)).is_terminal
    backlog = (await store.outbox.backlog(ROUTES))[DEFAULT_ROUTE]
    assert (backlog.waiting, backlog.dropped) == (MOST_WAITING, 2)
    accepted = await story.accept("4", "rm")
    await story.change(accepted, task_of(accepted).request_cancel(story.at()))
    assert (await waiting(store))["rm"] == 1
