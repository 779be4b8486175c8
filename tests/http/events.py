"""Reading a stream of events, as a browser does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from entrypoints.http.guard import TOKEN_HEADER
from tests.http.service import STUCK_S, TOKEN

NO_HEADERS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Event:
    """One event, with the id that a browser would send after it."""

    kind: str
    data: dict[str, Any]
    last_id: str


@dataclass
class Stream:
    """What comes over one connection."""

    response: httpx.Response
    last_id: str = ""
    comments: int = 0
    _lines: AsyncIterator[str] = field(init=False)

    def __post_init__(self) -> None:
        self._lines = self.response.aiter_lines()

    async def next(self, *kinds: str) -> Event:
        """Return the next event of these kinds, or of any."""
        while True:
            event = await self._next()
            assert event is not None, "the stream has ended"
            if not kinds or event.kind in kinds:
                return event

    async def begins(self) -> str:
        """Return the id that says where the stream begins."""
        async with asyncio.timeout(STUCK_S):
            async for line in self._lines:
                name, _, value = line.partition(": ")
                if name == "id":
                    self.last_id = value
                    return value
        raise AssertionError("the stream has ended")

    async def rest(self) -> list[Event]:
        """Return what comes until the stream ends."""
        found = []
        while (event := await self._next()) is not None:
            found.append(event)
        return found

    async def _next(self) -> Event | None:
        fields: dict[str, str] = {}
        async with asyncio.timeout(STUCK_S):
            async for line in self._lines:
                name, _, value = line.partition(": ")
                if name == "id":
                    self.last_id = value
                elif name == ":":
                    self.comments += 1
                elif line:
                    fields[name] = value
                elif "data" in fields:
                    return Event(fields["event"], json.loads(fields["data"]), self.last_id)
        return None


@asynccontextmanager
async def watching(
    client: httpx.AsyncClient, query: str = "", last_id: str = "", headers: Mapping[str, str] = NO_HEADERS
) -> AsyncIterator[Stream]:
    """Watch what happens, as an operator."""
    own = {TOKEN_HEADER: TOKEN, **headers, **({"Last-Event-ID": last_id} if last_id else {})}
    async with client.stream("GET", f"/admin/events{query}", headers=own) as response:
        assert response.status_code == 200, await response.aread()
        assert response.headers["Content-Type"] == "text/event-stream"
        yield Stream(response)
