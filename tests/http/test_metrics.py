"""What `/metrics` tells of what has happened."""

from __future__ import annotations

import pytest

from adapters.metrics.catalogue import METRICS
from entrypoints.settings import MetricsAccess, StoreKind
from tests.conftest import StartRedis
from tests.http.service import Service, running_service, settings, until
from tests.metrics.counted import Scrape


async def scrape(service: Service) -> Scrape:
    answer = await service.client.get("/metrics")
    assert answer.status_code == 200
    return Scrape.of(answer.text)


async def complete(service: Service, times: int) -> dict[str, object]:
    """Bring tasks home, and return the last one's submit."""
    for _ in range(times):
        body = await service.register()
        assert (await service.submit(body)).status_code == 202
        await service.becomes(body, "completed")
    return body


async def test_tasks_of_different_ends_are_counted_exactly(service: Service) -> None:
    done = await complete(service, 5)
    await service.submit(done)
    service.executor.gate.clear()
    for _ in range(2):
        body = await service.register()
        await service.submit(body)
        await service.becomes(body, "running")
        await service.cancel(body)
        await service.becomes(body, "cancelled")
    for _ in range(3):
        await service.submit(await service.register(service="no such service"))
    await service.submit({**done, "task_id": "999999"})
    told = await scrape(service)
    ended = {("sync", "completed"): 5, ("sync", "cancelled"): 2, ("other", "failed"): 3}
    assert told.shown("tasks_ended_total", "service", "status") == ended
    results = {("accepted",): 7, ("ended",): 1, ("invalid",): 3, ("not_registered",): 1}
    assert told.shown("submits_total", "result") == results
    assert told.shown("attempts_total", "service") == {("sync",): 7}
    assert told.shown("attempt_duration_seconds_count", "service") == {("sync",): 7}
    assert told.shown("queue_wait_seconds_count", "priority") == {("low",): 7}
    assert told.shown("retries_total", "service", "reason") == {}
    assert told.shown("lease_takeovers_total") == {}
    requests = told.shown("http_request_duration_seconds_count", "route", "method", "status")
    assert requests["/tasks/task", "POST", "2xx"] == 7
    assert requests["/tasks/task", "POST", "4xx"] == 5
    assert requests["/tasks/cancel", "POST", "2xx"] == 2


async def test_bytes_are_those_that_the_mover_told(service: Service) -> None:
    service.executor.gate.clear()
    body = await service.register()
    await service.submit(body)
    told = await until(lambda: scrape(service), lambda told: told.total("processed_bytes_total") > 0)
    assert told.shown("processed_bytes_total", "service") == {("sync",): 512}
    service.executor.gate.set()
    await service.becomes(body, "completed")


async def test_an_overwrite_that_was_repaired_counts_one(service: Service) -> None:
    body = await complete(service, 1)
    assert (await scrape(service)).total("records_repaired_total") == 0
    await service.change_record(body, status="running")
    await service.becomes(body, "completed")
    told = await until(lambda: scrape(service), lambda told: told.total("records_repaired_total") > 0)
    assert told.total("records_repaired_total") == 1


async def test_paths_and_methods_of_all_sorts_make_few_series(memory_service: Service) -> None:
    for number in range(20):
        await memory_service.client.get(f"/no/such/path/{number}")
        await memory_service.client.request("PROPFIND", f"/no/such/path/{number}")
        await memory_service.admin("GET", f"/tasks/{number}")
    await memory_service.client.head("/healthz")
    told = await scrape(memory_service)
    assert told.shown("http_request_duration_seconds_count", "route", "method", "status") == {
        ("unmatched", "GET", "4xx"): 20,
        ("unmatched", "other", "4xx"): 20,
        ("/admin/tasks/{task_id}", "GET", "4xx"): 20,
        ("/healthz", "HEAD", "2xx"): 1,
    }


async def test_what_waits_and_is_at_work_is_told_of_the_whole_queue(redis_url: str) -> None:
    redis = {"store": StoreKind.REDIS, "redis_write_url": redis_url, "redis_read_url": redis_url}
    async with running_service(settings(slots=1, **redis)) as service:
        service.executor.gate.clear()
        bodies = [await service.register() for _ in range(4)]
        for body in bodies:
            await service.submit(body)
        await service.becomes(bodies[0], "running")
        told = await scrape(service)
        assert told.shown("tasks_waiting", "priority", "service") == {("low", "sync"): 3}
        assert told.shown("tasks_at_work", "service") == {("sync",): 1}
        assert told.total("slots") == told.total("workers") == told.total("store_up") == 1
        assert told.total("redis_exchange_duration_seconds_count", endpoint="write") > 0


async def test_without_redis_the_rest_is_told_and_its_errors_too(start_redis: StartRedis) -> None:
    redis = start_redis()
    chosen = settings(store=StoreKind.REDIS, redis_write_url=redis.url, redis_read_url=redis.url)
    async with running_service(chosen) as service:
        await until(lambda: scrape(service), lambda told: told.total("watch_blind_workers") == 0)
        await complete(service, 1)
        redis.kill()
        told = await until(lambda: scrape(service), lambda told: told.total("watch_blind_workers") == 1)
        assert told.shown("tasks_ended_total", "service", "status") == {("sync", "completed"): 1}
        told = await until(
            lambda: scrape(service), lambda told: told.total("redis_errors_total", kind="unreachable") > 0
        )
        redis.start()


async def test_a_queue_that_could_not_be_looked_at_is_not_shown(start_redis: StartRedis) -> None:
    redis = start_redis()
    redis.kill()
    chosen = settings(store=StoreKind.REDIS, redis_write_url=redis.url, redis_read_url=redis.url)
    async with running_service(chosen) as service:
        told = await scrape(service)
        assert told.total("store_up") == 0
        assert not [each for each in told.samples if each.name.endswith(("_waiting", "_at_work", "_delayed"))]
        assert told.total("workers") == 1
        redis.start()


async def test_a_scraper_that_asks_for_openmetrics_gets_it(memory_service: Service) -> None:
    plain = await memory_service.client.get("/metrics")
    assert plain.headers["Content-Type"].startswith("text/plain; version=0.0.4; charset=utf-8")
    answer = await memory_service.client.get("/metrics", headers={"Accept": "application/openmetrics-text"})
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text;")
    assert answer.text.endswith("# EOF\n")


async def test_every_metric_is_described_whether_it_has_values_or_not(memory_service: Service) -> None:
    text = (await memory_service.client.get("/metrics")).text
    for metric in METRICS:
        assert f"# HELP {metric.name} {metric.help}\n# TYPE {metric.name} {metric.kind}\n" in text


async def test_a_token_is_asked_for_where_the_settings_say_so() -> None:
    async with running_service(settings(metrics=MetricsAccess.TOKEN)) as service:
        assert (await service.client.get("/metrics")).status_code == 401
        wrong = await service.client.get("/metrics", headers={"X-Operator-Token": "wrong"})
        assert wrong.status_code == 403
        right = await service.client.get("/metrics", headers=service.operator)
        assert Scrape.of(right.text).total("http_request_duration_seconds_count", route="/metrics", status="4xx") == 2


@pytest.mark.parametrize("store", ["memory", "redis"])
async def test_nothing_is_counted_where_they_are_off(request: pytest.FixtureRequest, store: str) -> None:
    url = request.getfixturevalue("redis_url") if store == "redis" else ""
    redis = {"store": StoreKind.REDIS, "redis_write_url": url, "redis_read_url": url} if url else {}
    async with running_service(settings(metrics=MetricsAccess.OFF, **redis)) as service:
        await complete(service, 1)
        assert (await service.client.get("/metrics", headers=service.operator)).status_code == 404
        assert "/metrics" not in (await service.client.get("/openapi.json")).json()["paths"]
