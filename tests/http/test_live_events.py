"""`GET /admin/events`: what happens, as it happens."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import httpx
import pytest

from application import consumers, live
from application.live import LiveEvents
from domain.values import TaskStatus
from entrypoints.http.app import create_app
from entrypoints.http.server import embedded
from entrypoints.settings import StoreKind
from tests.http.events import watching
from tests.http.service import Service, paused, running_service, settings, until
from tests.support.redis_server import RedisServer

WAY = ["pending", "dispatching", "running", "completed"]


async def test_a_tasks_way_is_told(service: Service) -> None:
    async with watching(service.client, "?kinds=task") as stream:
        assert await stream.begins()
        body = await service.register("kim")
        await service.submit(body)
        told = [await stream.next() for _ in range(len(WAY))]
    assert [event.kind for event in told] == ["task"] * len(WAY)
    assert len({event.last_id for event in told}) == len(WAY)
    statuses = [event.data["status"] for event in told]
    # What is known by the time of a write goes into the same commit (ADR 4).
    assert statuses == WAY
    last = told[-1].data
    assert (last["task_id"], last["user_id"], last["attempt"]) == (body["task_id"], "kim", 1)
    assert "parameters" not in last


async def test_progress_and_counts_are_told(service: Service) -> None:
    async with watching(service.client) as stream:
        assert (await stream.next()).data == {"waiting": [], "delayed": 0, "at_work": {}}
        service.executor.gate.clear()
        await service.submit(await service.register())
        queue = await stream.next("queue")
        while not queue.data["at_work"]:
            queue = await stream.next("queue")
        assert queue.data["at_work"] == {"sync": 1}
        service.executor.gate.set()
        ended = await stream.next("task")
        while ended.data["status"] != "completed":
            ended = await stream.next("task")
        assert ended.data["progress"]["bytes_total"] == 1024


async def test_filters_let_only_theirs_pass(service: Service) -> None:
    mine, other = await service.register("kim"), await service.register("bob")
    async with AsyncExitStack() as stack:
        queries = (f"?task={mine['task_id']}&kinds=task", "?user=kim&kinds=task", "?user=kim&service=sync&kinds=task")
        streams = [await stack.enter_async_context(watching(service.client, query)) for query in queries]
        for stream in streams:
            await stream.begins()
        for body in (other, mine):
            await service.submit(body)
            await service.becomes(body, TaskStatus.COMPLETED)
        for stream in streams:
            assert {(await stream.next()).data["user_id"] for _ in WAY} == {"kim"}


async def test_it_goes_on_where_it_was(service: Service) -> None:
    async with watching(service.client, "?kinds=task") as stream:
        begin = await stream.begins()
        body = await service.register()
        await service.submit(body)
        seen = [await stream.next(), await stream.next()]
    await service.becomes(body, TaskStatus.COMPLETED)
    async with watching(service.client, "?kinds=task", last_id=stream.last_id) as stream:
        seen += [await stream.next(), await stream.next()]
    assert [event.data["status"] for event in seen] == WAY
    async with watching(service.client, "?kinds=task", last_id=begin) as stream:
        assert [await stream.next() for _ in WAY] == seen


async def test_an_id_that_is_not_known_is_told_as_such(service: Service) -> None:
    async with watching(service.client, "?kinds=task", last_id="ffffffff-1-0") as stream:
        event = await stream.next()
        assert event.kind == "reset"
        assert event.last_id == stream.last_id != "ffffffff-1-0"
        await service.submit(await service.register())
        assert (await stream.next()).data["status"] == "pending"


@pytest.mark.parametrize(
    ("query", "last_id", "told"),
    [
        ("?kinds=tasks", "", "kinds: 'tasks' is not accepted; use task or progress or queue"),
        ("?kinds=", "", "kinds"),
        ("?task=x", "", "task_id must be"),
        ("?since=1", "", "there is no parameter 'since'"),
        ("?user=a&user=b", "", "more than once"),
        ("", "17", "Last-Event-ID is not the id of an event"),
        ("", "x" * 200, "length <= 100"),
    ],
)
async def test_what_is_not_accepted_is_400(memory_service: Service, query: str, last_id: str, told: str) -> None:
    headers = {**memory_service.operator, "Last-Event-ID": last_id}
    answer = await memory_service.client.get(f"/admin/events{query}", headers=headers)
    assert answer.status_code == 400
    assert told in answer.json()["detail"]


async def test_a_head_ends(memory_service: Service) -> None:
    answer = await memory_service.client.head("/admin/events", headers=memory_service.operator)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/event-stream")
    assert await gone(memory_service)


async def gone(service: Service) -> bool:
    """Wait until nobody watches."""
    hub = await service.container.get(LiveEvents)

    async def watching_now() -> int:
        return len(hub.consumers)

    return await until(watching_now, lambda number: number == 0) == 0


async def test_who_goes_away_is_forgotten(memory_service: Service) -> None:
    async with watching(memory_service.client) as stream:
        await stream.begins()
    assert await gone(memory_service)


async def test_more_than_may_watch_are_503(memory_service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST_CONSUMERS", 1)
    async with watching(memory_service.client):
        answer = await memory_service.admin("GET", "/events")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "consumers of events are connected" in answer.json()["detail"]


async def test_one_whose_buffer_is_full_is_cut_off(memory_service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "MOST_WAITING", 0)
    with pytest.raises(httpx.TransportError):
        async with watching(memory_service.client) as stream:
            await stream.rest()
    assert await gone(memory_service)


async def test_beats_are_comments(memory_service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "BEAT_S", 0.01)
    async with watching(memory_service.client, "?kinds=task") as stream:
        await stream.begins()
        await memory_service.submit(await memory_service.register())
        await stream.next()
        while stream.comments == 0:
            await memory_service.submit(await memory_service.register())
            await stream.next()


async def test_streams_end_in_order_with_the_service() -> None:
    async with httpx.AsyncClient(trust_env=False) as client, AsyncExitStack() as stack:
        async with embedded(create_app(settings())) as port:
            client.base_url = httpx.URL(f"http://127.0.0.1:{port}")
            stream = await stack.enter_async_context(watching(client, "?kinds=task"))
            await stream.begins()
        assert await stream.rest() == []


@pytest.mark.slow
async def test_while_redis_is_silent_the_stream_stays_open(redis_url: str, redis_server: RedisServer) -> None:
    chosen = settings(store=StoreKind.REDIS, redis_write_url=redis_url, redis_read_url=redis_url)
    async with running_service(chosen) as service, watching(service.client, "?kinds=task") as stream:
        await stream.begins()
        body = await service.register()
        with paused(redis_server):
            answering = asyncio.ensure_future(service.submit(body))
            answer = await service.client.get("/readyz")
            assert answer.status_code == 503
        assert (await answering).status_code == 202
        assert [(await stream.next()).data["status"] for _ in WAY] == WAY
