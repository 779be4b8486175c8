"""Many who watch over real sockets, and one who never reads."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from tests.http.service import STUCK_S, TOKEN

_ID = re.compile(rb"id: (\S+)\nevent: task\n")
_TINY_BUFFER = 4096


def request(port: int, query: str) -> bytes:
    """Return what a consumer sends."""
    lines = (f"GET /admin/events{query} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"X-Operator-Token: {TOKEN}", "", "")
    return "\r\n".join(lines).encode()


@dataclass
class Spectator:
    """Reads all that comes. Chunks of the answer hold whole events, so it need not take them apart."""

    reader: asyncio.StreamReader
    ids: list[str] = field(default_factory=list)
    _rest: bytes = b""
    _begun: asyncio.Event = field(default_factory=asyncio.Event)
    _grown: asyncio.Event = field(default_factory=asyncio.Event)

    async def watch(self) -> None:
        """Read until the connection ends."""
        while data := await self.reader.read(65_536):
            text, _, self._rest = (self._rest + data).rpartition(b"\n\n")
            if b"\nid: " in text:
                self._begun.set()
            self.ids += [found.decode() for found in _ID.findall(text + b"\n\n")]
            self._grown.set()

    async def begins(self) -> None:
        """Wait until it hears of what happens from now on."""
        async with asyncio.timeout(STUCK_S):
            await self._begun.wait()

    async def has_seen(self, number: int) -> None:
        """Wait until it was told of so many events."""
        async with asyncio.timeout(STUCK_S):
            while len(self.ids) < number:
                self._grown.clear()
                await self._grown.wait()


@asynccontextmanager
async def crowd(port: int, number: int, query: str) -> AsyncIterator[list[Spectator]]:
    """Let so many watch, from when all of them hear of what happens."""
    async with AsyncExitStack() as stack:
        spectators, watches = [], []
        for _ in range(number):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(writer.close)
            writer.write(request(port, query))
            spectators.append(Spectator(reader))
            watches.append(asyncio.ensure_future(spectators[-1].watch()))
            stack.callback(watches[-1].cancel)
        for spectator in spectators:
            await spectator.begins()
        yield spectators


@asynccontextmanager
async def stalled(port: int, query: str) -> AsyncIterator[socket.socket]:
    """Ask for events, and read none of them."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _TINY_BUFFER)
        connection.setblocking(False)
        await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", port))
        await asyncio.get_running_loop().sock_sendall(connection, request(port, query))
        yield connection


async def was_cut(connection: socket.socket) -> bool:
    """Read what is left of a connection, and return whether it ended before the answer did."""
    data = b""
    async with asyncio.timeout(STUCK_S):
        try:
            while found := await asyncio.get_running_loop().sock_recv(connection, 65_536):
                data = (data + found)[-16:]
        except ConnectionResetError:
            return True
    return not data.endswith(b"0\r\n\r\n")
