"""The frontend's calls with a trace."""

from __future__ import annotations

from collections.abc import Mapping

from entrypoints.settings import Tracing
from tests.http.service import Service, settings

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
HEADERS = {"traceparent": f"00-{TRACE}-{PARENT}-01", "tracestate": "vendor=a"}
ON = settings(tracing=Tracing.OTLP)


async def submit(service: Service, headers: Mapping[str, str] | None = None) -> dict[str, object]:
    """Register a task and submit it; return the body of that."""
    body = await service.register()
    await service.client.post("/tasks/task", json=body, headers=headers)
    return body


async def run_one(service: Service, headers: Mapping[str, str] | None = None) -> dict[str, object]:
    """Submit a task, and return when it is done."""
    body = await submit(service, headers)
    await service.becomes(body, "completed")
    return body
