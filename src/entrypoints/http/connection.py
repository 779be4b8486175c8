"""What a response that never ends must know of its connection, and ASGI does not tell."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from litestar.enums import HttpMethod
from litestar.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_EXTENSION = "dms.peer"


class Peer:
    """The other end of a request's connection."""

    def __init__(self, scope: Scope, cut: Callable[[], None]) -> None:
        """``scope`` is the server's own, in which a HEAD is still one."""
        self._scope = scope
        self.cut = cut
        """Ends the connection at once. A close would wait for a peer that reads nothing to take what was written."""
        self.is_asked_to_end = asyncio.Event()
        """The server shuts down, and waits for open responses."""

    @property
    def wants_body(self) -> bool:
        """Whether it reads more than headers."""
        return cast(str, self._scope["method"]) != HttpMethod.HEAD  # type: ignore[typeddict-item]


class Connection(HttpToolsProtocol):
    """uvicorn's connection, which puts a :class:`Peer` into the extensions of each request's scope."""

    _peer: Peer | None = None

    def on_message_begin(self) -> None:
        super().on_message_begin()
        scope = cast(Scope, self.scope)
        self._peer = Peer(scope, self.transport.abort)
        scope["extensions"] = {_EXTENSION: cast("dict[object, object]", self._peer)}

    def shutdown(self) -> None:
        super().shutdown()
        if self._peer is not None:
            self._peer.is_asked_to_end.set()


def peer_of(scope: Scope) -> Peer:
    """Return the other end of a request that :class:`Connection` has read."""
    return cast(Peer, (scope["extensions"] or {})[_EXTENSION])
