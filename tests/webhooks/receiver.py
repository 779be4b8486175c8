"""A receiver of webhooks on a real socket, which checks signatures by itself."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()

STUCK_S = 30.0
"""No claim about speed: without it a test that waits for what never comes would hang."""


@dataclass(frozen=True, slots=True)
class Received:
    """One request, as it came."""

    line: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def told(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    def is_signed_with(self, key: bytes = KEY) -> bool:
        """Verify as docs/webhooks.md tells receivers to."""
        signed = b".".join((self.id.encode(), self.headers["webhook-timestamp"].encode(), self.body))
        wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        given = [each.removeprefix("v1,") for each in self.headers["webhook-signature"].split()]
        return any(hmac.compare_digest(wanted, each) for each in given)


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

Answer = Callable[[Received], bytes | None]
"""What is sent back, byte for byte; None says nothing, and keeps the connection open."""


@dataclass(slots=True)
class Receiver:
    """What came, and how it is answered."""

    port: int = 0
    answer: Answer = lambda _: OK
    requests: list[Received] = field(default_factory=list)
    _came: asyncio.Condition = field(default_factory=asyncio.Condition)

    def url(self, host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}/hook?from=dms"

    @property
    def ids(self) -> set[str]:
        return {request.id for request in self.requests}

    async def until(self, enough: Callable[[], bool]) -> None:
        """Return when enough has come."""
        async with asyncio.timeout(STUCK_S), self._came:
            await self._came.wait_for(enough)

    async def received(self, number: int) -> list[Received]:
        """Return the first requests, when so many have come."""
        await self.until(lambda: len(self.requests) >= number)
        return self.requests[:number]

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Handle one connection."""
        try:
            request = await _read(reader)
            async with self._came:
                self.requests.append(request)
                self._came.notify_all()
            answer = self.answer(request)
            if answer is None:
                await reader.read()  # until the other side has had enough
            else:
                writer.write(answer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()


@asynccontextmanager
async def receiving(
    answer: Answer = lambda _: OK, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> AsyncIterator[Receiver]:
    """Receive on a free port as long as the context lasts."""
    receiver = Receiver(answer=answer)
    server = await asyncio.start_server(receiver.take, host, 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        await server.wait_closed()


async def _read(reader: asyncio.StreamReader) -> Received:
    line, *fields = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").strip().split("\r\n")
    headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in fields)}
    return Received(line, headers, await reader.readexactly(int(headers["content-length"])))
