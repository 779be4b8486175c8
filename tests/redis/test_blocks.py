"""Blocks beside the previous scheduler's two keys (contract §5), and what they cost a submit."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from adapters.redis.block_store import RedisBlockStore
from adapters.redis.endpoints import RedisEndpoints
from adapters.redis.keys import BLOCK_ENDS, BLOCK_EVERYBODY, BLOCKED_USERS, block_key
from domain.blocks import Block, BlockFlags, block_for
from domain.errors import Blocked
from domain.ports import Admission, ConcurrentChange
from domain.task import Task
from tests.redis.costs import Cost, counted
from tests.redis.desk import Desk, document, record_of
from tests.redis.interference import InterferedStore, Steps
from tests.redis.office import Office

USERS = (
    "alice",
    "kim:admin",
    "a:b:c",
    "a b",
    "이하나",
    "100%",
    "%41lice",
    "../x",
    "a/b",
    "*",
    "[a-z]?",
    "ünï",
    "{a}",
    "\\",
)
MANY = 100_000


@pytest.fixture
def blocks(endpoints: RedisEndpoints) -> RedisBlockStore:
    return RedisBlockStore(endpoints)


async def previous(desk: Desk, key: str) -> object:
    raw = await desk.redis.get(key)
    return None if raw is None else json.loads(raw)


async def flags(desk: Desk, user_id: str) -> BlockFlags:
    return (await desk.store.load_for_submit("1", user_id))[1]


async def all_pages(blocks: RedisBlockStore, limit: int) -> tuple[bool, list[str]]:
    page = await blocks.page(limit=limit)
    users = list(page.users)
    while page.cursor is not None:
        page = await blocks.page(page.cursor, limit)
        users += page.users
    return page.everybody is not None, users


# --- the flags, and the previous scheduler's keys ---------------------------------------------------------------


@pytest.mark.parametrize("user_id", USERS)
async def test_a_block_holds_for_this_user_alone(desk: Desk, blocks: RedisBlockStore, user_id: str) -> None:
    await blocks.set_user(user_id, Block())
    for other in USERS:
        assert await flags(desk, other) == BlockFlags(user=Block() if other == user_id else None)
    assert await previous(desk, f"blocks:user:{user_id}") == {"blocked": True}
    assert await previous(desk, "blocks:all") == {"blocked": False, "blocked_users": [user_id]}
    assert await all_pages(blocks, 10) == (False, [user_id])

    await blocks.set_user(user_id, None)
    assert await flags(desk, user_id) == BlockFlags()
    assert await previous(desk, f"blocks:user:{user_id}") == {"blocked": False}
    assert await previous(desk, "blocks:all") == {"blocked": False, "blocked_users": []}
    assert await all_pages(blocks, 10) == (False, [])


async def test_everybodys_block_leaves_the_users_as_they_are(desk: Desk, blocks: RedisBlockStore) -> None:
    await blocks.set_user("alice", Block())
    await blocks.set_everybody(Block())
    assert await previous(desk, "blocks:all") == {"blocked": True, "blocked_users": ["alice"]}
    assert await flags(desk, "bob") == BlockFlags(everybody=Block())
    await blocks.set_everybody(None)
    assert await previous(desk, "blocks:all") == {"blocked": False, "blocked_users": ["alice"]}
    assert await flags(desk, "alice") == BlockFlags(user=Block())


async def test_a_block_that_is_set_twice_is_lifted_once(desk: Desk, blocks: RedisBlockStore) -> None:
    await blocks.set_user("alice", Block())
    await blocks.set_user("alice", Block())
    assert await previous(desk, "blocks:all") == {"blocked": False, "blocked_users": ["alice"]}
    await blocks.set_user("alice", None)
    assert await flags(desk, "alice") == BlockFlags()


async def test_a_block_that_ends_by_itself_ends_for_the_previous_scheduler_too(
    desk: Desk, blocks: RedisBlockStore
) -> None:
    until = datetime.now(UTC) + timedelta(hours=1)
    await blocks.set_user("alice", block_for("upgrade", until))
    await blocks.set_everybody(block_for("upgrade", until))
    assert await previous(desk, "blocks:all") == {"blocked": True, "blocked_users": ["alice"]}
    assert await previous(desk, "blocks:user:alice") == {"blocked": True}
    names = [BLOCK_EVERYBODY, block_key("alice"), "blocks:user:alice"]
    assert [await desk.redis.pexpiretime(name) for name in names] == [int(until.timestamp() * 1000)] * 3

    for name in names:
        await desk.redis.pexpireat(name, 1)
    assert await blocks.settle_ended() == 0, "by this clock they have not ended"
    await desk.redis.zadd(BLOCK_ENDS, {"alice": 1, "": 1}, xx=True)
    assert await blocks.settle_ended() == 2
    assert await previous(desk, "blocks:all") == {"blocked": False, "blocked_users": []}
    assert await previous(desk, "blocks:user:alice") == {"blocked": False}
    assert await desk.redis.exists(BLOCK_ENDS, BLOCKED_USERS) == 0


async def test_a_block_without_an_end_in_place_of_one_with_an_end_stays(desk: Desk, blocks: RedisBlockStore) -> None:
    await blocks.set_user("alice", block_for("", datetime.now(UTC) + timedelta(hours=1)))
    await blocks.set_user("alice", Block())
    for name in (block_key("alice"), "blocks:user:alice"):
        assert await desk.redis.pttl(name) == -1
    assert await desk.redis.exists(BLOCK_ENDS) == 0


@pytest.mark.parametrize("flag", [b"1", b"yes", b"1@", b"1@x", b"", b"\xff"])
async def test_whatever_is_at_our_flag_is_a_block(desk: Desk, blocks: RedisBlockStore, flag: bytes) -> None:
    await desk.redis.set(block_key("alice"), flag)
    assert await flags(desk, "alice") == BlockFlags(user=Block())


async def test_what_else_the_previous_scheduler_wrote_stays(desk: Desk, blocks: RedisBlockStore) -> None:
    await desk.redis.set("blocks:all", b'{"by": 1.0, "blocked": true, "note": [], "blocked_users": ["bob"]}')
    await blocks.set_user("alice", Block())
    assert await desk.redis.get("blocks:all") == (
        b'{"by":1.0,"blocked":true,"note":[],"blocked_users":["bob","alice"]}'
    )


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        (b"", (False, [])),
        (b"junk", (False, [])),
        (b"[]", (False, [])),
        (b"null", (False, [])),
        (b"\xff", (False, [])),
        (b"[" * 100_000, (False, [])),
        (b'{"blocked": "yes", "blocked_users": ["bob"]}', (False, ["bob"])),
        (b'{"blocked": true, "blocked_users": null}', (True, [])),
        (b'{"blocked": true, "blocked_users": ["bob", 5, null]}', (True, ["bob"])),
        (b'{"blocked": true}', (True, [])),
    ],
)
async def test_garbage_is_written_anew_and_what_can_be_read_of_it_is_kept(
    desk: Desk, blocks: RedisBlockStore, raw: bytes, kept: tuple[bool, list[str]]
) -> None:
    await desk.redis.set("blocks:all", raw)
    await blocks.set_user("alice", Block())
    everybody, users = kept
    assert await previous(desk, "blocks:all") == {"blocked": everybody, "blocked_users": [*users, "alice"]}


async def test_a_key_of_another_type_keeps_no_operator_from_blocking(desk: Desk, blocks: RedisBlockStore) -> None:
    await desk.redis.rpush("blocks:all", "x")
    await desk.redis.rpush("blocks:user:alice", "x")
    assert await blocks.import_previous() == 0
    await blocks.set_user("alice", Block())
    assert await previous(desk, "blocks:all") == {"blocked": False, "blocked_users": ["alice"]}
    assert await previous(desk, "blocks:user:alice") == {"blocked": True}


async def test_changes_at_the_same_time_are_all_kept(desk: Desk, blocks: RedisBlockStore) -> None:
    users = [f"user-{number}" for number in range(40)]
    await asyncio.gather(*(blocks.set_user(user, Block()) for user in users), blocks.set_everybody(Block()))
    told = await previous(desk, "blocks:all")
    assert isinstance(told, dict)
    assert (told["blocked"], sorted(told["blocked_users"])) == (True, sorted(users))
    await asyncio.gather(*(blocks.set_user(user, None) for user in users))
    assert await previous(desk, "blocks:all") == {"blocked": True, "blocked_users": []}


@pytest.mark.parametrize("cursor", ["", "x", "-1", "1.0", " 1", "1\n", "9" * 30, "\u0661"])
async def test_a_cursor_that_is_not_ours_is_refused(blocks: RedisBlockStore, cursor: str) -> None:
    with pytest.raises(ValueError, match="cursor"):
        await blocks.page(cursor)


# --- taking over the previous scheduler's blocks ----------------------------------------------------------------


async def test_the_previous_blocks_are_imported_once(desk: Desk, blocks: RedisBlockStore) -> None:
    await desk.redis.set("blocks:all", b'{"blocked": true, "blocked_users": ["only-listed"]}')
    for user in USERS:
        await desk.redis.set(f"blocks:user:{user}", b'{"blocked": true}')
    await desk.redis.set("blocks:user:free", b'{"blocked": false}')
    await desk.redis.set("blocks:user:odd", b"junk")
    await desk.redis.set(b"blocks:user:\xff", b'{"blocked": true}')

    assert await blocks.import_previous() == 1 + len(USERS)
    assert sorted((await all_pages(blocks, 10))[1]) == sorted(USERS)
    assert await flags(desk, "alice") == BlockFlags(Block(), Block())
    # The previous scheduler did not look at the list of names.
    assert await flags(desk, "only-listed") == BlockFlags(everybody=Block())

    await desk.redis.set("blocks:user:late", b'{"blocked": true}')
    assert await blocks.import_previous() == 0
    assert await flags(desk, "late") == BlockFlags(everybody=Block())


async def test_two_replicas_may_import_at_once(desk: Desk, blocks: RedisBlockStore) -> None:
    for number in range(1_200):
        await desk.redis.set(f"blocks:user:user-{number}", b'{"blocked": true}')
    await asyncio.gather(blocks.import_previous(), RedisBlockStore(desk.endpoints).import_previous())
    assert len((await all_pages(blocks, 500))[1]) == 1_200


@pytest.mark.parametrize("scope", ["everybody", "alice"])
async def test_an_import_does_not_undo_an_enable_that_came_in_between(
    desk: Desk, blocks: RedisBlockStore, monkeypatch: pytest.MonkeyPatch, scope: str
) -> None:
    """The enable comes between the import's read of the old key and its write of our flag."""
    await desk.redis.set("blocks:all", b'{"blocked": true, "blocked_users": []}')
    await desk.redis.set("blocks:user:alice", b'{"blocked": true}')
    importing = RedisBlockStore(desk.endpoints)
    script = importing._import_block
    enabled: list[str] = []

    async def enable_first(keys: Sequence[object] | None = None, args: Sequence[object] | None = None) -> object:
        if not enabled:
            enabled.append(scope)
            await blocks.set_everybody(None)
            await blocks.set_user("alice", None)
        return await script(keys=keys, args=args)  # type: ignore[arg-type]

    monkeypatch.setattr(importing, "_import_block", enable_first)
    if scope == "alice":
        await desk.redis.delete("blocks:all")
    await importing.import_previous()
    assert enabled
    assert await flags(desk, "alice") == BlockFlags()


# --- a submit ---------------------------------------------------------------------------------------------------


def block_everybody(blocks: RedisBlockStore) -> Awaitable[None]:
    return blocks.set_everybody(Block())


def block_alice(blocks: RedisBlockStore) -> Awaitable[None]:
    return blocks.set_user("alice", Block())


@pytest.mark.parametrize("block", [block_everybody, block_alice])
async def test_a_block_between_load_and_commit_refuses_the_submit(
    desk: Desk, blocks: RedisBlockStore, block: Callable[[RedisBlockStore], Awaitable[None]]
) -> None:
    await desk.put("10", document("10"))
    office = Office(desk, InterferedStore(desk.store, Steps(1, lambda: block(blocks))))
    with pytest.raises(Blocked):
        await office.submit("10")
    assert (await desk.load("10")).task is None
    assert (await desk.shown("10"))["status"] == "pending"
    assert await desk.claim() == []


async def test_a_block_of_somebody_else_refuses_nothing(desk: Desk, blocks: RedisBlockStore) -> None:
    await blocks.set_user("bob", Block())
    await desk.put("10", document("10"))
    before, _ = await desk.store.load_for_submit("10", "alice")
    await desk.store.commit(
        before, Task.accept(record_of(before), desk.clock.now()), before.record, admission=Admission("alice", 1_000_000)
    )
    await blocks.set_user("alice", Block())
    await desk.put("11", document("11"))
    other, _ = await desk.store.load_for_submit("11", "alice")
    with pytest.raises(ConcurrentChange):
        await desk.store.commit(
            other,
            Task.accept(record_of(other), desk.clock.now()),
            other.record,
            admission=Admission("alice", 1_000_000),
        )


async def seed_blocks(desk: Desk, number: int) -> None:
    users = [f"user-{one}" for one in range(number)]
    for first in range(0, number, 5_000):
        batch = users[first : first + 5_000]
        async with desk.redis.pipeline(transaction=False) as pipeline:
            pipeline.mset({block_key(user): "1" for user in batch})
            pipeline.mset({f"blocks:user:{user}": '{"blocked":true}' for user in batch})
            pipeline.sadd("dms:scheduler:blocked-users", *batch)
            await pipeline.execute()
    await desk.redis.set("blocks:all", json.dumps({"blocked": False, "blocked_users": users}))


async def cost_of_submits(desk: Desk, number: int) -> Cost:
    office = Office(desk)  # another one might remember tasks that a flush took
    ids = [str(100 + one) for one in range(number)]
    for task_id in ids:
        await desk.put(task_id, document(task_id))
    async with counted(desk.redis) as cost:
        for task_id in ids:
            await office.submit(task_id)
    return cost


async def test_a_submit_costs_the_same_whoever_is_blocked(desk: Desk) -> None:
    await cost_of_submits(desk, 1)  # loads the scripts
    costs = []
    for number in (1, MANY):
        await desk.redis.flushall()
        await seed_blocks(desk, number)
        costs.append(await cost_of_submits(desk, 20))
    few, many = costs
    assert many.commands == few.commands
    assert many.reads == few.reads == 20 * 2
    assert abs(many.bytes - few.bytes) < 0.02 * few.bytes
