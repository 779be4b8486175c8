"""Writing a change by script, and knowing it again when the answer got lost."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, cast

from adapters.redis.changes import Change, Header
from adapters.redis.endpoints import RedisEndpoints
from adapters.redis.ledger_codec import UnreadableLedger
from adapters.redis.lua import Argument, load_script
from adapters.redis.replicas import Replicas
from adapters.redis.snapshots import read_snapshot
from domain.ports import ConcurrentChange, QueueFull


class Commits:
    """Runs ``scripts/commit.lua``. When Redis is out of memory only what admits a task is refused."""

    def __init__(self, endpoints: RedisEndpoints, replicas: Replicas) -> None:
        self._attempt = endpoints.attempt
        self._arrivals = endpoints.arrivals
        self._replicas = replicas
        self._commit = load_script(endpoints.write, "commit", with_queue=True)
        self._admit = load_script(endpoints.write, "commit", with_queue=True, refused_when_full=True)

    async def __call__(self, change: Change, args: list[Argument]) -> Header:
        """Write a change, once, and return the ledger's header. Raises ConcurrentChange and QueueFull."""
        names = change.keys()
        tries = 0

        def write() -> Awaitable[Any]:
            nonlocal tries
            tries += 1
            if change.admission is not None:
                return self._replicas.run(self._admit, names, args)
            return self._commit(names, args)

        waits = change.admission is not None and self._replicas.are_waited_for
        answer = await (self._attempt(write) if waits else self._attempt.command(write))
        reply, replicas = answer if change.admission is not None else (answer, 0)
        match reply:
            case b"full":
                raise QueueFull("as many tasks wait as may")
            case [b"changed", ledger, record]:
                header = _written_before(change, ledger, record) if tries > 1 else None
                if header is None:
                    task_id = change.before.task_id
                    found = read_snapshot(task_id, ledger, record, recovering=self._arrivals.is_recovering)
                    raise ConcurrentChange(f"task {task_id} was changed by somebody else", found)
                if change.admission is not None:
                    await self._replicas.secure()
                return header
        if change.admission is not None:
            self._replicas.check(replicas)
        version, order, epoch = cast(Header, reply)
        return version, order, epoch


def _written_before(change: Change, ledger: bytes | None, record: bytes | None) -> Header | None:
    try:
        return change.found_in(ledger, record)
    except UnreadableLedger:
        return None
