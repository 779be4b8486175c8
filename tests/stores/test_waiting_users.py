"""The port `WaitingUsers`."""

from __future__ import annotations

from application.ports import UserWaits
from domain.values import Priority
from tests.stores.harness import StoreHarness
from tests.stores.story import Story

LOW = Priority.LOW


async def test_nobody_waits(store: StoreHarness) -> None:
    assert list(await store.waiting_users.most_per_lane(10)) == []


async def test_users_with_what_they_have_in_each_lane(store: StoreHarness, story: Story) -> None:
    odd = "a:b %/é"
    for task_id, user_id, service in (
        ("1", odd, "sync"),
        ("2", odd, "sync"),
        ("3", odd, "rm"),
        ("4", "bob", "sync"),
    ):
        await story.accept(task_id, user_id=user_id, service=service)
    assert set(await store.waiting_users.most_per_lane(10)) == {
        UserWaits(odd, LOW, "sync", 2),
        UserWaits(odd, LOW, "rm", 1),
        UserWaits("bob", LOW, "sync", 1),
    }


async def test_who_goes_next_is_shown_where_not_all_are(store: StoreHarness, story: Story) -> None:
    for task_id, user_id in (("1", "alice"), ("2", "alice"), ("3", "bob"), ("4", "carol")):
        await story.accept(task_id, user_id=user_id)
    await story.claim()
    assert [each.user_id for each in await store.waiting_users.most_per_lane(2)] == ["bob", "carol"]


async def test_a_task_at_work_waits_no_more(store: StoreHarness, story: Story) -> None:
    await story.accept("1")
    await story.claim()
    assert list(await store.waiting_users.most_per_lane(10)) == []
