"""`dms-scheduler serve`: the service."""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import Annotated

from cyclopts import Parameter

from entrypoints.cli.first_task import announce_when_ready, playground
from entrypoints.cli.interrupts import sigterm_as_ctrl_c
from entrypoints.cli.problems import Misuse, Problem
from entrypoints.http.server import serve as serve_http
from entrypoints.settings import Settings, StoreKind

Flag = Annotated[bool, Parameter(negative="", show_default=False)]


def serve(
    *,
    host: str | None = None,
    port: int | None = None,
    reload: Flag = False,
    store: StoreKind | None = None,
    workers: int | None = None,
    with_local_redis: Flag = False,
) -> None:
    """Run the service until SIGTERM or Ctrl-C.

    Args:
        host: The address to listen on. Default: DMS_HOST, or 0.0.0.0.
        port: The port to listen on. Default: DMS_PORT, or 9000.
        reload: Start anew whenever a source file changes; for development.
        store: Where ledgers and records live. Default: DMS_STORE, or redis. The memory store is for one process, which
            forgets everything when it ends.
        workers: Processes that share the port. Default: DMS_WORKERS, or 1.
        with_local_redis: For trying the service: start a Redis server that ends with it, make a small directory tree
            to move, listen on 127.0.0.1 unless told otherwise, and print the commands of a first task.
    """
    environment = dict(os.environ)
    for name, given in (("DMS_HOST", host), ("DMS_PORT", port), ("DMS_STORE", store), ("DMS_WORKERS", workers)):
        if given is not None:
            environment[name] = str(given)
    settings = Settings.from_environment(environment)
    with ExitStack() as stack:
        if with_local_redis:
            if store is StoreKind.MEMORY:
                raise Misuse("--with-local-redis and --store memory exclude one another")
            sigterm_as_ctrl_c()
            place = stack.enter_context(playground())
            settings = place.adapt(settings, environment.get("DMS_HOST"))
            announce_when_ready(settings, place)
        try:
            serve_http(settings, reload=reload)
        except SystemExit as error:
            if error.code:
                raise Problem("the service did not start; its log says why") from error
