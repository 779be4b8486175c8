"""Health, readiness and help."""

from __future__ import annotations

import asyncio

import pytest

from entrypoints.settings import StoreKind
from tests.conftest import StartRedis
from tests.http.service import STUCK_S, Service, paused, running_service, settings


async def test_health(service: Service) -> None:
    answer = await service.client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def becomes_ready(service: Service, *, warnings: bool) -> None:
    async with asyncio.timeout(STUCK_S):
        while True:
            answer = await service.client.get("/readyz")
            if answer.status_code == 200 and bool(answer.json()["warnings"]) is warnings:
                return
            await asyncio.sleep(0.02)


async def test_ready_when_the_store_answers_and_recovery_has_ended(service: Service) -> None:
    await becomes_ready(service, warnings=False)
    assert (await service.client.get("/readyz")).json() == {"status": "ready", "warnings": []}


async def test_help(memory_service: Service) -> None:
    told = (await memory_service.client.get("/help")).json()
    assert (told["service"], told["timezone"]) == ("dms-scheduler", "Asia/Seoul")
    assert told["log_format"] == "<ISO 8601 time with offset>,<message>"
    for link in told["links"].values():
        assert (await memory_service.client.get(link)).status_code == 200


@pytest.mark.slow
async def test_what_is_missing_is_named(start_redis: StartRedis) -> None:
    write = start_redis()
    read = start_redis(replica_of=write)
    chosen = settings(store=StoreKind.REDIS, redis_write_url=write.url, redis_read_url=read.url)
    async with running_service(chosen) as service:
        await becomes_ready(service, warnings=False)
        read.kill()
        answer = await service.client.get("/readyz")
        told = answer.json()
        assert (answer.status_code, told["status_code"]) == (503, 503)
        assert answer.headers["Retry-After"]
        assert len(told["extra"]["missing"]) == 1
        assert "the Redis read endpoint does not answer" in told["extra"]["missing"][0]
        assert told["extra"]["missing"][0] in told["detail"]
        write.kill()
        told = (await service.client.get("/readyz")).json()
        assert told["status_code"] == 503
        assert (await service.client.get("/healthz")).status_code == 200


@pytest.mark.slow
async def test_a_start_without_redis_is_alive_and_becomes_ready_when_redis_comes(start_redis: StartRedis) -> None:
    redis = start_redis()
    redis.kill()
    chosen = settings(store=StoreKind.REDIS, redis_write_url=redis.url, redis_read_url=redis.url)
    async with running_service(chosen) as service:
        assert (await service.client.get("/healthz")).status_code == 200
        told = (await service.client.get("/readyz")).json()
        assert told["status_code"] == 503
        assert "recovery after the start has not ended" in told["extra"]["missing"]
        redis.start()
        await becomes_ready(service, warnings=False)
        body = await service.register()
        assert (await service.submit(body)).status_code == 202
        await service.becomes(body, "completed")


@pytest.mark.slow
async def test_a_frozen_redis_does_not_hold_the_probe(start_redis: StartRedis) -> None:
    redis = start_redis()
    chosen = settings(store=StoreKind.REDIS, redis_write_url=redis.url, redis_read_url=redis.url)
    async with running_service(chosen) as service:
        await becomes_ready(service, warnings=False)
        with paused(redis):
            answer = await service.client.get("/readyz")
            assert answer.status_code == 503
            (missing,) = {told for told in answer.json()["extra"]["missing"] if "write endpoint" in told}
            assert missing == "the Redis write endpoint does not answer: Redis did not answer in time"
        await becomes_ready(service, warnings=False)
