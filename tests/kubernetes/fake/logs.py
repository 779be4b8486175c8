"""Logs of pods, which may be followed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from aiohttp import web
from kmock import Request


class Log:
    """What one pod printed. Each line has a time of its own, unless a test says otherwise."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.has_ended = False
        self._changed: set[asyncio.Event] = set()
        self._time = datetime(2026, 1, 1, tzinfo=UTC)

    def add(self, text: str) -> None:
        """Print lines."""
        for line in text.splitlines():
            self._time += timedelta(milliseconds=1)
            self.lines.append(f"{self._time.strftime('%Y-%m-%dT%H:%M:%S.%f')}000Z {line}\n")
        self._tell()

    def add_at(self, stamp: str, *texts: str) -> None:
        """Print lines with this time, whatever came before."""
        self.lines += [f"{stamp} {text}\n" for text in texts]
        self._tell()

    def end(self) -> None:
        """Print no more."""
        self.has_ended = True
        self._tell()

    def subscribe(self) -> asyncio.Event:
        """Return an event that is set at each change."""
        event = asyncio.Event()
        self._changed.add(event)
        return event

    def unsubscribe(self, event: asyncio.Event) -> None:
        """Be told no more."""
        self._changed.discard(event)

    def _tell(self) -> None:
        for event in self._changed:
            event.set()


class Logs:
    """The logs of all pods."""

    def __init__(self) -> None:
        self._logs: dict[str, Log] = {}
        self._streams: set[asyncio.Task[None]] = set()

    def of(self, pod: str) -> Log:
        """Return a pod's log, an empty one where it has not printed."""
        return self._logs.setdefault(pod, Log())

    def break_connections(self) -> None:
        """Every log that is followed loses its connection."""
        for stream in list(self._streams):
            stream.cancel()

    async def serve(self, request: Request, pod: str) -> web.StreamResponse:
        """Answer ``GET …/log``."""
        response = web.StreamResponse(headers={"Content-Type": "text/plain"})
        raw = request._raw_request
        assert raw is not None
        await response.prepare(raw)
        stream = asyncio.ensure_future(self._send(request, self.of(pod), response))
        self._streams.add(stream)
        try:
            await stream
        except asyncio.CancelledError:
            if raw.transport is not None:
                raw.transport.abort()
            if not stream.cancelled():
                stream.cancel()
                raise
        finally:
            self._streams.discard(stream)
        return response

    async def _send(self, request: Request, log: Log, response: web.StreamResponse) -> None:
        sent = self._first(request, log)
        follows = request.params.get("follow") == "true"
        changed = log.subscribe()
        try:
            while True:
                changed.clear()
                fresh, sent = log.lines[sent:], len(log.lines)
                if fresh:
                    await response.write("".join(fresh).encode("utf-8", "surrogateescape"))
                if not follows or log.has_ended:
                    return
                await changed.wait()
        finally:
            log.unsubscribe(changed)

    def _first(self, request: Request, log: Log) -> int:
        """Where to begin: at a time, to whole seconds only, or at the last so many lines."""
        if since := request.params.get("sinceTime"):
            return next((at for at, line in enumerate(log.lines) if line[:19] >= since[:19]), len(log.lines))
        return max(0, len(log.lines) - int(request.params.get("tailLines", len(log.lines))))
