"""The port `BlockStore`."""

from datetime import timedelta

import pytest

from domain.blocks import Block, BlockFlags, Blocks, block_for
from domain.ports import Admission, ConcurrentChange
from domain.task import Task
from tests.stores.harness import StoreHarness
from tests.stores.story import Story, record_of

USERS = ("alice", "bob", "kim:admin", "이하나", "a b%c*", '"quoted"')


async def everything_blocked(store: StoreHarness, limit: int = 1000) -> Blocks:
    """Go through all pages; no user may come twice."""
    users: dict[str, Block] = {}
    cursor: str | None = None
    while True:
        page = await store.blocks.page(cursor, limit)
        assert not users.keys() & page.users.keys()
        users |= page.users
        if page.cursor is None:
            return Blocks(page.everybody, users)
        cursor = page.cursor


async def flags(store: StoreHarness, user_id: str) -> BlockFlags:
    return (await store.tasks.load_for_submit("1", user_id))[1]


async def test_nobody_is_blocked_at_first(store: StoreHarness) -> None:
    assert await everything_blocked(store) == Blocks()


async def test_blocks_are_set_and_lifted_one_by_one(store: StoreHarness) -> None:
    expected = Blocks()
    for user_id in USERS:
        await store.blocks.set_user(user_id, Block())
        expected = expected.with_user(user_id, Block())
        assert await everything_blocked(store) == expected
    for block in (Block(), None):
        await store.blocks.set_everybody(block)
        assert await everything_blocked(store) == expected.with_everybody(block)
    for user_id in USERS:
        await store.blocks.set_user(user_id, None)
        expected = expected.with_user(user_id, None)
        assert await everything_blocked(store) == expected


@pytest.mark.parametrize("block", [Block(), None])
async def test_saying_it_again_changes_nothing(store: StoreHarness, block: Block | None) -> None:
    for _ in range(2):
        await store.blocks.set_user("alice", block)
        await store.blocks.set_everybody(block)
    assert await everything_blocked(store) == Blocks(block, {"alice": block} if block else {})


async def test_the_latest_block_stands_with_its_reason_and_end(store: StoreHarness) -> None:
    until = store.now() + timedelta(hours=1)
    expected = Blocks()
    for block in (Block("quota"), block_for("1@2 이유", until), Block("@"), None, block_for("", until), Block()):
        await store.blocks.set_user("alice", block)
        await store.blocks.set_everybody(block)
        expected = Blocks(block, {"alice": block} if block else {})
        assert await everything_blocked(store) == expected
        for user_id in ("alice", "bob"):
            assert await flags(store, user_id) == expected.flags_for(user_id)


async def test_a_block_ends_by_itself_and_those_without_an_end_stay(store: StoreHarness, story: Story) -> None:
    until = store.now() + timedelta(hours=1)
    ending = block_for("upgrade", until)
    await store.blocks.set_everybody(ending)
    await store.blocks.set_user("alice", ending)
    await store.blocks.set_user("bob", Block("quota"))
    await story.register("1")
    before, _ = await store.tasks.load_for_submit("1", "alice")
    accepted = Task.accept(record_of(before), story.at())
    with pytest.raises(ConcurrentChange):
        await store.tasks.commit(before, accepted, before.record, admission=Admission("alice", 10))

    await store.end_blocks(until)
    assert await flags(store, "alice") == BlockFlags()
    assert await flags(store, "bob") == BlockFlags(user=Block("quota"))
    assert await everything_blocked(store) == Blocks(users={"bob": Block("quota")})
    await store.tasks.commit(before, accepted, before.record, admission=Admission("alice", 10))

    assert await store.blocks.settle_ended() == 2
    assert await store.blocks.settle_ended() == 0
    assert await everything_blocked(store) == Blocks(users={"bob": Block("quota")})


async def test_tidying_up_takes_away_nothing_that_holds(store: StoreHarness) -> None:
    until = store.now() + timedelta(hours=1)
    for user_id in ("alice", "bob", "carol"):
        await store.blocks.set_user(user_id, block_for("", until))
    await store.end_blocks(until)
    await store.blocks.set_user("alice", Block("for good"))
    await store.blocks.set_user("bob", block_for("", until + timedelta(days=1)))
    await store.blocks.settle_ended()
    assert (await everything_blocked(store)).users == {
        "alice": Block("for good"),
        "bob": block_for("", until + timedelta(days=1)),
    }


async def test_users_come_in_pages(store: StoreHarness) -> None:
    users = {f"user-{number}": Block() for number in range(57)}
    for user_id in users:
        await store.blocks.set_user(user_id, Block())
    assert await everything_blocked(store, limit=10) == Blocks(users=users)


async def test_blocks_are_imported_once_and_there_are_none_where_no_scheduler_was_before(store: StoreHarness) -> None:
    assert await store.blocks.import_previous() == 0
    await store.blocks.set_user("alice", Block())
    assert await store.blocks.import_previous() == 0
    assert await everything_blocked(store) == Blocks(users={"alice": Block()})
