"""Writing a change by script, and knowing it again when the answer got lost."""

from __future__ import annotations

from typing import cast

from adapters.redis.changes import Change, Header
from adapters.redis.endpoints import RedisEndpoints, read_many
from adapters.redis.ledger_codec import UnreadableLedger
from adapters.redis.lua import load_script
from adapters.redis.replicas import Argument, Replicas
from domain.ports import ConcurrentChange, QueueFull


class Commits:
    """Runs ``scripts/commit.lua``. When Redis is out of memory only what admits a task is refused."""

    def __init__(self, endpoints: RedisEndpoints, replicas: Replicas) -> None:
        self._redis = endpoints.write
        self._attempt = endpoints.attempt
        self._replicas = replicas
        self._commit = load_script(endpoints.write, "commit", with_queue=True)
        self._admit = load_script(endpoints.write, "commit", with_queue=True, refused_when_full=True)

    async def __call__(self, change: Change, args: list[Argument]) -> Header:
        """Write a change, once, and return the ledger's header. Raises ConcurrentChange and QueueFull."""
        names = change.keys()
        tries = 0

        async def write() -> tuple[object, int]:
            nonlocal tries
            tries += 1
            if change.admission is not None:
                return await self._replicas.run(self._admit, names, args)
            return await self._commit(keys=names, args=args), 0

        reply, replicas = await self._attempt(write)
        if reply == b"full":
            raise QueueFull("as many tasks wait as may")
        if reply == b"changed":
            header = await self._written_before(change) if tries > 1 else None
            if header is None:
                raise ConcurrentChange(f"task {change.before.task_id} was changed by somebody else")
            if change.admission is not None:
                await self._replicas.secure()
            return header
        if change.admission is not None:
            self._replicas.check(replicas)
        version, order, epoch = cast(Header, reply)
        return version, order, epoch

    async def _written_before(self, change: Change) -> Header | None:
        ledger, record = await self._attempt(lambda: read_many(self._redis, change.keys()[:2]))
        try:
            return change.found_in(ledger, record)
        except UnreadableLedger:
            return None
