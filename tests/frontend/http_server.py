"""A small HTTP server for tests, which can also misbehave on the wire."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from enum import Enum, auto
from types import TracebackType
from typing import Any

from tests.frontend.standin.client import Answer


class Misbehaviour(Enum):
    """What a server may do in place of an answer."""

    SILENT = auto()
    """Never answers, and keeps the connection."""
    BREAKS_OFF = auto()
    """Closes the connection in the middle of its answer."""


Reply = Answer | Misbehaviour
Handler = Callable[[str, dict[str, Any]], Awaitable[Reply]]
"""Gets the path and the parsed body of a POST."""


class HttpServer:
    """Listens on a free port of 127.0.0.1 for as long as the context lasts."""

    def __init__(self, handler: Handler) -> None:
        self.base_url = ""
        self._handler = handler
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> HttpServer:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()
        self.base_url = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.current_task()
        assert connection is not None
        self._connections.add(connection)
        try:
            while await self._serve_one(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            # The client went away, or the test is over; asyncio would log a cancelled handler as an error.
            pass
        finally:
            self._connections.discard(connection)
            writer.close()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; return whether the connection stays open."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = head.split()[1]
        body = await reader.readexactly(_content_length(head))
        reply = await self._handler(path, json.loads(body))
        if reply is Misbehaviour.SILENT:
            await reader.read()
            return False
        if reply is Misbehaviour.BREAKS_OFF:
            writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 1000\r\n\r\n{")
            await writer.drain()
            return False
        assert isinstance(reply, Answer)
        content = reply.body.encode()
        writer.write(f"HTTP/1.1 {reply.status} Answer\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content)
        await writer.drain()
        return True


def _content_length(head: str) -> int:
    for line in head.splitlines():
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            return int(value)
    return 0
