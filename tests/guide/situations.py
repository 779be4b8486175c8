"""Situations in which somebody asks why a task is where it is, each made in a service of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from dishka import Provider, Scope

from domain.execution import Failed, WorkOrder
from domain.ports import Execution, Executor
from entrypoints.settings import ServiceLimits, Settings
from tests.cli.admin.operator import Operator
from tests.http.executor import GatedExecutor
from tests.http.service import Service, running_service, settings, until

RETRY_S = 600.0


class ActingExecutor(GatedExecutor):
    """Does work that goes on until its gate opens, unless it is told to fail or to leave the question open."""

    def __init__(self) -> None:
        super().__init__()
        self.gate.clear()
        self.failure: Failed | None = None

    async def start(self, order: WorkOrder, until: float) -> Execution | Failed:  # type: ignore[override]
        return self.failure or await super().start(order, until)


@dataclass(frozen=True, slots=True)
class Scene:
    """A running service, and what does its work."""

    service: Service
    executor: ActingExecutor

    async def submit(self, user: str, *statuses: str) -> str:
        """Submit a task, wait until it has one of the statuses, and return its id."""
        body = await self.service.register(user)
        assert (await self.service.submit(body)).status_code == 202
        await self.service.becomes(body, *(statuses or ("pending",)))
        return str(body["task_id"])

    async def fill(self, user: str = "bob") -> None:
        """Take the only slot."""
        await self.submit(user, "running")

    async def act(self, path: str, **body: str) -> None:
        """Do what an operator does."""
        assert (await self.service.admin("POST", path, json=body)).status_code < 300

    async def shows(self, path: str, accept: Callable[[Any], bool]) -> None:
        """Wait until a view of the operators' is as it should be."""

        async def look() -> Any:
            return (await self.service.admin("GET", path)).json()

        await until(look, accept)


Make = Callable[[Scene], Awaitable[str]]
"""Brings the situation about, and returns the id of the task that is asked about."""


@dataclass(frozen=True, slots=True)
class Situation:
    """One of them."""

    kind: str
    """Of the reason that is given."""
    title: str
    make: Make
    changes: Mapping[str, Any] = field(default_factory=dict)
    """Of the settings."""

    @asynccontextmanager
    async def operator(self) -> AsyncIterator[tuple[Operator, str]]:
        """Open it: somebody at a terminal, and the task."""
        executor = ActingExecutor()
        provider = Provider(scope=Scope.APP)
        provider.provide(lambda: executor, provides=Executor)
        async with running_service(self._settings(), provider) as service:
            yield Operator(service), await self.make(Scene(service, executor))

    def _settings(self) -> Settings:
        return settings(**{"slots": 1, "replica": "node-7", "retry_base_s": RETRY_S, **self.changes})


async def _no_slot(scene: Scene) -> str:
    await scene.fill()
    return await scene.submit("alice")


async def _others(scene: Scene) -> str:
    await scene.fill("alice")
    waiting = await scene.submit("alice")
    await scene.submit("bob")
    return waiting


async def _own(scene: Scene) -> str:
    await scene.fill()
    await scene.submit("alice")
    return await scene.submit("alice")


async def _high(scene: Scene) -> str:
    await scene.fill()
    waiting = await scene.submit("alice")
    await scene.act("/priority", task_id=await scene.submit("carol"), priority="high")
    return waiting


async def _limit(scene: Scene) -> str:
    await scene.fill("alice")
    return await scene.submit("alice")


async def _drained(scene: Scene) -> str:
    await scene.act("/drain", reason="the storage is being repaired")
    await scene.shows("/replicas", lambda seen: all(each["draining"] for each in seen["replicas"]))
    return await scene.submit("alice")


async def _retry(scene: Scene) -> str:
    scene.executor.failure = Failed("the storage did not answer in time: stat /data/a", transient=True)
    task_id = await scene.submit("alice")
    await scene.shows("/queue", lambda seen: seen["delayed"] == 1)
    return task_id


async def _running(scene: Scene) -> str:
    task_id = await scene.submit("alice", "running")
    await scene.shows(f"/tasks/{task_id}", lambda seen: seen["progress"] is not None)
    return task_id


async def _cancelled_by_user(scene: Scene) -> str:
    await scene.fill()
    task_id = await scene.submit("alice")
    assert (await scene.service.cancel({"task_id": task_id, "service": "sync", "user_id": "alice"})).status_code == 202
    return task_id


async def _cancelled_by_operator(scene: Scene) -> str:
    await scene.fill()
    task_id = await scene.submit("alice")
    await scene.act(f"/tasks/{task_id}/cancel", reason="the source is being repaired")
    return task_id


async def _failed(scene: Scene) -> str:
    scene.executor.failure = Failed("permission denied: rsync: opendir /data/a failed")
    return await scene.submit("alice", "failed")


async def _completed(scene: Scene) -> str:
    scene.executor.gate.set()
    return await scene.submit("alice", "completed")


ONE_PER_SERVICE = {"slots": 2, "limit_per_service": ServiceLimits(1)}

SITUATIONS = (
    Situation("no_free_slot", "It is next, and every slot is taken", _no_slot),
    Situation("other_users_first", "It is another user's turn", _others),
    Situation("own_tasks_first", "An earlier task of the same user goes first", _own),
    Situation("high_priority_first", "Tasks of high priority go first", _high),
    Situation("user_limit", "Its user is at the limit", _limit, {"slots": 2, "limit_per_user": 1}),
    Situation("service_limit", "Its service is at the limit", _limit, ONE_PER_SERVICE),
    Situation("drained", "Operators let nothing be claimed", _drained),
    Situation("retry_at", "An attempt failed, and the next one waits", _retry),
    Situation("running", "It runs", _running),
    Situation("cancelled", "Its user cancelled it", _cancelled_by_user),
    Situation("cancelled", "An operator cancelled it", _cancelled_by_operator),
    Situation("failed", "It failed", _failed),
    Situation("completed", "It is done", _completed),
)


async def asked(situation: Situation) -> str:
    """Bring it about, ask in a terminal, and return command and answer."""
    async with situation.operator() as (operator, task_id):
        return f"$ dms-scheduler admin why {task_id}\n{await operator.says('why', task_id)}"
