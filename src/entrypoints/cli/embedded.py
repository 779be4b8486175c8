"""The whole service inside this process, on the memory store: what `run` and `demo` talk to over real HTTP."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from application.ports import Registration
from domain.ports import TaskStore
from domain.record import Record
from entrypoints.cli.problems import Problem
from entrypoints.cli.service_client import Identity, ServiceClient
from entrypoints.container import make_container
from entrypoints.http.app import create_app
from entrypoints.http.server import NotStarted, embedded
from entrypoints.logs import configure_logging
from entrypoints.settings import ExecutorKind, RunAs, Settings, StoreKind

HOST = "127.0.0.1"
LOG_LEVEL = "DMS_LOG_LEVEL"


@dataclass(frozen=True, slots=True)
class EmbeddedService:
    """A running service, and the frontend's two ways to its records: writing a new one, and reading."""

    base_url: str
    client: ServiceClient
    registration: Registration
    store: TaskStore

    async def register(self, service: str, user_id: str, parameters: Mapping[str, object]) -> Identity:
        """Write a new task's record as the frontend would."""
        return Identity(await self.registration.register(service, user_id, parameters), service, user_id)

    async def record(self, task_id: str) -> Record | None:
        """Return the record that a frontend would show now."""
        (snapshot,) = await self.store.load([task_id])
        return snapshot.record


def embedded_settings(roots: tuple[str, ...], environ: Mapping[str, str] = os.environ) -> Settings:
    """Return what the environment says, but for what makes the service an embedded one.

    It moves data below ``roots`` as the invoking account, can be reached from this machine only and by nobody who
    does not know a random token, and logs nothing below ERROR unless told. Raises SettingsError.
    """
    given = Settings.from_environment(environ)
    return replace(
        given,
        store=StoreKind.MEMORY,
        executor=ExecutorKind.LOCAL,
        run_as=RunAs.SERVICE,
        allowed_roots=roots,
        operator_token=secrets.token_urlsafe(32),
        host=HOST,
        port=0,
        workers=1,
        log_level=given.log_level if environ.get(LOG_LEVEL) else "ERROR",
        # Whoever leaves without waiting for the end has no use for a grace period.
        shutdown_grace_s=0.0,
    )


@asynccontextmanager
async def embedded_service(settings: Settings) -> AsyncIterator[EmbeddedService]:
    """Run the service as long as the context lasts; its log goes to stderr. Raises SettingsError, Problem."""
    configure_logging(settings, sys.stderr)
    container = make_container(settings)
    app = create_app(settings, container)
    try:
        async with embedded(app, HOST, settings.port) as port:
            yield EmbeddedService(
                f"http://{HOST}:{port}",
                ServiceClient(HOST, port, settings.operator_token),
                await container.get(Registration),
                await container.get(TaskStore),
            )
    except NotStarted as error:
        raise Problem(str(error)) from error
