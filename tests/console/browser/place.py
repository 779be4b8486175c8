"""The service as a site runs it: real Redis, real files, a real socket. And what the frontend does beside it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from dishka import AsyncContainer

from application.ports import Registration
from domain.ports import TaskStore
from domain.record import Record
from entrypoints.container import make_container
from entrypoints.http.app import create_app
from entrypoints.http.server import embedded
from entrypoints.settings import ExecutorKind, MoverKind, RunAs, StoreKind
from tests.http.service import settings, until
from tests.support.local_http import local_client

FILES = 20
BYTES_PER_FILE = 2**20
SLOWLY = "--bwlimit 2M"
"""All files take ten seconds then: long enough to see the bar move."""


@dataclass(frozen=True, slots=True)
class Place:
    """A running service with a tree to move."""

    url: str
    root: Path
    container: AsyncContainer
    client: httpx.AsyncClient

    async def submit(self, service: str = "sync", user: str = "alice", **parameters: str) -> str:
        """Register and submit a task as the frontend does, and return its id; it must be taken."""
        body = await self.register(service, user, parameters)
        answer = await self.client.post("/tasks/task", json=body)
        assert answer.status_code in (202, 400), answer.text
        return str(body["task_id"])

    async def register(self, service: str, user: str, parameters: Mapping[str, str]) -> dict[str, object]:
        """Write a record as the frontend does, and return the body of its submit."""
        registration = await self.container.get(Registration)
        task_id = await registration.register(service, user, parameters)
        return {"task_id": task_id, "service": service, "user_id": user, "parameters": dict(parameters)}

    async def sync(self, target: str, options: str = SLOWLY, *, user: str = "alice", **changes: str) -> str:
        """Submit a sync of the tree, and return its id."""
        where = {"src": str(self.root / "source"), "dst": str(self.root / target), "options": options}
        return await self.submit("sync", user, **{**where, **changes})

    async def record(self, task_id: str) -> Record:
        """Return the record that a frontend would show."""
        store: TaskStore = await self.container.get(TaskStore)
        (snapshot,) = await store.load([task_id])
        assert snapshot.record is not None
        return snapshot.record

    async def becomes(self, task_id: str, *statuses: str) -> Record:
        """Wait until the record has one of these statuses."""
        return await until(lambda: self.record(task_id), lambda record: record.status in statuses)


@asynccontextmanager
async def running_place(redis_url: str, root: Path) -> AsyncIterator[Place]:
    """Run a service on this Redis as long as the context lasts, with a tree under ``root``."""
    source = root / "source"
    source.mkdir()
    for number in range(FILES):
        (source / f"part-{number:02}").write_bytes(os.urandom(BYTES_PER_FILE))
    chosen = settings(
        store=StoreKind.REDIS,
        redis_write_url=redis_url,
        redis_read_url=redis_url,
        executor=ExecutorKind.LOCAL,
        mover=MoverKind.RSYNC,
        run_as=RunAs.SERVICE,
        allowed_roots=(str(root),),
        slots=2,
    )
    container = make_container(chosen)
    async with (
        embedded(create_app(chosen, container)) as port,
        local_client(base_url=f"http://127.0.0.1:{port}", timeout=15) as client,
    ):
        yield Place(str(client.base_url).rstrip("/"), root, container, client)
