"""The whole service on a real socket, as a test sees it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import httpx
from dishka import AsyncContainer, Provider, Scope
from litestar import Litestar

from adapters.memory import MemoryDatabase, MemoryFrontendRecords
from adapters.redis.endpoints import RedisEndpoints
from adapters.redis.keys import record_key
from application.ports import Registration
from domain.ports import Executor, Snapshot, TaskStore
from domain.record import Record
from entrypoints.container import make_container
from entrypoints.http.app import create_app
from entrypoints.http.guard import TOKEN_HEADER
from entrypoints.http.server import embedded
from entrypoints.settings import ExecutorKind, Settings, StoreKind
from tests.http.executor import GatedExecutor
from tests.support.local_http import local_client
from tests.support.redis_server import RedisServer

T = TypeVar("T")

TOKEN = "operators-only"
PARAMETERS: Mapping[str, object] = {"src": "/data/a", "dst": "/data/b"}
TTL_S = 3600
STUCK_S = 60
"""No claim about speed: without it a task that never moves would hold up all tests."""


def settings(**changes: Any) -> Settings:
    """The settings of a service on the memory store that needs nothing of the machine."""
    plain = Settings(
        store=StoreKind.MEMORY, executor=ExecutorKind.PLACEHOLDER, operator_token=TOKEN, shutdown_grace_s=0.0
    )
    return replace(plain, **changes)


async def until(look: Callable[[], Awaitable[T]], accept: Callable[[T], bool]) -> T:
    """Look again and again, and return the first thing seen that is accepted."""
    async with asyncio.timeout(STUCK_S):
        while True:
            seen = await look()
            if accept(seen):
                return seen
            await asyncio.sleep(0.005)


@dataclass(frozen=True, slots=True)
class Service:
    """A running service and the frontend's side of its records."""

    client: httpx.AsyncClient
    """Sends no token."""
    app: Litestar
    container: AsyncContainer
    executor: GatedExecutor

    @property
    def operator(self) -> dict[str, str]:
        """The header that operators send."""
        return {TOKEN_HEADER: TOKEN}

    async def register(self, user: str = "alice", service: str = "sync", **parameters: object) -> dict[str, object]:
        """Write a record as the frontend does, and return the body of its submit."""
        registration = await self.container.get(Registration)
        chosen = dict(parameters or PARAMETERS)
        task_id = await registration.register(service, user, chosen)
        return {"task_id": task_id, "service": service, "user_id": user, "parameters": chosen}

    async def submit(self, body: Mapping[str, object]) -> httpx.Response:
        """Submit as the frontend does."""
        return await self.client.post("/tasks/task", json=body)

    async def cancel(self, body: Mapping[str, object], **changes: object) -> httpx.Response:
        """Cancel what ``body`` submits."""
        named = {name: body[name] for name in ("task_id", "service", "user_id")}
        return await self.client.post("/tasks/cancel", json={**named, **changes})

    async def admin(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Call as an operator."""
        return await self.client.request(method, f"/admin{path}", headers=self.operator, **options)

    async def snapshot(self, body: Mapping[str, object]) -> Snapshot:
        """Return ledger and record as they stand."""
        store: TaskStore = await self.container.get(TaskStore)
        (snapshot,) = await store.load([str(body["task_id"])])
        return snapshot

    async def record(self, body: Mapping[str, object]) -> Record:
        """Return the record that a frontend would show."""
        record = (await self.snapshot(body)).record
        assert record is not None
        return record

    async def becomes(self, body: Mapping[str, object], *statuses: str) -> Record:
        """Wait until the record has one of these statuses."""
        return await until(lambda: self.record(body), lambda record: record.status in statuses)

    async def delete_record(self, body: Mapping[str, object]) -> None:
        """Delete a record as a user does through the frontend."""
        task_id = str(body["task_id"])
        if (await self.container.get(Settings)).store is StoreKind.MEMORY:
            await MemoryFrontendRecords(await self.container.get(MemoryDatabase)).delete(task_id)
        else:
            await (await self.container.get(RedisEndpoints)).write.delete(record_key(task_id))

    async def change_record(self, body: Mapping[str, object], **fields: Any) -> None:
        """Overwrite fields of a record as the frontend does: all of it, whatever has been written since."""
        task_id = str(body["task_id"])
        if (await self.container.get(Settings)).store is StoreKind.MEMORY:
            record = replace(await self.record(body), **fields)
            await MemoryFrontendRecords(await self.container.get(MemoryDatabase)).write(record, TTL_S)
        else:
            redis = (await self.container.get(RedisEndpoints)).write
            document = json.loads(await redis.get(record_key(task_id)) or "{}")
            await redis.set(record_key(task_id), json.dumps({**document, **fields}), ex=TTL_S)


@contextmanager
def paused(redis: RedisServer) -> Iterator[None]:
    """Freeze a Redis server as long as the context lasts."""
    redis.pause()
    try:
        yield
    finally:
        redis.resume()


@asynccontextmanager
async def running_service(chosen: Settings, *providers: Provider) -> AsyncIterator[Service]:
    """Run a service as long as the context lasts."""
    executor = GatedExecutor()
    own = Provider(scope=Scope.APP)
    own.provide(lambda: executor, provides=Executor)
    container = make_container(chosen, own, *providers)
    app = create_app(chosen, container)
    async with (
        embedded(app) as port,
        local_client(base_url=f"http://127.0.0.1:{port}", timeout=15) as client,
    ):
        yield Service(client, app, container, executor)
