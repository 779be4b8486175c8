"""`register` writes what the frontend would."""

from __future__ import annotations

import json
from typing import cast

import pytest
from redis.asyncio import Redis

from entrypoints.cli.account import invoking_account
from entrypoints.cli.main import call
from tests.frontend.standin import Frontend, InProcessScheduler, RedisRecords
from tests.frontend.standin.client import Answer
from tests.support.redis_server import RedisServer

TTL_S = 5000


@pytest.fixture
def registered(redis_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The ids that two calls print."""
    monkeypatch.setenv("DMS_REDIS_WRITE_URL", redis_url)
    monkeypatch.setenv("DMS_REDIS_TASK_TTL_SECONDS", str(TTL_S))
    assert call(["register", "sync", "src=/pvs/a", "dst=/pvs/b", "options=--delete --contents", "--user", "alice"]) == 0
    assert call(["register", "rm", "path=/pvs/x=y"]) == 0
    return capsys.readouterr().out.split()


def test_the_record_is_as_the_contract_says(registered: list[str], redis_server: RedisServer) -> None:
    assert registered == ["1", "2"]
    with redis_server.client() as redis:
        record = json.loads(cast(str, redis.get("task:1")))
        other = json.loads(cast(str, redis.get("task:2")))
        assert TTL_S - 60 < cast(int, redis.ttl("task:1")) <= TTL_S
    assert record["created_at"] == record["updated_at"]
    del record["created_at"], record["updated_at"]
    assert record == {
        "task_id": "1",
        "service": "sync",
        "user_id": "alice",
        "status": "pending",
        "parameters": {"src": "/pvs/a", "dst": "/pvs/b", "options": "--delete --contents"},
        "active_jobs": [],
        "logs": [],
        "result": {"pod_status": None, "launcher_output": None},
        "priority": "low",
    }
    assert other["user_id"] == invoking_account()
    assert other["parameters"] == {"path": "/pvs/x=y"}


async def test_the_keys_are_those_of_the_frontend(registered: list[str], redis_server: RedisServer) -> None:
    with redis_server.client() as redis:
        ours = snapshot(redis_server)
        redis.flushall()
    await register_with_the_frontend(redis_server.url)
    assert ours == snapshot(redis_server)


async def register_with_the_frontend(url: str) -> None:
    """What the stand-in for the frontend writes for the same two tasks."""

    async def nobody(_: dict[str, object]) -> Answer:
        raise AssertionError("registering calls no scheduler")

    redis = Redis.from_url(url, protocol=2)
    async with redis, Frontend(RedisRecords(redis), InProcessScheduler(nobody, nobody)) as frontend:
        await frontend.register("sync", "alice")
        await frontend.register("rm", invoking_account())


def snapshot(server: RedisServer) -> dict[str, object]:
    """Every key of the frontend's with its content, but records, which a test of their own compares."""
    found: dict[str, object] = {}
    with server.client() as redis:
        for name in sorted(cast("list[str]", redis.keys("*"))):
            match redis.type(name):
                case _ if name.startswith("dms:scheduler:"):
                    pass  # which server it is, as every process of ours notes at its arrival
                case "set":
                    found[name] = redis.smembers(name)
                case "hash":
                    found[name] = redis.hgetall(name)
                case _:
                    found[name] = redis.get(name) if name == "task:id:sequence" else "string"
    return found
