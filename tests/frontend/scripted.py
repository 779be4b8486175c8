"""A scheduler that answers as a test tells it, and a desk with all that a test of the stand-in needs."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis

from tests.frontend.http_server import Reply
from tests.frontend.standin import Answer, Frontend, Gates, Journal, RedisRecords
from tests.frontend.standin.redis_records import record_key

SUBMIT, CANCEL = "/tasks/task", "/tasks/cancel"


async def _nothing(path: str, body: dict[str, Any]) -> None:
    pass


@dataclass
class ScriptedScheduler:
    """Says the same to every call on a path. `before_answer` may look at the world, or wait."""

    replies: dict[str, Reply] = field(default_factory=lambda: {SUBMIT: Answer(202, "{}"), CANCEL: Answer(202, "{}")})
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    before_answer: Callable[[str, dict[str, Any]], Awaitable[None]] = _nothing

    async def answer(self, path: str, body: dict[str, Any]) -> Reply:
        """The handler for `HttpServer`."""
        self.calls.append((path, body))
        await self.before_answer(path, body)
        return self.replies[path]

    @property
    def paths(self) -> list[str]:
        """Where the calls went, in order."""
        return [path for path, _ in self.calls]


@dataclass
class Desk:
    """One frontend on a real Redis with a scripted scheduler behind real HTTP."""

    redis: Redis
    records: RedisRecords
    frontend: Frontend
    scheduler: ScriptedScheduler
    gates: Gates
    journal: Journal
    base_url: str

    async def record(self, task_id: str) -> dict[str, Any]:
        """The record as it stands."""
        document = await self.redis.get(record_key(task_id))
        assert document is not None
        fields: dict[str, Any] = json.loads(document)
        return fields

    async def status(self, task_id: str) -> str:
        """The record's status as it stands."""
        return str((await self.record(task_id))["status"])

    async def messages(self, task_id: str) -> list[str]:
        """The messages of the record's log lines, without their times."""
        return [line.partition(",")[2] for line in (await self.record(task_id))["logs"]]

    async def put(self, task_id: str, **fields: object) -> None:
        """Change fields of the record as another writer does."""
        changed = {**await self.record(task_id), **fields}
        await self.redis.set(record_key(task_id), json.dumps(changed), keepttl=True)
