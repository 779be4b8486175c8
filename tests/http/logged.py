"""A service whose log lines a test can read."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from dishka import Provider

from entrypoints.logs import configure_logging
from entrypoints.settings import Settings
from tests.http.service import Service, running_service, settings


@asynccontextmanager
async def logged_service(
    chosen: Settings | None = None, *providers: Provider
) -> AsyncIterator[tuple[Service, Callable[..., list[dict[str, Any]]]]]:
    """A running service, and a function that returns its log lines that have these fields."""
    chosen = chosen or settings()
    stream = io.StringIO()

    def lines(**fields: object) -> list[dict[str, Any]]:
        every = [json.loads(line) for line in stream.getvalue().splitlines()]
        return [line for line in every if fields.items() <= line.items()]

    async with running_service(chosen, *providers) as service:
        configure_logging(chosen, stream)
        yield service, lines
