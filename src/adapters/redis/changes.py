"""One commit, as ``scripts/commit.lua`` takes it, and what stands when it is done."""

from __future__ import annotations

import math
import random
import time

import msgspec

from adapters.redis import keys
from adapters.redis.feed_codec import feed_entry
from adapters.redis.ledger_codec import DecodedLedger, encode_task, header_lease, split_ledger
from adapters.redis.outbox_codec import encode_notification
from adapters.redis.record_codec import DecodedRecord, encode_record
from adapters.redis.snapshots import Revision
from domain.copying import changed
from domain.dispatch import AtWork, Queued, place_of
from domain.instants import later_text
from domain.notifications import NotificationOf
from domain.ports import Admission, Snapshot
from domain.record import Record
from domain.tally import addition
from domain.task import Task
from domain.values import TaskStatus

Place = tuple[str, str, str]
"""Kind, lane and user, as the script takes them."""

NOWHERE: Place = ("", "", "")

STEP_BITS = 24
"""Of the step from one version of a ledger to the next. A double holds 53: they last for as many commits as come."""

_steps = random.Random()
"""Seeded by the system, once for each process. Nobody need fail to guess a step, and asking the system is dear."""

Header = tuple[int, int, int]
"""A ledger's version, order and epoch; zeros where there is no ledger."""


class Change(msgspec.Struct, frozen=True):
    """A ledger and a record to be written over what a snapshot showed."""

    before: Snapshot
    revision: Revision
    task: Task | None
    record: Record | None
    admission: Admission | None
    raw_task: bytes
    """Empty where the ledger is left."""
    raw_record: bytes
    """Empty where the record is left."""
    version: int
    """The new ledger's."""

    @classmethod
    def of(cls, before: Snapshot, task: Task | None, record: Record | None, admission: Admission | None) -> Change:
        """Prepare the bytes."""
        revision = before.revision
        assert isinstance(revision, Revision)
        raw_record = b""
        if record is not None and record != before.record:
            assert revision.record is not None
            record = _as_late_as(revision.record, record)
            raw_record = encode_record(record, revision.record.fields)
        raw_task = b"" if task is None else encode_task(task)
        version = 0 if revision.ledger is None else revision.ledger.version
        if task is not None:
            version += 1 + _steps.getrandbits(STEP_BITS)
        return cls(before, revision, task, record, admission, raw_task, raw_record, version)

    def keys(self) -> list[str]:
        """Return the script's keys."""
        names = [keys.ledger_key(self.before.task_id), keys.record_key(self.before.task_id)]
        if self.admission is not None:
            names += [keys.BLOCK_EVERYBODY, keys.block_key(self.admission.user_id)]
        return names

    def arguments(
        self, *, announce: bool, limited: bool, notification_of: NotificationOf | None = None
    ) -> list[str | bytes | int]:
        """Return the script's arguments."""
        before, task = self.before.task, self.task
        notification = notification_of(before, task) if notification_of and task else None
        stood = _place(before)
        stands = stood if task is None else _place(task)
        kept = task is None or (stood == stands and before is not None and before.order == task.order)
        lease = task.lease if task else None
        return [
            keys.PREFIX,
            self.before.task_id,
            "" if self.revision.ledger is None else self.revision.ledger.version,
            self.revision.raw_record,
            self.raw_task,
            self.raw_record,
            header_lease(lease),
            lease.epoch if lease else 0,
            *stood,
            *(("kept", "", "") if kept else stands),
            math.ceil(task.retry_at.timestamp() * 1000) if task and task.retry_at else 0,
            _order(before, task, stands),
            int(task.updated_at.timestamp() * 1000) if task and task.is_terminal else "",
            int(_owner_must_look(before, task)),
            int(announce),
            int(limited),
            "" if self.admission is None else self.admission.most_waiting,
            self.version,
            feed_entry(before, task),
            _count(before, task),
            encode_notification(notification) if notification else "",
        ]

    def found_in(self, raw_ledger: bytes | None, raw_record: bytes | None) -> Header | None:
        """Return the ledger's header if just this was written, by a try whose answer got lost; None if not."""
        if (raw_record or b"") != (self.raw_record or self.revision.raw_record):
            return None
        if raw_ledger is None:
            return (0, 0, 0) if self.raw_record and not self.version else None
        header, body = split_ledger(raw_ledger)
        is_ours = body == self.raw_task if self.raw_task else bool(self.raw_record)
        return header if is_ours and header[0] == self.version else None

    def raw_ledger(self, header: Header) -> bytes:
        """Return the whole ledger that was written, as ``scripts/commit.lua`` puts it together."""
        assert self.task is not None
        return f"{header[0]} {header[1]} {header[2]} {header_lease(self.task.lease)}\n".encode() + self.raw_task

    def done(self, header: Header, *, recovering: bool) -> Snapshot:
        """Return what stands now; ``recovering`` as in :class:`~domain.ports.Snapshot`."""
        version, order, epoch = header
        task, ledger = self.task, self.revision.ledger
        if task is None:
            task = self.before.task
        else:
            task = task if task.order == order else changed(task, order=order)
            ledger = DecodedLedger(task, version, epoch)
        decoded = self.revision.record
        if decoded is not None and self.record is not None:
            decoded = DecodedRecord(self.record, decoded.fields, self.record.updated_at)
        raw_record = self.raw_record or self.revision.raw_record
        revision = Revision(ledger, raw_record, decoded)
        return Snapshot(self.before.task_id, task, self.record, self.before.malformed, revision, recovering)


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


def _order(before: Task | None, task: Task | None, stands: Place) -> str | int:
    if task is None or (before is not None and before.order == task.order != 0):
        return ""
    if task.order:
        return task.order
    return "" if stands == NOWHERE else "new"


def _as_late_as(found: DecodedRecord, record: Record) -> Record:
    """Return ``record``, updated no earlier than the document says that it is to be written over.

    Reconciling sees to that, but of a document that had to be repaired it knew no such time.
    """
    if found.updated_at == found.record.updated_at:
        return record
    return changed(record, updated_at=later_text(found.updated_at, record.updated_at))


def _count(before: Task | None, after: Task | None) -> str:
    added = addition(before, after)
    if added is None:
        return ""
    return f"{int(time.time()) // 60} {added.ending or '-'} {added.bytes_done} {keys.encoded(added.user_id)}"


def _owner_must_look(before: Task | None, after: Task | None) -> bool:
    """Whether this change concerns an owner who may be elsewhere: a cancel, or the loss of its task."""
    if before is None or before.lease is None or after is None:
        return False
    asked = after.status is TaskStatus.CANCEL_REQUESTED and before.status is not TaskStatus.CANCEL_REQUESTED
    return asked or not after.incarnation.is_same_as(before.incarnation)
