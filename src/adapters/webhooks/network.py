"""Connecting to addresses that were checked, and to nothing else."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterable, Sequence
from typing import Any

from httpcore2 import AnyIOBackend, AsyncNetworkBackend, AsyncNetworkStream, ConnectError, ConnectTimeout

from adapters.webhooks.addresses import is_public

Resolved = Sequence[str]


class ForbiddenAddress(ConnectError):
    """The receiver's name leads to an address that is not public."""


class CheckedNetwork(AsyncNetworkBackend):
    """Resolves a name once for each connection, checks all its addresses, and connects to one of these very addresses.

    A name that resolves to something else a moment later, as in DNS rebinding, gains nothing. Host header and TLS name
    are those of the URL: httpcore sets them above this.
    """

    def __init__(self, *, allow_private: bool = False) -> None:
        self._allow_private = allow_private
        self._inner = AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore's interface)
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> AsyncNetworkStream:
        addresses = await resolve(host, port)
        forbidden = [] if self._allow_private else [each for each in addresses if not is_public(each)]
        if forbidden:
            raise ForbiddenAddress(f"its address {forbidden[0]} is not public")
        # A part of the time for each, so that one that swallows all packets does not hide the next.
        within_s = None if timeout is None else timeout / len(addresses)
        for address in addresses[:-1]:
            try:
                return await self._inner.connect_tcp(address, port, within_s, local_address, socket_options)
            except (ConnectError, ConnectTimeout):
                continue
        return await self._inner.connect_tcp(addresses[-1], port, within_s, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def resolve(host: str, port: int) -> Resolved:
    """Return the addresses of a name, at least one, in the order of the resolver. Raises ConnectError.

    Each look-up has a thread of its own: a name server that hangs holds up neither other look-ups, such as that of
    Redis, nor the end of the process.
    """
    loop = asyncio.get_running_loop()
    found: asyncio.Future[Resolved] = loop.create_future()

    def tell(addresses: Resolved, error: Exception | None) -> None:
        if found.done():
            return
        if error is not None:
            found.set_exception(ConnectError(f"its name cannot be resolved: {error}"))
        else:
            found.set_result(addresses)

    def look_up() -> None:
        addresses, failure = _addresses(host, port)
        try:
            loop.call_soon_threadsafe(tell, addresses, failure)
        except RuntimeError:
            return  # the loop was closed meanwhile: nobody waits

    threading.Thread(target=look_up, name="resolve a webhook's name", daemon=True).start()
    return await found


def _addresses(host: str, port: int) -> tuple[Resolved, Exception | None]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        return (), error
    return [str(each[4][0]) for each in found], None
