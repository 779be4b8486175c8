"""Events as a stream that browsers read by themselves (HTML Living Standard, "Server-sent events")."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import aclosing

import msgspec
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

from application.consumers import Beat, Consumer, QueueCounts, Reset, Told
from application.feed import FeedEntry
from application.live import LiveEvents
from entrypoints.http.connection import Peer, is_head_only
from entrypoints.http.schemas.live import queue_event, task_event

EVENT_STREAM = "text/event-stream"

LAST_EVENT_ID = "Last-Event-ID"

HEADERS: Mapping[str, str] = {
    "Content-Type": EVENT_STREAM,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    # Proxies that collect an answer before they pass it on are asked not to.
    "X-Accel-Buffering": "no",
}

ENDS_WITHIN_S = 1.0
"""What a peer has not taken of the end of a stream by then is not sent."""

_RESET = b'{"reason":"events may be missing: load anew what you show"}'

_encode = msgspec.json.Encoder().encode


def render(told: Told) -> bytes:
    """Write an event. A beat is a comment, whose id browsers take over all the same."""
    match told:
        case FeedEntry(place, change):
            return b"id: %b\nevent: %b\ndata: %b\n\n" % (
                str(place).encode(),
                change.kind.encode(),
                _encode(task_event(change)),
            )
        case QueueCounts():
            return b"event: queue\ndata: %b\n\n" % _encode(queue_event(told))
        case Reset(place):
            return b"id: %b\nevent: reset\ndata: %b\n\n" % (str(place).encode(), _RESET)
        case Beat(place):
            return b":\n\n" if place is None else b":\nid: %b\n\n" % str(place).encode()


class EventStream(ASGIResponse):
    """Tells one consumer what happens until it goes away, is dropped, or the server ends."""

    _should_set_content_length = False

    def __init__(self, live: LiveEvents, consumer: Consumer, peer: Peer) -> None:
        super().__init__(headers=dict(HEADERS))
        self._live = live
        self._consumer = consumer
        self._peer = peer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        watch = asyncio.create_task(self._end_in_time(receive))
        try:
            await self.start_response(send)
            if not is_head_only(scope):
                await self._tell(send)
            if self._consumer.is_dropped:
                await watch  # what is sent before the server knows of the cut would be an error
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._live.leave(self._consumer)
            watch.cancel()

    async def _tell(self, send: Send) -> None:
        async with aclosing(self._live.told(self._consumer)) as told:
            async for text in told:
                # Returns when the peer has room for more: until then events wait with the consumer, up to its bound.
                await send({"type": "http.response.body", "body": text, "more_body": True})

    async def _end_in_time(self, receive: Receive) -> None:
        """Wait until the peer is gone; where the server ends before that, see to it."""
        gone = asyncio.create_task(_disconnected(receive))
        asked = asyncio.create_task(self._peer.is_asked_to_end.wait())
        try:
            await asyncio.wait({gone, asked}, return_when=asyncio.FIRST_COMPLETED)
            self._consumer.end()
            await asyncio.wait({gone}, timeout=ENDS_WITHIN_S)
            if not gone.done():
                self._peer.cut()
                await gone
        finally:
            gone.cancel()
            asked.cancel()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
