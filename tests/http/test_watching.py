"""Watching for real: real sockets, a real Redis, and the service as processes."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest
from redis.asyncio import Redis

from adapters.redis import keys
from adapters.redis.endpoints import RedisEndpoints
from adapters.redis.registration import RedisRegistration
from adapters.system import SystemClock
from domain.task import Task
from tests.http.crowd import crowd, stalled, was_cut
from tests.http.events import Event, watching
from tests.http.process import Process
from tests.http.service import PARAMETERS, TTL_S, settings
from tests.redis.desk import Desk, document, record_of

pytestmark = pytest.mark.slow

CONSUMERS = 200
ROUNDS = 60
BULK = 600
"""Events of other users in each round: about 700 KB."""
MOST_GROWTH_KB = 24 * 1024
"""Of the service's memory, with all its connections. All events together are half as much again."""


@pytest.fixture
async def desk(redis_url: str) -> AsyncIterator[Desk]:
    """Somebody who changes tasks as another replica would."""
    endpoints = RedisEndpoints.open(redis_url)
    yield Desk(endpoints)
    await endpoints.close()


def service_on(redis_url: str) -> Process:
    return Process(DMS_STORE="redis", DMS_REDIS_WRITE_URL=redis_url, DMS_PLACEHOLDER_SECONDS="0")


def resident_kb(pid: int) -> int:
    """How much memory a process has."""
    (line,) = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS:")]
    return int(line.split()[1])


async def feed(redis: Redis, latest: int | None = None) -> list[tuple[str, bytes]]:
    """What the feed holds, the latest first: the ids of its entries, and what they say."""
    found = cast("list[tuple[bytes, dict[bytes, bytes]]]", await redis.xrevrange(keys.FEED, count=latest))
    return [(entry_id.decode(), fields[b"change"]) for entry_id, fields in found]


async def write_bulk(redis: Redis) -> int:
    """Let much happen to the tasks of a user with a long name, and return how many bytes are told of it."""
    ((_, latest),) = await feed(redis, latest=1)
    change = json.loads(latest)
    text = json.dumps({**change, "user_id": "bulk" * 250, "task_id": "999"})
    async with redis.pipeline(transaction=False) as pipeline:
        for _ in range(BULK):
            pipeline.xadd(keys.FEED, {"change": text})
        await pipeline.execute()
    return BULK * len(text)


async def refuse(desk: Desk, task_id: str) -> str:
    """Let a task of kim's be born failed, and return where the feed says so."""
    await desk.put(task_id, document(task_id, user_id="kim"))
    before = await desk.load(task_id)
    await desk.change(before, Task.refuse(record_of(before), "no such path", desk.clock.now()))
    ((entry_id, _),) = await feed(desk.redis, latest=1)
    return entry_id


async def test_one_who_does_not_read_is_dropped_and_others_get_everything(redis_url: str, desk: Desk) -> None:
    service = service_on(redis_url)
    with service.running() as process:
        await service.becomes_ready(process)
        expected, told = list[str](), 0
        async with (
            stalled(service.port, "?kinds=task") as victim,
            crowd(service.port, CONSUMERS - 1, "?kinds=task&user=kim") as others,
        ):
            before = resident_kb(process.pid)
            for number in range(ROUNDS):
                expected.append(await refuse(desk, str(number + 1)))
                told += await write_bulk(desk.redis)
                for other in others:
                    await other.has_seen(number + 1)
            growth = resident_kb(process.pid) - before
            assert await was_cut(victim)
            for other in others:
                assert [each.partition("-")[2] for each in other.ids] == expected
        process.send_signal(signal.SIGTERM)
        code, out, err = await asyncio.to_thread(service.ended, process)
    assert (code, err) == (0, "")
    assert out.count("reads too slowly") == 1
    assert told > 1.5 * MOST_GROWTH_KB * 1024
    assert growth < MOST_GROWTH_KB


async def test_a_service_with_open_streams_ends_in_order(redis_url: str, desk: Desk) -> None:
    service = service_on(redis_url)
    with service.running() as process:
        await service.becomes_ready(process)
        async with (
            service.client() as client,
            watching(client, "?kinds=task&user=kim") as reading,
            stalled(service.port, "?kinds=task"),
        ):
            await reading.begins()
            await refuse(desk, "1")
            await reading.next()
            for _ in range(4):
                await write_bulk(desk.redis)
            await refuse(desk, "2")
            await reading.next()
            process.send_signal(signal.SIGTERM)
            assert await reading.rest() == []
        code, out, err = await asyncio.to_thread(service.ended, process)
    assert (code, err) == (0, "")
    assert '"level":"error"' not in out


async def test_a_change_by_one_replica_reaches_the_consumers_of_another(redis_url: str, desk: Desk) -> None:
    registration = RedisRegistration(desk.endpoints, SystemClock(settings().timezone), TTL_S)
    one, other = service_on(redis_url), service_on(redis_url)
    with one.running() as first, other.running() as second:
        await one.becomes_ready(first)
        await other.becomes_ready(second)
        async with one.client() as of_one, other.client() as of_other:
            seen: list[Event] = []
            last_id = ""
            for number in range(6):
                task_id = await registration.register("sync", "alice", PARAMETERS)
                body = {"task_id": task_id, "service": "sync", "user_id": "alice", "parameters": PARAMETERS}
                # Each connection goes to the replica that the task was not submitted to, and is broken half way.
                here, there = (of_one, of_other) if number % 2 else (of_other, of_one)
                async with watching(there, "?kinds=task", last_id) as stream:
                    if not last_id:
                        await stream.begins()
                    assert (await here.post("/tasks/task", json=body)).status_code == 202
                    seen += [await stream.next() for _ in range(3)]
                    last_id = stream.last_id
            async with watching(of_one, "?kinds=task", last_id) as stream:
                while len(seen) < await desk.redis.xlen(keys.FEED) or seen[-1].data["status"] != "completed":
                    seen.append(await stream.next())
    kept = reversed(await feed(desk.redis))
    assert [event.last_id.partition("-")[2] for event in seen] == [entry_id for entry_id, _ in kept]
