"""What a response that never ends must know of its connection, and ASGI does not tell."""

from __future__ import annotations

import asyncio
from typing import cast

from litestar.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

PEER = "dms.peer"
"""The extension of a scope that holds the :class:`Peer`."""

HEAD_ONLY = "dms.head_only"
"""The extension of a scope whose peer reads no body, though the router is told of a GET."""


class Peer:
    """The other end of a connection."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self.cut = transport.abort
        """Ends the connection at once. A close would wait for a peer that reads nothing to take what was written."""
        self.is_asked_to_end = asyncio.Event()
        """The server shuts down, and waits for open responses."""


class Connection(HttpToolsProtocol):
    """uvicorn's connection, which names its :class:`Peer` in the scope of each request."""

    _peer: Peer

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._peer = Peer(transport)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        cast(Scope, self.scope)["extensions"] = {PEER: cast("dict[object, object]", self._peer)}

    def shutdown(self) -> None:
        super().shutdown()
        self._peer.is_asked_to_end.set()


def peer_of(scope: Scope) -> Peer:
    """Return the other end of a request that :class:`Connection` has read."""
    return cast(Peer, (scope["extensions"] or {})[PEER])


def is_head_only(scope: Scope) -> bool:
    """Whether the peer reads headers only."""
    return HEAD_ONLY in (scope["extensions"] or {})
