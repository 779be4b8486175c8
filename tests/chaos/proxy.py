"""A TCP proxy before a Redis server that cuts connections, delays replies, loses answers, and goes silent."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import cast

_Take = Callable[[bytes], None]
_Tell = Callable[[], None]

SCRIPT_CALL = b"EVALSHA"
"""Whatever changes anything of ours is a call of a script."""


class FaultProxy:
    """Passes everything on, but for the faults that it was told."""

    def __init__(self, upstream_port: int) -> None:
        self.upstream_port = upstream_port
        self.delay_s = 0.0
        """So much later comes every reply."""
        self.to_lose = 0
        """So many answers to script calls will get lost: the call is done, and its connection breaks."""
        self.lost = 0
        self.cuts = 0
        """Connections that were cut."""
        self._silent = False
        self._port = 0
        self._links: set[_Link] = set()

    @property
    def url(self) -> str:
        """Where to connect to."""
        return f"redis://127.0.0.1:{self._port}/0"

    @property
    def silent(self) -> bool:
        """Whether connections stay open, new ones come about, and no byte passes."""
        return self._silent

    @silent.setter
    def silent(self, silent: bool) -> None:
        self._silent = silent
        for link in self._links:
            link.let_read()

    def cut(self) -> None:
        """Break every connection."""
        self.cuts += len(self._links)
        for link in tuple(self._links):
            link.abort()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[FaultProxy]:
        """Serve on a free port until the block ends."""
        server = await asyncio.get_running_loop().create_server(lambda: _Link(self).client, "127.0.0.1", 0)
        self._port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for link in tuple(self._links):
                link.abort()
            await server.wait_closed()

    def opened(self, link: _Link) -> None:
        """A connection has come about."""
        self._links.add(link)

    def closed(self, link: _Link) -> None:
        """A connection has ended."""
        self._links.discard(link)

    def loses(self, request: bytes) -> bool:
        """Whether the answer to this request gets lost."""
        if not self.to_lose or SCRIPT_CALL not in request:
            return False
        self.to_lose -= 1
        return True


class _Link:
    """One connection: its client's end and its server's."""

    def __init__(self, proxy: FaultProxy) -> None:
        self.client = _End(self._forth, self._client_came, self.abort)
        self._server = _End(self._back, self.let_read, self.abort)
        self._proxy = proxy
        self._connecting: asyncio.Task[None] | None = None
        self._replies: deque[tuple[float, bytes]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._loses = False

    def let_read(self) -> None:
        """Read from both ends, or from none, as the proxy is told."""
        both = self.client.transport and self._server.transport
        for end in (self.client, self._server):
            if end.transport is not None and not end.transport.is_closing():
                if both and not self._proxy.silent:
                    end.transport.resume_reading()
                else:
                    end.transport.pause_reading()

    def abort(self) -> None:
        """End it without a word."""
        self._proxy.closed(self)
        if self._timer is not None:
            self._timer.cancel()
        if self._connecting is not None:
            self._connecting.cancel()
        for end in (self.client, self._server):
            if end.transport is not None:
                end.transport.abort()

    def _client_came(self) -> None:
        self._proxy.opened(self)
        self.let_read()
        self._connecting = asyncio.get_running_loop().create_task(self._connect())

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(lambda: self._server, "127.0.0.1", self._proxy.upstream_port)
        except OSError:
            self._connecting = None
            self.abort()  # as if this server were away

    def _forth(self, request: bytes) -> None:
        self._loses = self._loses or self._proxy.loses(request)
        self._server.write(request)

    def _back(self, reply: bytes) -> None:
        if self._loses:
            self._proxy.lost += 1
            self.abort()
            return
        now = asyncio.get_running_loop().time()
        self._replies.append((now + self._proxy.delay_s, reply))
        if self._timer is None:
            self._pass_on()

    def _pass_on(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = None
        while self._replies:
            due, reply = self._replies[0]
            if due > loop.time():
                self._timer = loop.call_at(due, self._pass_on)
                return
            self._replies.popleft()
            self.client.write(reply)


class _End(asyncio.Protocol):
    """One end of a connection."""

    def __init__(self, take: _Take, came: _Tell, went: _Tell) -> None:
        self.transport: asyncio.Transport | None = None
        self._take = take
        self._came = came
        self._went = went

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._came()

    def data_received(self, data: bytes) -> None:
        self._take(data)

    def connection_lost(self, error: Exception | None) -> None:
        self._went()

    def write(self, data: bytes) -> None:
        """Send, unless the other side has gone."""
        if self.transport is not None and not self.transport.is_closing():
            with suppress(OSError):
                self.transport.write(data)
