"""Registering without a frontend writes exactly what the frontend would (contract §1, §2)."""

import asyncio
from datetime import UTC, datetime
from typing import cast

import pytest

from adapters.redis.endpoints import RedisEndpoints
from adapters.redis.registered import RedisRegisteredTasks
from adapters.redis.registration import RedisRegistration
from tests.frontend.standin.document import FrontendRecord
from tests.redis.desk import Clock, Desk, document
from tests.redis.office import Office

TTL_S = 5_000
SLACK_S = 60
PARAMETERS: dict[str, object] = {"src": "/home/gpu1/a", "dst": "/pvs/b", "options": "--delete"}


@pytest.fixture
def registration(endpoints: RedisEndpoints) -> RedisRegistration:
    return RedisRegistration(endpoints, Clock(), TTL_S)


async def every_key(desk: Desk) -> dict[str, object]:
    """Every key of the server with its content."""
    found: dict[str, object] = {}
    async for raw in desk.redis.scan_iter():
        name = cast(bytes, raw).decode()
        match await desk.redis.type(name):
            case b"set":
                found[name] = {cast(bytes, member).decode() for member in await desk.redis.smembers(name)}
            case b"hash":
                fields = cast(dict[bytes, bytes], await desk.redis.hgetall(name))
                found[name] = {field.decode(): value.decode() for field, value in fields.items()}
            case b"string":
                found[name] = await desk.redis.get(name)
            case other:
                raise AssertionError(f"{name} is a {other!r}")
    return found


async def test_everything_of_the_contract_is_written_and_nothing_else(
    desk: Desk, registration: RedisRegistration
) -> None:
    before = datetime.now(UTC)
    assert await registration.register("sync", "alice", PARAMETERS) == "1"
    keys = await every_key(desk)
    del keys["dms:scheduler:counts"]  # a connection has come
    raw = keys.pop("task:1")
    assert keys == {
        "task:id:sequence": b"1",
        "task:1:metadata": {"service": "sync", "user_id": "alice"},
        "index:tasks": {"1"},
        "index:service:sync": {"1"},
        "index:service:sync:users": {"alice"},
        "index:service:sync:user:alice": {"1"},
        "index:user:alice": {"1"},
    }
    record = FrontendRecord.parse(cast(bytes, raw))
    shown = await desk.shown("1")
    created = datetime.fromisoformat(record.created_at)
    assert created >= before
    assert list(shown) == list(document("1"))
    assert shown == document("1", parameters=PARAMETERS, created_at=record.created_at, updated_at=record.created_at)


async def test_the_record_lives_as_long_as_told_and_the_metadata_a_minute_longer(
    desk: Desk, registration: RedisRegistration
) -> None:
    await registration.register("sync", "alice", PARAMETERS)
    assert TTL_S - SLACK_S < await desk.redis.ttl("task:1") <= TTL_S
    assert await desk.redis.expiretime("task:1:metadata") == await desk.redis.expiretime("task:1") + 60


async def test_an_index_outlives_its_records_and_never_gets_less_time_than_it_has(
    desk: Desk, registration: RedisRegistration
) -> None:
    await desk.redis.sadd("index:tasks", "0")
    await desk.redis.expire("index:tasks", 10)
    await desk.redis.sadd("index:user:alice", "0")
    await desk.redis.expire("index:user:alice", 10 * TTL_S)
    await registration.register("sync", "alice", PARAMETERS)
    assert await desk.redis.expiretime("index:tasks") >= await desk.redis.expiretime("task:1")
    assert await desk.redis.ttl("index:user:alice") > 9 * TTL_S
    assert await desk.redis.ttl("index:service:sync") == -1  # the frontend's to say


async def test_ids_go_up_from_the_frontends_counter(desk: Desk, registration: RedisRegistration) -> None:
    await desk.redis.set("task:id:sequence", 41)
    ids = await asyncio.gather(*(registration.register("sync", f"user-{one}", {}) for one in range(20)))
    assert sorted(ids, key=int) == [str(number) for number in range(42, 62)]
    registered = [task_id async for ids in RedisRegisteredTasks(desk.endpoints).ids() for task_id in ids]
    assert sorted(registered, key=int) == sorted(ids, key=int)


async def test_what_was_registered_can_be_run(desk: Desk, registration: RedisRegistration) -> None:
    office = Office(desk)
    task_id = await registration.register("sync", "kim:이하나", {"n": [1.0, {}, 2**70]})
    await office.submit(task_id, user_id="kim:이하나", parameters={"n": [1.0, {}, 2**70]})
    assert await office.work() == 1
    assert (await desk.shown(task_id))["status"] == "completed"


async def test_a_large_index_is_read_in_pages(desk: Desk) -> None:
    ids = [str(number) for number in range(1, 3_001)]
    await desk.redis.sadd("index:tasks", *ids)
    pages = [page async for page in RedisRegisteredTasks(desk.endpoints).ids()]
    assert len(pages) > 1
    assert {task_id for page in pages for task_id in page} == set(ids)
