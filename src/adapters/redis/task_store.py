"""Ledgers and records in Redis, changed together by one script in one round trip (design §1)."""

from __future__ import annotations

import math
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from adapters.redis import keys
from adapters.redis.endpoints import RedisEndpoints, as_text, load_script, read_many, translated_errors
from adapters.redis.ledger_codec import DecodedLedger, encode_task, header_lease
from adapters.redis.record_codec import DecodedRecord, encode_record
from adapters.redis.snapshots import Revision, read_snapshot
from domain.blocks import BlockFlags
from domain.dispatch import AtWork, Limits, Queued, place_of
from domain.instants import later_text
from domain.ports import Admission, ConcurrentChange, Snapshot
from domain.record import Record
from domain.task import Task
from domain.values import TaskStatus

MOST_RECENT = 10_000
PAGE = 1000
FORGET_ENDED_S = 180 * 86_400
"""Twice the frontend's default TTL: by then every ledger of an ended task has expired."""

Place = tuple[str, str, str]
"""Kind, lane and user, as ``commit.lua`` takes them."""

NOWHERE: Place = ("", "", "")


class RedisTaskStore:
    """Implements :class:`domain.ports.TaskStore`. All reads and writes go to the write endpoint."""

    def __init__(self, endpoints: RedisEndpoints, limits: Limits | None = None) -> None:
        """With ``limits``, the end of one task's work may let another's run, and everybody is told."""
        self._redis = endpoints.write
        self._commit = load_script(endpoints.write, "commit", with_queue=True)
        self._limited = limits is not None and limits != Limits()

    async def load(self, task_ids: Sequence[str]) -> Sequence[Snapshot]:
        if not task_ids:
            return ()
        names = [name for task_id in task_ids for name in (keys.ledger_key(task_id), keys.record_key(task_id))]
        with translated_errors():
            found = await read_many(self._redis, names)
        return [
            read_snapshot(task_id, ledger, record)
            for task_id, ledger, record in zip(task_ids, found[::2], found[1::2], strict=True)
        ]

    async def load_for_submit(self, task_id: str, user_id: str) -> tuple[Snapshot, BlockFlags]:
        with translated_errors():
            names = [keys.ledger_key(task_id), keys.record_key(task_id), keys.BLOCK_EVERYBODY, keys.block_key(user_id)]
            ledger, record, everybody, user = await read_many(self._redis, names)
        return read_snapshot(task_id, ledger, record), BlockFlags(everybody is not None, user is not None)

    async def commit(
        self,
        before: Snapshot,
        task: Task | None,
        record: Record | None,
        *,
        admission: Admission | None = None,
        announce: bool = True,
    ) -> Snapshot:
        revision = before.revision
        assert isinstance(revision, Revision)
        new_record = b""
        if record is not None and record != before.record:
            assert revision.record is not None
            record = replace(record, updated_at=later_text(revision.record.updated_at, record.updated_at))
            new_record = encode_record(record, revision.record.fields)
        names = [keys.ledger_key(before.task_id), keys.record_key(before.task_id)]
        if admission is not None:
            names += [keys.BLOCK_EVERYBODY, keys.block_key(admission.user_id)]
        args = self._arguments(before, revision, task, new_record, announce=announce)
        with translated_errors():
            reply = await self._commit(keys=names, args=args)
        if not reply:
            raise ConcurrentChange(f"task {before.task_id} was changed by somebody else")
        version, order, epoch = (int(number) for number in reply)
        return _committed(before, revision, task, record, new_record, (version, order, epoch))

    def _arguments(
        self, before: Snapshot, revision: Revision, task: Task | None, new_record: bytes, *, announce: bool
    ) -> list[str | bytes | int]:
        stood = _place(before.task)
        stands = stood if task is None else _place(task)
        kept = task is not None and stood == stands and before.task is not None and before.task.order == task.order
        ended = task is not None and task.is_terminal
        return [
            keys.PREFIX,
            before.task_id,
            "" if revision.ledger is None else revision.ledger.version,
            revision.raw_record,
            "" if task is None else encode_task(task),
            new_record,
            header_lease(task.lease if task else None),
            *stood,
            *(("kept", "", "") if kept or task is None else stands),
            math.ceil(task.retry_at.timestamp() * 1000) if task and task.retry_at else 0,
            "new" if task is not None and task.order == 0 and stands != NOWHERE else "",
            _milliseconds(task.updated_at.timestamp()) if task and ended else "",
            int(_owner_must_look(before.task, task)),
            int(announce),
            int(self._limited),
        ]

    async def secure(self) -> None:
        """Nothing to wait for."""

    async def live_ids(self) -> AsyncIterator[Sequence[str]]:
        with translated_errors():
            cursor, found = await self._redis.zscan(keys.LIVE, 0, count=PAGE)
        while True:
            yield [as_text(member) for member, _ in found]
            if not cursor:
                return
            with translated_errors():
                cursor, found = await self._redis.zscan(keys.LIVE, cursor, count=PAGE)

    async def recently_ended_ids(self, within_s: float) -> Sequence[str]:
        now = time.time()
        with translated_errors():
            async with self._redis.pipeline(transaction=False) as pipeline:
                pipeline.zremrangebyscore(keys.ENDED, "-inf", _milliseconds(now - FORGET_ENDED_S))
                pipeline.zrange(
                    keys.ENDED,
                    "+inf",
                    _milliseconds(now - within_s),
                    desc=True,
                    byscore=True,
                    offset=0,
                    num=MOST_RECENT,
                )
                _, members = await pipeline.execute()
        return [as_text(member) for member in members]


def _committed(
    before: Snapshot,
    revision: Revision,
    task: Task | None,
    record: Record | None,
    new_record: bytes,
    header: tuple[int, int, int],
) -> Snapshot:
    version, order, epoch = header
    if task is None:
        task, ledger = before.task, revision.ledger
    else:
        task = task if task.order == order else replace(task, order=order)
        ledger = DecodedLedger(task, version, epoch)
    decoded = revision.record
    if decoded is not None and record is not None:
        decoded = DecodedRecord(record, decoded.fields, record.updated_at)
    return Snapshot(
        before.task_id,
        task,
        record,
        before.malformed,
        Revision(ledger, new_record or revision.raw_record, decoded),
    )


def _place(task: Task | None) -> Place:
    place = place_of(task) if task is not None else None
    match place:
        case Queued(_, service, user_id, priority, _, not_before):
            kind = "waiting" if not_before is None else "delayed"
            return kind, keys.lane(priority, service), keys.encoded(user_id)
        case AtWork(_, service, user_id):
            return "leased", keys.lane("-", service), keys.encoded(user_id)
        case None:
            return NOWHERE


def _owner_must_look(before: Task | None, after: Task | None) -> bool:
    """Whether this change concerns an owner who may be elsewhere: a cancel, or the loss of its task."""
    if before is None or before.lease is None or after is None:
        return False
    asked = after.status is TaskStatus.CANCEL_REQUESTED and before.status is not TaskStatus.CANCEL_REQUESTED
    return asked or not after.incarnation.is_same_as(before.incarnation)


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)
