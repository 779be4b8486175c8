"""The whole service on real Redis and real sockets, in this process, with an executor that keeps account."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from dishka import Provider, Scope
from redis.asyncio import Redis

from adapters.redis.endpoints import RedisEndpoints
from adapters.redis.task_store import RedisTaskStore
from domain.ports import Executor
from domain.task import Task
from entrypoints.container import make_container
from entrypoints.http.app import create_app
from entrypoints.http.server import embedded
from entrypoints.settings import ExecutorKind, Settings
from tests.frontend.standin import Answer, History, HttpScheduler, Journal
from tests.frontend.standin.client import Body
from tests.frontend.standin.redis_records import record_key
from tests.races.judgement import Case
from tests.races.work import RacingExecutor, WorkLog


class Replicas:
    """What the frontends call: submits go to the first replica, cancels to the last."""

    def __init__(self, urls: Sequence[str]) -> None:
        self.base_url = urls[0]
        self._first, self._last = HttpScheduler(urls[0]), HttpScheduler(urls[-1])

    async def submit(self, body: Body) -> Answer:
        return await self._first.submit(body)

    async def cancel(self, body: Body) -> Answer:
        return await self._last.cancel(body)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._first.aclose()
        await self._last.aclose()


@asynccontextmanager
async def service(write_url: str, read_url: str, executor: RacingExecutor, replicas: int) -> AsyncIterator[Replicas]:
    """Run replicas, each with a container, a port and connections to Redis of its own, but all with one executor."""
    settings = Settings(
        redis_write_url=write_url,
        redis_read_url=read_url,
        executor=ExecutorKind.PLACEHOLDER,
        operator_token="operators-only",
    )
    async with AsyncExitStack() as stack:
        urls = []
        for _ in range(replicas):
            own = Provider(scope=Scope.APP)
            own.provide(lambda: executor, provides=Executor)
            app = create_app(settings, make_container(settings, own))
            urls.append(f"http://127.0.0.1:{await stack.enter_async_context(embedded(app))}")
        calls = Replicas(urls)
        stack.push_async_callback(calls.aclose)
        yield calls


@dataclass(frozen=True)
class Observer:
    """Sees the records and ledgers from outside."""

    redis: Redis
    store: RedisTaskStore
    journal: Journal
    log: WorkLog

    async def look(self, ids: Sequence[str]) -> list[Case]:
        """All that is known of these tasks now."""
        # First all records, then all ledgers: reading must not give late repairs more time.
        documents = await self.redis.mget([record_key(task_id) for task_id in ids])
        snapshots = await self.store.load(ids)
        return [
            self._case(task_id, document, snapshot.task)
            for task_id, document, snapshot in zip(ids, documents, snapshots, strict=True)
        ]

    def _case(self, task_id: str, document: bytes | str | None, task: Task | None) -> Case:
        assert not isinstance(document, str)
        history = self.journal.histories[task_id]
        return Case(document, task, history, self.log.runs[task_id], _was_accepted(history))


@asynccontextmanager
async def observer(url: str, journal: Journal, log: WorkLog) -> AsyncIterator[Observer]:
    """Connect to the write endpoint."""
    endpoints = RedisEndpoints.open(url)
    try:
        yield Observer(endpoints.write, RedisTaskStore(endpoints), journal, log)
    finally:
        await endpoints.close()


def _was_accepted(history: History) -> bool:
    return any(call.what == "submit" and call.answer is not None and call.answer.is_success for call in history.calls)
