"""While Redis is away: what waits, what is refused, and that nothing hangs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from dishka import Provider, Scope

from domain.ports import Clock
from entrypoints.http.patience import Patience
from entrypoints.settings import StoreKind
from tests.conftest import StartRedis
from tests.http.service import Service, paused, running_service, settings
from tests.support.redis_server import RedisServer

WAIT_S = 0.3
"""In place of 8 s, so that the tests need not wait so long."""


def less_patience() -> Provider:
    def patience(clock: Clock) -> Patience:
        return Patience(clock, WAIT_S)

    provider = Provider(scope=Scope.APP)
    provider.provide(patience)
    return provider


@pytest.fixture
def redis(start_redis: StartRedis) -> RedisServer:
    return start_redis()


@pytest.fixture
async def service(redis: RedisServer) -> AsyncIterator[Service]:
    chosen = settings(store=StoreKind.REDIS, redis_write_url=redis.url, redis_read_url=redis.url)
    async with running_service(chosen, less_patience()) as service:
        yield service


@pytest.fixture
async def patient_service(redis: RedisServer) -> AsyncIterator[Service]:
    # After a restart of Redis nothing is claimed for as long as a lease and the kill grace last.
    lives = {"lease_s": 2.0, "kill_grace_s": 1.0}
    chosen = settings(store=StoreKind.REDIS, redis_write_url=redis.url, redis_read_url=redis.url, **lives)
    async with running_service(chosen) as service:
        yield service


Call = Callable[[Service, dict[str, object]], Awaitable[httpx.Response]]

CALLS: dict[str, Call] = {
    "submit": lambda service, body: service.submit(body),
    "cancel": lambda service, body: service.cancel(body),
    "priority": lambda service, body: service.admin(
        "POST", "/priority", json={"task_id": body["task_id"], "priority": "high"}
    ),
    "block": lambda service, body: service.admin("POST", "/block"),
    "block user": lambda service, body: service.admin("POST", "/users/alice/block"),
    "blocks": lambda service, body: service.admin("GET", "/blocks"),
    "queue": lambda service, body: service.admin("GET", "/queue"),
    "tasks": lambda service, body: service.admin("GET", "/tasks"),
    "task": lambda service, body: service.admin("GET", f"/tasks/{body['task_id']}"),
}

WAIT_LONG = {"priority", "block", "block user"}
"""Answered when the connection to Redis is given up, however little patience there is."""


def assert_unavailable(answer: httpx.Response) -> None:
    assert answer.status_code == answer.json()["status_code"] == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "is safe" in answer.json()["detail"]


@pytest.mark.parametrize("name", CALLS)
async def test_everything_is_503_with_retry_after_while_redis_is_down(
    service: Service, redis: RedisServer, name: str
) -> None:
    body = await service.register()
    redis.kill()
    assert_unavailable(await CALLS[name](service, body))


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name in WAIT_LONG else []) for name in CALLS]
)
async def test_nothing_hangs_on_a_redis_that_hangs(service: Service, redis: RedisServer, name: str) -> None:
    body = await service.register()
    with paused(redis):
        assert_unavailable(await CALLS[name](service, body))


@pytest.mark.parametrize("name", ["submit", "cancel", "priority", "block", "block user"])
async def test_a_change_waits_until_redis_is_back(patient_service: Service, redis: RedisServer, name: str) -> None:
    service, body = patient_service, await patient_service.register()
    with paused(redis):
        call = asyncio.ensure_future(CALLS[name](service, body))
        await service.client.get("/healthz")
        assert not call.done()
    assert (await call).status_code in (200, 202)


@pytest.mark.slow
async def test_a_submit_waits_for_a_redis_that_starts_anew(patient_service: Service, redis: RedisServer) -> None:
    service, body = patient_service, await patient_service.register()
    with redis.client() as client:
        client.save()
    redis.kill()
    submit = asyncio.create_task(service.submit(body))
    await asyncio.to_thread(redis.start)
    assert (await submit).status_code == 202
    await service.becomes(body, "completed")


async def test_a_refused_submit_may_be_sent_again(service: Service, redis: RedisServer) -> None:
    body = await service.register()
    with paused(redis):
        assert_unavailable(await service.submit(body))
    # Whichever comes first when the store is back: the second try, or what becomes of the first one.
    again = await service.submit(body)
    assert again.status_code in (202, 409)
    ended = await service.becomes(body, "completed" if again.status_code == 202 else "failed")
    assert len(service.executor.started) == (again.status_code == 202)
    assert any("submit it again" in line for line in ended.logs) == (again.status_code == 409)
