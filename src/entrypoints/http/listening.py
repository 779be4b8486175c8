"""How we listen, whether as a process of our own or inside another program."""

from __future__ import annotations

import socket

import uvicorn
from litestar import Litestar

from entrypoints.http.connection import Connection
from entrypoints.http.patience import WAIT_S
from entrypoints.settings import SettingsError

OPEN_REQUESTS_S = int(WAIT_S) + 2
"""A shutdown lets open requests end first; the longest wait for the store."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket bound to the address; port 0 takes a free one. Raises :class:`SettingsError`."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
        except OSError:
            listener.close()
            raise
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SettingsError(
            f"DMS_HOST={host!r} DMS_PORT='{port}': cannot listen there ({reason}); accepted is a free address "
            "of this machine"
        ) from None
    listener.set_inheritable(True)
    return listener


def uvicorn_config(app: Litestar | str, *, workers: int = 1, reload: bool = False) -> uvicorn.Config:
    """Return how uvicorn serves us: our own logs and access lines, no websockets. A str names a factory."""
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=workers,
        reload=reload,
        loop="uvloop",
        http=Connection,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=OPEN_REQUESTS_S,
    )
