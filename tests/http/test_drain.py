"""Operators drain replicas and let them go on."""

from __future__ import annotations

import socket

import pytest

from entrypoints.settings import StoreKind
from tests.conftest import StartRedis
from tests.http.service import Service, running_service, settings, until

NAME = socket.gethostname()


async def draining(service: Service, wanted: bool) -> None:
    """Wait until the replica has heard of it."""
    await until(lambda: service.admin("GET", "/queue"), lambda answer: answer.json()["replica"]["draining"] is wanted)


async def test_a_drain_holds_claims_back_until_it_is_lifted(service: Service) -> None:
    service.executor.gate.clear()
    at_work = await service.register()
    await service.submit(at_work)
    await service.becomes(at_work, "running")
    answer = await service.admin("POST", "/drain")
    assert (answer.status_code, answer.json()) == (200, {"drained": True, "drained_replicas": []})
    await draining(service, True)
    waits = await service.register()
    assert (await service.submit(waits)).status_code == 202
    service.executor.gate.set()
    await service.becomes(at_work, "completed")
    assert (await service.admin("GET", "/queue")).json()["waiting"] == [
        {"priority": "low", "service": "sync", "count": 1}
    ]
    assert (await service.client.get("/readyz")).status_code == 200
    answer = await service.admin("POST", "/resume")
    assert (answer.status_code, answer.json()) == (200, {"drained": False, "drained_replicas": []})
    await service.becomes(waits, "completed")


async def test_one_replica_is_drained_by_name(service: Service) -> None:
    answer = await service.admin("POST", "/drain", json={"replica": NAME, "reason": "a new disk"})
    assert (answer.status_code, answer.json()) == (200, {"drained": False, "drained_replicas": [NAME]})
    await draining(service, True)
    (shown,) = (await service.admin("GET", "/replicas")).json()["replicas"]
    assert (shown["name"], shown["draining"], shown["at_work"], shown["slots"]) == (NAME, True, 0, 16)
    assert (await service.admin("POST", "/resume")).json() == {"drained": False, "drained_replicas": [NAME]}
    assert (await service.admin("POST", "/resume", json={"replica": NAME})).json()["drained_replicas"] == []
    await draining(service, False)


async def test_the_replicas_are_listed(service: Service) -> None:
    listed = (await service.admin("GET", "/replicas")).json()
    queue = (await service.admin("GET", "/queue")).json()
    assert (listed["drained"], listed["drained_replicas"]) == (False, [])
    assert [each["owner"] for each in listed["replicas"]] == [queue["replica"]["owner"]]
    assert queue["replica"]["name"] == NAME


async def test_a_name_that_nobody_has_is_404(memory_service: Service) -> None:
    answer = await memory_service.admin("POST", "/drain", json={"replica": "elsewhere"})
    assert answer.status_code == 404
    assert NAME in answer.json()["detail"]
    assert (await memory_service.admin("POST", "/resume", json={"replica": "elsewhere"})).status_code == 200


@pytest.mark.parametrize(
    "body", [{"replica": ""}, {"replica": 1}, {"replica": "a" * 1025}, {"reason": "two\nlines"}, []]
)
@pytest.mark.parametrize("path", ["/drain", "/resume"])
async def test_another_body_is_400_and_drains_nothing(memory_service: Service, path: str, body: object) -> None:
    answer = await memory_service.admin("POST", path, json=body)
    assert answer.status_code == answer.json()["status_code"] == 400
    assert (await memory_service.admin("GET", "/replicas")).json()["drained"] is False


@pytest.mark.slow
async def test_a_drain_outlasts_a_restart_of_redis_and_of_the_replica(start_redis: StartRedis) -> None:
    redis = start_redis(appendonly="yes", appendfsync="always")
    chosen = settings(
        store=StoreKind.REDIS, redis_write_url=redis.url, redis_read_url=redis.url, lease_s=1.0, kill_grace_s=0.0
    )
    async with running_service(chosen) as service:
        await service.admin("POST", "/drain")
        await draining(service, True)
        redis.restart()
        await until(lambda: service.client.get("/readyz"), lambda answer: answer.status_code == 200)
        assert (await service.admin("GET", "/replicas")).json()["drained"] is True
        await draining(service, True)
    async with running_service(chosen) as service:
        await until(lambda: service.client.get("/readyz"), lambda answer: answer.status_code == 200)
        await draining(service, True)
        waits = await service.register()
        await service.submit(waits)
        await service.admin("POST", "/resume")
        await service.becomes(waits, "completed")
