"""A collector that is away, refuses, or is silent harms no task and fills no log."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from tests.cli import program
from tests.http.logged import logged_service
from tests.http.service import running_service, until
from tests.tracing.calls import HEADERS, ON, run_one
from tests.tracing.collector import Collector

DROPPED = "spans are dropped, for the collector does not take them"

Lines = Callable[..., list[dict[str, Any]]]


async def comes(lines: Lines, event: str) -> None:
    """Return when there is a line of this event."""

    async def look() -> list[dict[str, Any]]:
        return lines(event=event)

    await until(look, bool)


@asynccontextmanager
async def away(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Point the service to a port where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{taken.getsockname()[1]}")
        yield


async def test_without_a_collector_tasks_run_as_ever_and_one_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    async with away(monkeypatch), logged_service(ON) as (service, lines):
        for _ in range(3):
            await run_one(service, HEADERS)
        await comes(lines, DROPPED)
        for _ in range(3):
            await run_one(service, HEADERS)
        (line,) = lines(event=DROPPED)
        assert line["reason"]
        assert not [line for line in lines() if line["logger"].startswith(("opentelemetry", "urllib3"))]


async def test_a_collector_that_comes_back_is_told_of_once(collector: Collector) -> None:
    async with logged_service(ON) as (service, lines):
        collector.status = 400  # which is not tried again
        for _ in range(3):
            called = collector.calls
            await run_one(service)
            await asyncio.to_thread(collector.is_called, called + 1)
        collector.status = 200
        await run_one(service)
        await asyncio.to_thread(collector.has, "attempt")
        await comes(lines, "the collector takes spans again")
        assert len(lines(event=DROPPED)) == 1


async def test_a_collector_that_never_answers_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "3600")
    monkeypatch.setattr("adapters.tracing.exporting.FLUSH_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        async with running_service(ON) as service:
            await run_one(service)


@pytest.mark.slow
def test_a_process_ends_in_order_though_its_collector_never_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        variables = {
            "DMS_STORE": "memory",
            "DMS_EXECUTOR": "placeholder",
            "DMS_TRACING": "otlp",
            "OTEL_EXPORTER_OTLP_TIMEOUT": "3600",
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{silent.getsockname()[1]}",
        }
        with program.running("serve", "--host", "127.0.0.1", "--port", "0", env=variables) as service:
            (port,) = {json.loads(line)["port"] for line in service.lines_until("listening") if "listening" in line}
            service.lines_until("recovered")
            httpx.post(f"http://127.0.0.1:{port}/tasks/task", json={}, trust_env=False)
            connection, _ = silent.accept()  # the exporter has begun to send
            with connection:
                code, rest = service.end(signal.SIGTERM)
    assert code == 0
    assert "Traceback" not in rest
