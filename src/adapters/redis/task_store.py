"""Ledgers and records in Redis, changed together by one script in one round trip (design §1)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from functools import partial
from typing import cast

from adapters.redis import keys
from adapters.redis.block_flags import block_flags
from adapters.redis.changes import Change
from adapters.redis.commits import Commits
from adapters.redis.endpoints import RedisEndpoints, as_text, read_many
from adapters.redis.replicas import Replicas
from adapters.redis.settled import Settled
from adapters.redis.snapshots import read_snapshot
from domain.blocks import BlockFlags
from domain.dispatch import Limits
from domain.notifications import NotificationOf
from domain.ports import Admission, Snapshot
from domain.record import Record
from domain.task import Task

Found = tuple[str, bytes | None, bytes | None]
"""A task's id, its ledger and its record, as Redis has them."""

MOST_RECENT = 10_000
PAGE = 1000
FORGET_ENDED_S = 180 * 86_400
"""Twice the frontend's default TTL: by then every ledger of an ended task has expired."""


class RedisTaskStore:
    """Implements :class:`domain.ports.TaskStore`. All reads and writes go to the write endpoint."""

    def __init__(
        self,
        endpoints: RedisEndpoints,
        limits: Limits | None = None,
        notification_of: NotificationOf | None = None,
    ) -> None:
        """With ``limits``, the end of one task's work may let another's run, and everybody is told.

        ``notification_of`` says what a commit writes to the outbox; None writes nothing.
        """
        self._notification_of = notification_of
        self._redis = endpoints.write
        self._attempt = endpoints.attempt
        self._arrivals = endpoints.arrivals
        self._replicas = Replicas(endpoints)
        self._write = Commits(endpoints, self._replicas)
        self._settled = Settled()
        self._limited = limits is not None and limits != Limits()

    async def load(self, task_ids: Sequence[str]) -> Sequence[Snapshot]:
        return [self._snapshot(*found) for found in await self._read(task_ids)]

    async def load_unsettled(self, task_ids: Sequence[str]) -> Sequence[Snapshot]:
        return [self._snapshot(*found) for found in await self._read(task_ids) if not self._settled.stands(*found)]

    async def _read(self, task_ids: Sequence[str]) -> Iterable[Found]:
        if not task_ids:
            return ()
        names = [name for task_id in task_ids for name in (keys.ledger_key(task_id), keys.record_key(task_id))]
        found = await self._attempt.command(partial(read_many, self._redis, names))
        return zip(task_ids, found[::2], found[1::2], strict=True)

    async def load_for_submit(self, task_id: str, user_id: str) -> tuple[Snapshot, BlockFlags]:
        names = [keys.ledger_key(task_id), keys.record_key(task_id), keys.BLOCK_EVERYBODY, keys.block_key(user_id)]
        ledger, record, everybody, user = await self._attempt.command(partial(read_many, self._redis, names))
        return self._snapshot(task_id, ledger, record), block_flags(everybody, user)

    def _snapshot(self, task_id: str, ledger: bytes | None, record: bytes | None) -> Snapshot:
        return read_snapshot(task_id, ledger, record, recovering=self._arrivals.is_recovering)

    async def commit(
        self,
        before: Snapshot,
        task: Task | None,
        record: Record | None,
        *,
        admission: Admission | None = None,
        announce: bool = True,
    ) -> Snapshot:
        change = Change.of(before, task, record, admission)
        args = change.arguments(announce=announce, limited=self._limited, notification_of=self._notification_of)
        header = await self._write(change, args)
        if change.task is not None and change.task.is_terminal:
            raw_record = change.raw_record or change.revision.raw_record
            self._settled.note(before.task_id, change.raw_ledger(header), raw_record)
        else:
            self._settled.forget(before.task_id)
        return change.done(header, recovering=self._arrivals.is_recovering)

    async def secure(self) -> None:
        await self._replicas.secure()

    async def live_ids(self) -> AsyncIterator[Sequence[str]]:
        cursor = 0
        while True:
            cursor, found = await self._attempt(partial(self._redis.zscan, keys.LIVE, cursor, count=PAGE))
            yield [as_text(member) for member, _ in found]
            if not cursor:
                return

    async def recently_ended_ids(self, within_s: float) -> Sequence[str]:
        now = time.time()

        async def forget_and_read() -> list[bytes]:
            _, members = await asyncio.gather(
                self._redis.zremrangebyscore(keys.ENDED, "-inf", _milliseconds(now - FORGET_ENDED_S)),
                self._redis.zrange(
                    keys.ENDED,
                    "+inf",
                    _milliseconds(now - within_s),
                    desc=True,
                    byscore=True,
                    offset=0,
                    num=MOST_RECENT,
                ),
            )
            return cast(list[bytes], members)

        return [as_text(member) for member in await self._attempt(forget_and_read)]


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)
