"""The naive scheduler behind real HTTP."""

from __future__ import annotations

from typing import Any

from tests.frontend.http_server import HttpServer
from tests.frontend.naive.scheduler import NaiveScheduler
from tests.frontend.standin.client import Answer


def serve_naive(scheduler: NaiveScheduler) -> HttpServer:
    """A server, to be used as an async context, that answers the frontend's two calls."""

    async def answer(path: str, body: dict[str, Any]) -> Answer:
        if path == "/tasks/task":
            return await scheduler.submit(body)
        if path == "/tasks/cancel":
            return await scheduler.cancel(body)
        return Answer(404, "no such route")

    return HttpServer(answer)
