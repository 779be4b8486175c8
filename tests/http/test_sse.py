"""A stream of events ends however its peer behaves."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from adapters.memory import MemoryChangeFeed, MemoryDatabase, MemoryDispatchQueue
from adapters.system import SystemClock
from application.consumers import Wanted
from application.live import LiveEvents
from entrypoints.http import sse
from entrypoints.http.connection import Peer
from entrypoints.http.sse import EventStream, render
from tests.http.service import STUCK_S, settings


class StuckPeer:
    """A connection that takes the headers, and then nothing until it is cut."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()
        self.is_stuck = asyncio.Event()
        self.sent: list[Any] = []

    def abort(self) -> None:
        self.gone.set()

    async def send(self, message: Any) -> None:
        self.sent.append(message)
        if message["type"] == "http.response.body":
            self.is_stuck.set()
            await self.gone.wait()

    async def receive(self) -> Any:
        await self.gone.wait()
        return {"type": "http.disconnect"}


@pytest.mark.parametrize("ends", ["with the server", "when too much waits"])
async def test_a_peer_that_takes_nothing_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch, ends: str) -> None:
    monkeypatch.setattr(sse, "ENDS_WITHIN_S", 0.01)
    clock = SystemClock(settings().timezone)
    database = MemoryDatabase(clock)
    live = LiveEvents(MemoryChangeFeed(database), MemoryDispatchQueue(database), clock, render)
    scope: Any = {"type": "http", "extensions": {}}
    connection = StuckPeer()
    peer = Peer(connection)  # type: ignore[arg-type]
    async with asyncio.timeout(STUCK_S), live.running():
        consumer = live.join(Wanted(), None, peer.cut)
        answering = asyncio.ensure_future(EventStream(live, consumer, peer)(scope, connection.receive, connection.send))
        await connection.is_stuck.wait()
        if ends == "with the server":
            peer.is_asked_to_end.set()
        else:
            for _ in range(2_000):
                consumer.put(b"more than may wait\n")
            assert consumer.is_dropped
        await answering
        assert live.consumers == ()
