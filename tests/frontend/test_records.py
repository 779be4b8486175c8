"""The stand-in's records in Redis (contract §1, §2)."""

import json
from datetime import datetime, timedelta

import pytest

from tests.frontend.conftest import OpenDesk
from tests.frontend.scripted import Desk
from tests.frontend.standin import Dialect, FrontendRecord, Identity, UnreadableRecord
from tests.frontend.standin.redis_records import METADATA_EXTRA_S, RECORD_TTL_S

INDEXES = ("index:tasks", "index:service:sync", "index:service:sync:user:alice", "index:user:alice")
PARAMETERS = {"src": "/home/gpu1/a", "dst": "/pvs/b", "options": "--delete"}


async def test_a_registered_task_is_what_the_contract_shows(desk: Desk) -> None:
    task_id = await desk.frontend.register("sync", "alice", PARAMETERS)
    record = await desk.record(task_id)
    created_at = record.pop("created_at")
    assert record.pop("updated_at") == created_at
    assert datetime.fromisoformat(created_at).utcoffset() == timedelta(hours=9)
    assert record == {
        "task_id": "1",
        "service": "sync",
        "user_id": "alice",
        "status": "pending",
        "parameters": PARAMETERS,
        "active_jobs": [],
        "logs": [],
        "result": {"pod_status": None, "launcher_output": None},
        "priority": "low",
    }


async def test_ids_come_from_the_counter(desk: Desk) -> None:
    assert [await desk.frontend.register() for _ in range(2)] == ["1", "2"]
    await desk.records.rewind_ids(0)
    assert await desk.frontend.register() == "1"


async def test_metadata_and_indexes_stand_beside_the_record(desk: Desk) -> None:
    task_id = await desk.frontend.register("sync", "alice", PARAMETERS)
    assert await desk.redis.hgetall(f"task:{task_id}:metadata") == {b"service": b"sync", b"user_id": b"alice"}
    for index in INDEXES:
        assert await desk.redis.smembers(index) == {task_id.encode()}
    assert await desk.redis.smembers("index:service:sync:users") == {b"alice"}


async def test_every_save_renews_all_ttls(desk: Desk) -> None:
    task_id = await desk.frontend.create()
    await desk.frontend.settled()
    for key in (f"task:{task_id}", f"task:{task_id}:metadata", *INDEXES, "index:service:sync:users"):
        await desk.redis.expire(key, 100)
    await desk.frontend.cancel(task_id)
    assert RECORD_TTL_S - 60 < await desk.redis.ttl(f"task:{task_id}") <= RECORD_TTL_S
    metadata_ttl = await desk.redis.ttl(f"task:{task_id}:metadata")
    assert RECORD_TTL_S < metadata_ttl <= RECORD_TTL_S + METADATA_EXTRA_S
    for index in INDEXES:
        assert await desk.redis.ttl(index) > 100


async def test_a_save_drops_fields_that_the_frontend_does_not_know(desk: Desk) -> None:
    task_id = await desk.frontend.register("sync", "alice", {"list": [], "float": 1.0, "big": 2**63})
    result = {"pod_status": "a: Running", "launcher_output": "tail", "ours": 1}
    await desk.put(task_id, ours={"a": 1}, active_jobs=["job"], result=result)
    await desk.frontend.cancel(task_id)
    record = await desk.record(task_id)
    assert "ours" not in record
    assert record["result"] == {"pod_status": "a: Running", "launcher_output": "tail"}
    assert record["active_jobs"] == ["job"]
    assert json.dumps(record["parameters"]) == '{"list": [], "float": 1.0, "big": 9223372036854775808}'


async def test_an_old_frontend_knows_fewer_fields(open_desk: OpenDesk) -> None:
    async with open_desk(dialect=Dialect.OLD) as desk:
        task_id = await desk.frontend.register()
        assert not {"active_jobs", "priority"} & (await desk.record(task_id)).keys()
        await desk.put(task_id, active_jobs=["job"], priority="high")
        await desk.frontend.cancel(task_id)
        assert not {"active_jobs", "priority"} & (await desk.record(task_id)).keys()


async def test_a_delete_leaves_nothing_of_the_task(desk: Desk) -> None:
    task_id = await desk.frontend.register()
    other = await desk.frontend.register("sync", "bob")
    await desk.frontend.delete(task_id)
    assert await desk.redis.exists(f"task:{task_id}", f"task:{task_id}:metadata") == 0
    assert await desk.redis.smembers("index:tasks") == {other.encode()}
    assert await desk.redis.smembers("index:service:sync") == {other.encode()}
    assert await desk.redis.exists("index:user:alice", "index:service:sync:user:alice") == 0


GOOD = {"task_id": "1", "service": "sync", "user_id": "alice", "status": "running"}


def test_a_record_may_lack_all_but_the_required_fields() -> None:
    record = FrontendRecord.parse(json.dumps(GOOD).encode())
    assert record == FrontendRecord(identity=Identity("1", "sync", "alice"), status="running")


@pytest.mark.parametrize(
    "change",
    [
        *({name: None} for name in GOOD),
        {"status": "paused"},
        {"logs": ["a", 1]},
        {"logs": None},
        {"active_jobs": None},
        {"parameters": None},
        {"parameters": []},
        {"result": None},
        {"result": {"pod_status": 1}},
        {"result": {"launcher_output": ["tail"]}},
        {"priority": "medium"},
    ],
    ids=json.dumps,
)
def test_what_breaks_the_frontend_breaks_the_stand_in(change: dict[str, object]) -> None:
    with pytest.raises(UnreadableRecord):
        FrontendRecord.parse(json.dumps({**GOOD, **change}).encode())


@pytest.mark.parametrize("name", GOOD)
def test_a_required_field_must_be_there(name: str) -> None:
    fields = {key: value for key, value in GOOD.items() if key != name}
    with pytest.raises(UnreadableRecord, match=name):
        FrontendRecord.parse(json.dumps(fields).encode())


@pytest.mark.parametrize("document", [b"", b"[]", b"{", b"\xff"])
def test_a_record_is_a_json_object(document: bytes) -> None:
    with pytest.raises(UnreadableRecord):
        FrontendRecord.parse(document)
