"""Where schedulers and movers meet: one Redis and one place for data."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import MappingProxyType

from adapters.redis.endpoints import RedisEndpoints
from adapters.redis.registration import RedisRegistration
from domain.task import Task
from tests.executors.driving import CLOCK
from tests.http.service import TOKEN
from tests.outages.mover import Evidence, Gate, gate, write_program
from tests.outages.replica import Replica, replica
from tests.outages.view import View
from tests.support.redis_server import RedisServer

TTL_S = 3600

QUICK: Mapping[str, object] = MappingProxyType(
    {"shutdown_grace_seconds": 0, "kill_grace_seconds": 0.5, "retry_base_seconds": 0.1}
)
"""Settings that save tests from waiting."""


class Stage(View):
    """Starts replicas, gives them tasks, and lets their movers go."""

    def __init__(
        self, redis: RedisServer, root: Path, opened: Gate, endpoints: RedisEndpoints, variables: Mapping[str, str]
    ) -> None:
        """``variables`` are what every replica is told."""
        super().__init__(root, endpoints)
        self.redis = redis
        self.gate = opened
        self._registration = RedisRegistration(endpoints, CLOCK, TTL_S)
        self._variables = variables
        self._numbers = itertools.count(1)
        self._stack = AsyncExitStack()

    async def start(self, *arguments: str, **settings: object) -> Replica:
        """Start a replica; ``settings`` are variables without `DMS_`, in small letters."""
        variables = {**self._variables, **as_variables(settings)}
        started = await self._stack.enter_async_context(replica(variables, *arguments))
        self._own.add(started.pid)
        return started

    async def submit(self, to: Replica, count: int) -> list[Evidence]:
        """Register tasks as the frontend does and submit them; return where their movers leave evidence."""
        return list(await asyncio.gather(*(self._submit(to) for _ in range(count))))

    async def _submit(self, to: Replica) -> Evidence:
        target = self.root / f"target-{next(self._numbers)}"
        parameters = {"src": str(self.root / "source"), "dst": str(target)}
        task_id = await self._registration.register("cp", "alice", parameters)
        evidence = Evidence(task_id, target)
        self.evidence.append(evidence)
        await to.submit({"task_id": task_id, "service": "cp", "user_id": "alice", "parameters": parameters})
        return evidence

    async def all_complete(self) -> list[Task]:
        """Let every mover go, and return the ledgers when every task has ended, each as it should."""
        self.gate.let_go(10 * len(self.evidence))
        tasks = await self.all_are(lambda task: task.is_terminal)
        records = [snapshot.record for snapshot in await self.snapshots()]
        assert {str(task.status) for task in tasks} == {"completed"}
        assert {record.status for record in records if record is not None} == {"completed"}
        assert all(each.done for each in self.evidence)
        assert not any(each.met for each in self.evidence), "a mover met another one at the same target"
        assert not any("ancel" in line for task in tasks for line in task.lines)
        return tasks

    async def aclose(self) -> None:
        """End every replica."""
        await self._stack.aclose()


@asynccontextmanager
async def on_stage(
    redis: RedisServer, directory: Path, at_first: str, settings: Mapping[str, object]
) -> AsyncIterator[Stage]:
    """Set the stage in an empty directory.

    ``at_first`` is what each mover begins with. ``settings`` are each replica's, unless it gets others.
    """
    (directory / "bin").mkdir()
    write_program(directory / "bin", at_first)
    root = directory / "data"
    root.mkdir()
    variables = {
        "PATH": f"{directory}/bin:{os.environ['PATH']}",
        **as_variables({"redis_write_url": redis.url, "allowed_roots": root, "mover": "rsync", "run_as": "service"}),
        **as_variables({"operator_token": TOKEN, **settings}),
    }
    endpoints = RedisEndpoints.open(redis.url)
    with gate(root / "source") as opened:
        stage = Stage(redis, root, opened, endpoints, variables)
        try:
            yield stage
        finally:
            await stage.aclose()
            await endpoints.close()


def as_variables(settings: Mapping[str, object]) -> dict[str, str]:
    """Return settings as the environment holds them."""
    return {f"DMS_{name.upper()}": str(value) for name, value in settings.items()}
