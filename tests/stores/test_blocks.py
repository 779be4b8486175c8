"""The port `BlockStore`."""

import pytest

from domain.blocks import Blocks
from tests.stores.harness import StoreHarness

USERS = ("alice", "bob", "kim:admin", "이하나", "a b%c*", '"quoted"')


async def everything_blocked(store: StoreHarness, limit: int = 1000) -> Blocks:
    """Go through all pages; no user may come twice."""
    users: list[str] = []
    reasons: dict[str, str] = {}
    cursor: str | None = None
    while True:
        page = await store.blocks.page(cursor, limit)
        users += page.users
        reasons |= page.reasons
        if page.cursor is None:
            break
        cursor = page.cursor
    assert len(set(users)) == len(users)
    return Blocks(page.everybody, frozenset(users), page.reason, reasons)


async def test_nobody_is_blocked_at_first(store: StoreHarness) -> None:
    assert await everything_blocked(store) == Blocks()


async def test_blocks_are_set_and_lifted_one_by_one(store: StoreHarness) -> None:
    expected = Blocks()
    for user_id in USERS:
        await store.blocks.set_user(user_id, blocked=True)
        expected = expected.with_user(user_id, blocked=True)
        assert await everything_blocked(store) == expected
    for blocked in (True, False):
        await store.blocks.set_everybody(blocked=blocked)
        assert await everything_blocked(store) == expected.with_everybody(blocked=blocked)
    for user_id in USERS:
        await store.blocks.set_user(user_id, blocked=False)
        expected = expected.with_user(user_id, blocked=False)
        assert await everything_blocked(store) == expected


@pytest.mark.parametrize("blocked", [True, False])
async def test_saying_it_again_changes_nothing(store: StoreHarness, *, blocked: bool) -> None:
    for _ in range(2):
        await store.blocks.set_user("alice", blocked=blocked)
        await store.blocks.set_everybody(blocked=blocked)
    assert await everything_blocked(store) == Blocks(blocked, frozenset({"alice"} if blocked else ()))


async def test_reasons_are_told_to_whom_the_block_concerns(store: StoreHarness) -> None:
    expected = Blocks()
    steps = [
        ("alice", True, "quota"),
        ("bob", True, ""),
        ("alice", True, "1 이유"),
        ("bob", True, "x"),
        ("bob", False, ""),
    ]
    for user_id, blocked, reason in steps:
        await store.blocks.set_user(user_id, blocked, reason)
        expected = expected.with_user(user_id, blocked, reason)
        assert await everything_blocked(store) == expected
    for everybody, reason in ((True, "upgrade"), (True, "still"), (True, ""), (False, "")):
        await store.blocks.set_everybody(everybody, reason)
        expected = expected.with_everybody(everybody, reason)
        assert await everything_blocked(store) == expected
        for user_id in ("alice", "bob"):
            assert (await store.tasks.load_for_submit("1", user_id))[1] == expected.flags_for(user_id)


async def test_users_come_in_pages(store: StoreHarness) -> None:
    users = frozenset(f"user-{number}" for number in range(57))
    for user_id in users:
        await store.blocks.set_user(user_id, blocked=True)
    assert await everything_blocked(store, limit=10) == Blocks(users=users)


async def test_blocks_are_imported_once_and_there_are_none_where_no_scheduler_was_before(store: StoreHarness) -> None:
    assert await store.blocks.import_previous() == 0
    await store.blocks.set_user("alice", blocked=True)
    assert await store.blocks.import_previous() == 0
    assert await everything_blocked(store) == Blocks(users=frozenset({"alice"}))
