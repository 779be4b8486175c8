"""The service as a process: how it starts, listens, and ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from pathlib import Path
from typing import Any

import pytest
from dishka import Provider, Scope

from adapters.redis.endpoints import RedisEndpoints
from adapters.redis.registration import RedisRegistration
from adapters.redis.task_store import RedisTaskStore
from adapters.system import SystemClock
from domain.ports import Executor, Snapshot
from entrypoints.container import make_container
from entrypoints.http.app import app_from_environment, create_app
from entrypoints.http.listening import listen
from entrypoints.http.server import NotStarted, embedded, serve
from entrypoints.settings import SettingsError, StoreKind
from tests.http.process import Process
from tests.http.service import PARAMETERS, STUCK_S, TOKEN, settings, until
from tests.support.local_http import local_client
from tests.support.redis_server import RedisServer


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_in_order_with_exit_code_0(number: signal.Signals) -> None:
    service = Process()
    with service.running() as process:
        await service.becomes_ready(process)
        process.send_signal(number)
        code, out, err = service.ended(process)
    assert (code, err) == (0, "")
    told = [json.loads(line) for line in out.splitlines()]
    assert [line["level"] for line in told if line["level"] not in ("info", "warning")] == []
    assert any(line["event"] == "request" and line["path"] == "/readyz" for line in told)


@pytest.mark.slow
async def test_several_workers_share_the_port_and_end_together(redis_url: str) -> None:
    service = Process(DMS_STORE="redis", DMS_REDIS_WRITE_URL=redis_url, DMS_WORKERS="2")
    with service.running() as process:
        await service.becomes_ready(process)
        owners: set[str] = set()
        async with asyncio.timeout(STUCK_S):
            while len(owners) < 2:
                async with service.client() as client:  # a new connection may reach the other worker
                    answer = await client.get("/admin/queue", headers={"X-Operator-Token": TOKEN})
                owners.add(answer.json()["replica"]["owner"])
        process.send_signal(signal.SIGTERM)
        code, out, err = service.ended(process)
    assert (code, err) == (0, "")
    assert '"logger":"uvicorn.access"' not in out  # one access line a request, ours
    assert '"event":"request"' in out
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", service.port)).close()


@pytest.mark.slow
async def test_work_that_a_shutdown_interrupts_goes_back_to_the_queue(redis_url: str) -> None:
    redis = {"DMS_STORE": "redis", "DMS_REDIS_WRITE_URL": redis_url}
    endpoints = RedisEndpoints.open(redis_url)
    store, registration = RedisTaskStore(endpoints), RedisRegistration(endpoints, SystemClock(settings().timezone), 999)
    task_id = await registration.register("sync", "alice", PARAMETERS)

    async def look() -> Snapshot:
        (snapshot,) = await store.load([task_id])
        return snapshot

    async def becomes(status: str) -> Snapshot:
        return await until(look, lambda seen: seen.record is not None and seen.record.status == status)

    first = Process(**redis, DMS_PLACEHOLDER_SECONDS="3600")
    with first.running() as process:
        await first.becomes_ready(process)
        async with first.client() as client:
            body = {"task_id": task_id, "service": "sync", "user_id": "alice", "parameters": PARAMETERS}
            assert (await client.post("/tasks/task", json=body)).status_code == 202
        await becomes("running")
        process.send_signal(signal.SIGTERM)
        code, _, _ = first.ended(process)
    assert code == 0
    snapshot = await becomes("pending")
    assert snapshot.task is not None
    assert snapshot.task.lease is None
    assert "Handed back to the queue: the scheduler shuts down" in snapshot.task.lines[-1]
    second = Process(**redis, DMS_PLACEHOLDER_SECONDS="0")
    with second.running() as process:
        await becomes("completed")
    await endpoints.close()


def test_what_is_wrong_with_the_settings_is_raised_before_anything_starts() -> None:
    with pytest.raises(SettingsError, match="DMS_WORKERS"):
        serve(settings(), workers=2)


@pytest.mark.parametrize("host", ["127.0.0.1", "no.such.host.invalid", "192.0.2.1"])
def test_an_address_that_cannot_be_had_is_told_in_one_line(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError) as caught:
            listen(host, port)
    told = str(caught.value)
    assert told.isprintable()
    assert told.startswith(f"DMS_HOST='{host}' DMS_PORT='{port}': cannot listen there (")


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"DMS_PORT": "x"}, "DMS_PORT='x': accepted is a whole number from 0 to 65535"),
        ({"DMS_EXECUTOR": "local"}, "DMS_ALLOWED_ROOTS is not set"),
        ({"DMS_STORE": "memory", "DMS_WORKERS": "2", "DMS_EXECUTOR": "placeholder"}, "DMS_WORKERS='2'"),
    ],
)
def test_the_factory_ends_the_process_with_one_line_and_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], variables: dict[str, str], told: str
) -> None:
    for name in [name for name in os.environ if name.startswith("DMS_")]:
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as caught:
        app_from_environment()
    out, err = capsys.readouterr()
    assert (caught.value.code, out) == (2, "")
    assert err.count("\n") == 1
    assert err.startswith(told)


async def test_it_runs_inside_a_program_and_tells_its_port() -> None:
    async with embedded(create_app(settings())) as port, local_client() as client:
        assert (await client.get(f"http://127.0.0.1:{port}/healthz")).status_code == 200
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port)).close()


async def test_two_run_side_by_side() -> None:
    async with embedded(create_app(settings())) as one, embedded(create_app(settings())) as other:
        assert one != other


async def test_a_start_that_fails_is_raised() -> None:
    def broken() -> Any:
        raise RuntimeError("no executor today")

    provider = Provider(scope=Scope.APP)
    provider.provide(broken, provides=Executor)
    app = create_app(settings(), make_container(settings(), provider))
    with pytest.raises(NotStarted):
        async with embedded(app):
            pass


async def test_no_connection_is_left_at_the_end(redis_url: str, redis_server: RedisServer) -> None:
    async def ours() -> list[str]:
        with redis_server.client() as client:
            return [each["name"] for each in client.client_list() if each["name"].startswith("dms-scheduler")]

    chosen = settings(store=StoreKind.REDIS, redis_write_url=redis_url, redis_read_url=redis_url)
    async with embedded(create_app(chosen)) as port, local_client() as client:
        await client.get(f"http://127.0.0.1:{port}/readyz")
        assert await ours()
    await until(ours, lambda left: not left)  # the server needs a moment to notice


def test_the_checkout_is_what_runs() -> None:
    import entrypoints

    assert entrypoints.__file__ is not None
    assert Path(entrypoints.__file__).is_relative_to(Path(__file__).parents[2] / "src")
