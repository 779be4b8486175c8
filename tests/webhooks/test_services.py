"""Whole services tell of the ends of tasks, over real sockets."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from adapters.redis.keys import OUTBOX, OUTBOX_DUE
from tests.http.service import Service, running_service, settings, until
from tests.webhooks.receiver import OK, Received, receiving
from tests.webhooks.replicas import HASTE, hasty, in_redis, telling

TASKS = 20
REFUSED = b"HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture(params=["memory", "redis"])
def store(request: pytest.FixtureRequest) -> Mapping[str, Any]:
    """The settings of either store."""
    return in_redis(request.getfixturevalue("redis_url")) if request.param == "redis" else {}


async def end(on: Service, service: str = "sync", user: str = "alice") -> str:
    """Let a task end, and return its id. The executor knows ``sync`` alone, so others are refused."""
    body = await on.register(user, service)
    await on.submit(body)
    await on.becomes(body, "completed" if service == "sync" else "failed")
    return str(body["task_id"])


async def webhooks(service: Service) -> list[dict[str, Any]]:
    answer = await service.admin("GET", "/webhooks")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["webhooks"])


async def all_delivered(service: Service) -> None:
    """Return when nothing waits any more."""
    await until(lambda: webhooks(service), lambda seen: all(each["waiting"] == 0 for each in seen))


async def test_every_end_is_told(tmp_path: Path, store: Mapping[str, Any]) -> None:
    async with receiving() as receiver, running_service(telling(tmp_path, receiver.url(), **store), hasty()) as service:
        await end(service, user="이하나")
        service.executor.gate.clear()
        body = await service.register()
        await service.submit(body)
        await service.becomes(body, "running")
        await service.cancel(body)
        await service.submit(await service.register(service="no such service"))
        told = {request.told["data"]["status"]: request.told for request in await receiver.received(3)}
        assert all(request.is_signed_with() for request in receiver.requests)
        await all_delivered(service)
    assert told.keys() == {"completed", "cancelled", "failed"}
    assert {each["type"] for each in told.values()} == {"task.completed", "task.cancelled", "task.failed"}
    data = told["completed"]["data"]
    assert (data["task_id"], data["service"], data["user_id"]) == ("1", "sync", "이하나")
    assert (data["generation"], data["attempts"], data["reason"]) == (1, 1, "")
    assert told["completed"]["timestamp"] == data["ended_at"]
    assert "no such service" in told["failed"]["data"]["reason"]
    assert "Cancellation requested" in told["cancelled"]["data"]["reason"]


async def test_a_retry_by_an_operator_is_another_notification(tmp_path: Path, store: Mapping[str, Any]) -> None:
    async with receiving() as receiver, running_service(telling(tmp_path, receiver.url(), **store), hasty()) as service:
        service.executor.gate.clear()
        body = await service.register()
        await service.submit(body)
        await service.becomes(body, "running")
        await service.cancel(body)
        await service.becomes(body, "cancelled")
        service.executor.gate.set()
        assert (await service.admin("POST", f"/tasks/{body['task_id']}/retry")).status_code == 202
        first, second = await receiver.received(2)
    assert first.id != second.id
    assert [each.told["data"]["generation"] for each in (first, second)] == [1, 2]


async def test_each_service_has_its_receiver_and_others_none(tmp_path: Path, store: Mapping[str, Any]) -> None:
    async with receiving() as of_sync, receiving() as of_rm:
        named = telling(tmp_path, f"sync={of_sync.url()},rm={of_rm.url()}", **store)
        async with running_service(named, hasty()) as service:
            ids = {name: await end(service, name) for name in ("cp", "rm", "sync")}
            await of_sync.received(1)
            await of_rm.received(1)
            assert [each["service"] for each in await webhooks(service)] == ["sync", "rm"]
        for receiver, name in ((of_sync, "sync"), (of_rm, "rm")):
            assert [request.told["data"]["task_id"] for request in receiver.requests] == [ids[name]]


async def test_what_is_refused_comes_again_with_the_same_id(tmp_path: Path, store: Mapping[str, Any]) -> None:
    number = count()

    def answer(_: Received) -> bytes | None:
        return (REFUSED, b"", REFUSED, OK)[next(number)]

    async with receiving(answer) as receiver:
        async with running_service(telling(tmp_path, receiver.url(), **store), hasty()) as service:
            await end(service)
            requests = await receiver.received(4)
            await all_delivered(service)
            (seen,) = await webhooks(service)
            metrics = (await service.client.get("/metrics")).text
        assert len(receiver.requests) == 4
    assert len({(request.id, request.body) for request in requests}) == 1
    assert all(request.is_signed_with() for request in requests)
    assert (seen["host"], seen["last_failure"]) == ("127.0.0.1", "127.0.0.1: it answered 500")
    assert seen["last_failure_at"] is not None
    for line in ('deliveries_total{outcome="answered"} 2.0', 'deliveries_total{outcome="delivered"} 1.0'):
        assert f"dms_scheduler_webhook_{line}" in metrics
    assert 'dms_scheduler_webhooks_waiting{webhook="*"}' in metrics


async def test_a_receiver_that_stalls_delays_no_other(tmp_path: Path, store: Mapping[str, Any]) -> None:
    async with receiving(lambda _: None) as stalled, receiving() as prompt:
        named = telling(tmp_path, f"{stalled.url()},cp={prompt.url()}", **store)
        async with running_service(named, hasty()) as service:
            for _ in range(TASKS):
                await end(service)
            await stalled.received(HASTE.at_once)
            for _ in range(TASKS):
                await end(service, "cp")
            await prompt.received(TASKS)
            assert len(stalled.requests) == HASTE.at_once
            (kept, _) = await webhooks(service)
            assert kept["waiting"] == TASKS


async def test_two_replicas_tell_of_each_end_between_them(tmp_path: Path, redis_url: str) -> None:
    async with receiving() as receiver:
        chosen = telling(tmp_path, receiver.url(), **in_redis(redis_url))
        async with running_service(chosen, hasty()) as one, running_service(chosen, hasty()) as other:
            registered = await asyncio.gather(*(one.register() for _ in range(TASKS)))
            await asyncio.gather(*((one, other)[n % 2].submit(body) for n, body in enumerate(registered)))
            await receiver.received(TASKS)
            await all_delivered(one)
        ids = [request.told["data"]["task_id"] for request in receiver.requests]
    assert sorted(ids) == sorted(str(body["task_id"]) for body in registered)


@pytest.mark.slow
async def test_what_a_killed_process_held_is_delivered_by_another(tmp_path: Path, redis_url: str) -> None:
    command = [sys.executable, "-m", "tests.webhooks.replicas", redis_url, str(tmp_path)]
    dying = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    output, _ = await dying.communicate()
    assert dying.returncode == -signal.SIGKILL
    async with receiving() as receiver:
        chosen = telling(tmp_path, receiver.url(), **in_redis(redis_url))
        async with running_service(chosen, hasty()) as service:
            (request,) = await receiver.received(1)
            await all_delivered(service)
    assert request.id in output.decode().split()
    assert request.told["type"] == "task.completed"


async def test_what_ended_while_nobody_delivered_is_told_later(tmp_path: Path, redis_url: str) -> None:
    async with receiving() as receiver:
        chosen = telling(tmp_path, receiver.url(), **in_redis(redis_url))
        receiver.answer = lambda _: REFUSED
        async with running_service(chosen, hasty()) as service:
            await end(service)
            await receiver.received(1)
        receiver.answer = lambda _: OK
        seen = len(receiver.requests)
        async with running_service(chosen, hasty()) as service:
            await receiver.received(seen + 1)
            await all_delivered(service)
    assert len(receiver.ids) == 1


async def test_without_a_receiver_nothing_is_written(redis_url: str) -> None:
    async with running_service(settings(**in_redis(redis_url))) as service:
        await end(service)
        assert await webhooks(service) == []
        async with Redis.from_url(redis_url) as redis:
            assert not await redis.keys(f"{OUTBOX}*")
            assert not await redis.keys(f"{OUTBOX_DUE}*")


async def test_the_service_ends_though_a_receiver_stalls(tmp_path: Path, store: Mapping[str, Any]) -> None:
    async with (
        receiving(lambda _: None) as receiver,
        running_service(telling(tmp_path, receiver.url(), **store), hasty()) as service,
    ):
        await end(service)
        await receiver.received(1)
