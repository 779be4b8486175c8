"""A TCP proxy before a Redis server that loses answers, keeps requests back, cuts connections and changes servers.

Where an answer is lost the command was done, and its caller never hears of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing, suppress

_CHUNK = 1 << 16


class _Trap:
    """Waits for a request that holds one of some words, when `skip` such requests have gone by."""

    def __init__(self, words: Sequence[bytes], skip: int = 0) -> None:
        self._words = words
        self._skip = skip

    def catches(self, request: bytes) -> bool:
        if not any(word in request for word in self._words):
            return False
        self._skip -= 1
        return self._skip < 0


class Held:
    """One request or answer that is kept back."""

    def __init__(self) -> None:
        self.caught = asyncio.Event()
        """Set when it has come."""
        self.released = asyncio.Event()
        self.done = asyncio.Event()
        """Set when the server has answered the request after its release."""

    def release(self) -> None:
        """Let the request go to the server, though its caller may have gone."""
        self.released.set()


class LossyProxy:
    """Passes everything on, but for what it was told to do. It breaks the connection in the place of a lost answer."""

    def __init__(self, upstream_port: int) -> None:
        self.upstream_port = upstream_port
        """Where new connections lead to."""
        self.lost = 0
        """How many answers were lost."""
        self.connections = 0
        """How many were made."""
        self._port = 0
        self._loses: _Trap | None = None
        self._hushes: tuple[_Trap, Held] | None = None
        self._holds: tuple[_Trap, Held] | None = None
        self._next_ports: list[int] = []
        self._pipes: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where to connect to."""
        return f"redis://127.0.0.1:{self._port}/0"

    def lose_answer_to(self, *words: bytes, after: int = 0) -> None:
        """Lose one answer to a request that holds one of `words`, when `after` such requests have been answered."""
        self._loses = _Trap(words, after)

    def hush_answer_to(self, *words: bytes) -> Held:
        """The same, but the connection stays open: its caller waits for as long as it has patience."""
        held = Held()
        self._hushes = _Trap(words), held
        return held

    def hold(self, *words: bytes) -> Held:
        """Keep the next request back that holds one of `words`."""
        held = Held()
        self._holds = _Trap(words), held
        return held

    def lead_next_to(self, *ports: int) -> None:
        """The next connections lead to these servers, one each; those after them where they led before."""
        self._next_ports = list(ports)

    async def cut(self) -> None:
        """Break every connection."""
        pipes = tuple(self._pipes)
        for pipe in pipes:
            pipe.cancel()
        if pipes:
            await asyncio.wait(pipes)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[LossyProxy]:
        """Serve on a free port until the block ends."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            await self.cut()
            await server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # The server's own task for a connection would report its cancellation as an error.
        pipe = asyncio.create_task(self._pipe(reader, writer))
        self._pipes.add(pipe)
        pipe.add_done_callback(self._pipes.discard)

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        port = self._next_ports.pop(0) if self._next_ports else self.upstream_port
        with closing(writer):
            try:
                upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                return  # as if this server were away
            with closing(upstream_writer):
                pipe = _Pipe(self, reader, writer, upstream_reader, upstream_writer)
                await pipe.run()

    def loses(self, request: bytes) -> bool:
        """Whether this request's answer is the one to lose."""
        if self._loses is None or not self._loses.catches(request):
            return False
        self._loses = None
        return True

    def hushes(self, request: bytes) -> Held | None:
        """Where this request's answer is kept for ever, if it is the one."""
        if self._hushes is None or not self._hushes[0].catches(request):
            return None
        (_, held), self._hushes = self._hushes, None
        return held

    def holds(self, request: bytes) -> Held | None:
        """Where this request is kept, if it is the one."""
        if self._holds is None or not self._holds[0].catches(request):
            return None
        (_, held), self._holds = self._holds, None
        return held


class _Pipe:
    """One connection through the proxy."""

    def __init__(
        self,
        proxy: LossyProxy,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        upstream_reader: asyncio.StreamReader,
        upstream_writer: asyncio.StreamWriter,
    ) -> None:
        self._proxy = proxy
        self._reader, self._writer = reader, writer
        self._upstream_reader, self._upstream_writer = upstream_reader, upstream_writer
        self._loses = False
        self._held: Held | None = None
        self._hushed: Held | None = None

    async def run(self) -> None:
        ways = [asyncio.create_task(self._forth()), asyncio.create_task(self._back())]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            if self._held is not None and not self._held.done.is_set():
                await asyncio.wait(ways)  # its caller has gone, and what it asked for is still on its way
        finally:
            for way in ways:
                way.cancel()

    async def _forth(self) -> None:
        with suppress(OSError):
            while request := await self._reader.read(_CHUNK):
                self._loses |= self._proxy.loses(request)
                self._hushed = self._hushed or self._proxy.hushes(request)
                held = self._proxy.holds(request)
                if held is not None:
                    self._held = held
                    held.caught.set()
                    await held.released.wait()
                self._upstream_writer.write(request)
                await self._upstream_writer.drain()

    async def _back(self) -> None:
        with suppress(OSError):
            while answer := await self._upstream_reader.read(_CHUNK):
                if self._held is not None and self._held.released.is_set():
                    self._held.done.set()
                    return
                if self._loses:
                    self._proxy.lost += 1
                    return
                if self._hushed is not None:
                    self._proxy.lost += 1
                    self._hushed.caught.set()
                else:
                    self._writer.write(answer)
                    await self._writer.drain()
