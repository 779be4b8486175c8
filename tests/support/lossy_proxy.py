"""A TCP proxy before a Redis server that can lose an answer: the command was done, and its caller never hears of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress

_CHUNK = 1 << 16


class LossyProxy:
    """Passes everything on, but for answers that it was told to lose; it breaks the connection in their place."""

    def __init__(self, upstream_port: int) -> None:
        self._upstream_port = upstream_port
        self._port = 0
        self._skip = 0
        self._word: bytes | None = None
        self._lost = 0
        self._pipes: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where to connect to."""
        return f"redis://127.0.0.1:{self._port}/0"

    @property
    def lost(self) -> int:
        """How many answers were lost."""
        return self._lost

    def lose_answer_to(self, word: bytes, after: int = 0) -> None:
        """Lose one answer to a request that holds `word`, when `after` such requests have been answered."""
        self._word, self._skip = word, after

    @asynccontextmanager
    async def running(self) -> AsyncIterator[LossyProxy]:
        """Serve on a free port until the block ends."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for pipe in tuple(self._pipes):
                pipe.cancel()
            if self._pipes:
                await asyncio.wait(self._pipes)
            await server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # The server's own task for a connection would report its cancellation as an error.
        pipe = asyncio.create_task(self._pipe(reader, writer))
        self._pipes.add(pipe)
        pipe.add_done_callback(self._pipes.discard)

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer):
            upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", self._upstream_port)
            loses = asyncio.Event()
            with closing(upstream_writer):
                ways = [
                    asyncio.create_task(self._forth(reader, upstream_writer, loses)),
                    asyncio.create_task(self._back(upstream_reader, writer, loses)),
                ]
                try:
                    await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for way in ways:
                        way.cancel()

    async def _forth(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, loses: asyncio.Event) -> None:
        with suppress(OSError):
            while request := await reader.read(_CHUNK):
                if self._word is not None and self._word in request:
                    if self._skip == 0:
                        self._word = None
                        loses.set()
                    self._skip -= 1
                writer.write(request)
                await writer.drain()

    async def _back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, loses: asyncio.Event) -> None:
        with suppress(OSError):
            while answer := await reader.read(_CHUNK):
                if loses.is_set():
                    self._lost += 1
                    return
                writer.write(answer)
                await writer.drain()
