"""Serving the application: as a process of its own, or inside a running event loop."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from multiprocessing.connection import wait
from pathlib import Path
from tempfile import TemporaryDirectory

import uvicorn
from litestar import Litestar
from uvicorn.supervisors import ChangeReload, Multiprocess

from entrypoints.http.app import app_from_environment, create_app
from entrypoints.http.listening import listen, uvicorn_config
from entrypoints.logs import configure_logging
from entrypoints.settings import Settings
from entrypoints.startup import check_settings, collect_garbage_less_often

log = logging.getLogger(__name__)

FACTORY = "entrypoints.http.server:app_of_child"

METRICS_DIRECTORY = "DMS_SCHEDULER_METRICS_DIRECTORY"
"""How a parent tells its workers where each finds what the others have counted. No setting: it lives as they do."""


_TICK_S = 1.0
"""Between two looks of an embedded server at the time, for the header `date`."""


class NotStarted(Exception):
    """The application's lifespan did not begin; the log says why."""


class Server(uvicorn.Server):
    """Ends with exit code 0 after SIGTERM and SIGINT. uvicorn's own would raise the signal again, and die of it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        before = {each: signal.signal(each, self.handle_exit) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


class EmbeddedServer(uvicorn.Server):
    """Leaves the process, its signals and its end, to the program that it lives in."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.accepts = asyncio.Event()
        self._ends = asyncio.Event()

    def end(self) -> None:
        """Stop serving, at once."""
        self.should_exit = True
        self._ends.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def main_loop(self) -> None:
        """Do what uvicorn does every second. Its own loop looks ten times as often, for signals that say to end."""
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                async with asyncio.timeout(_TICK_S):
                    await self._ends.wait()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        except SystemExit:
            raise NotStarted("the service did not start; its log says why") from None
        self.accepts.set()


def serve(
    settings: Settings,
    host: str | None = None,
    port: int | None = None,
    workers: int | None = None,
    reload: bool = False,
) -> None:
    """Serve until SIGTERM or SIGINT. What is None is taken from the settings.

    ``reload`` starts the service anew when a source file changes.

    Raises:
        SettingsError: the settings do not fit, or the port cannot be listened on.
        SystemExit: the service did not start; the log says why.
    """
    settings = replace(
        settings,
        host=settings.host if host is None else host,
        port=settings.port if port is None else port,
        workers=settings.workers if workers is None else workers,
    )
    check_settings(settings)
    configure_logging(settings)
    with listen(settings.host, settings.port) as listener:
        log.info("listening", extra={"host": settings.host, "port": listener.getsockname()[1]})
        if reload or settings.workers > 1:
            _serve_by_children(settings, listener, reload=reload)
            return
        server = Server(uvicorn_config(create_app(settings)))
        collect_garbage_less_often()
        server.run(sockets=[listener])
        if not server.started:
            sys.exit(1)


def _serve_by_children(settings: Settings, listener: socket.socket, *, reload: bool) -> None:
    # Children read their settings from the environment, as if each had been started alone.
    os.environ.update(settings.as_environment())
    config = uvicorn_config(FACTORY, workers=settings.workers, reload=reload)
    if reload:
        ChangeReload(config, target=uvicorn.Server(config).run, sockets=[listener]).run()
        return
    with TemporaryDirectory(prefix="dms-scheduler-metrics-") as directory:
        os.environ[METRICS_DIRECTORY] = directory
        Multiprocess(config, sockets=[listener]).run()


def app_of_child() -> Litestar:
    """Return the application for a child of :func:`serve`: a factory for uvicorn.

    The child ends in order when its parent was killed. It would serve on, and keep the port from the next parent.
    """
    threading.Thread(target=_end_with_parent, name="wait for the parent's end", daemon=True).start()
    directory = os.environ.get(METRICS_DIRECTORY)
    return app_from_environment(Path(directory) if directory else None)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)


@asynccontextmanager
async def embedded(app: Litestar, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[int]:
    """Serve ``app`` beside the caller's block, which gets the port; 0 takes a free one.

    Leaving the block ends open requests, then the application's lifespan.

    Raises:
        SettingsError: the address cannot be listened on.
        NotStarted: the application's lifespan did not begin.
    """
    with listen(host, port) as listener:
        bound: int = listener.getsockname()[1]
        server = EmbeddedServer(uvicorn_config(app))
        serving = asyncio.create_task(server.serve(sockets=[listener]), name="http server")
        accepting = asyncio.create_task(server.accepts.wait())
        try:
            await asyncio.wait({serving, accepting}, return_when=asyncio.FIRST_COMPLETED)
            if not serving.done():
                yield bound
        finally:
            accepting.cancel()
            server.end()
            await serving
