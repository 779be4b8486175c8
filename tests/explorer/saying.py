"""Operations and answers in few words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from domain.ports import QueueHead, QueueOverview, Snapshot
from domain.record import Record
from domain.task import Task
from domain.values import Priority
from tests.explorer.operations import (
    Block,
    Claim,
    Commit,
    DeleteRecord,
    Load,
    LoadForSubmit,
    Overview,
    ReadRecord,
    Renew,
    SaveRecord,
    TakeOver,
    TimePasses,
)
from tests.explorer.player import Raised, snapshots_in
from tests.explorer.stores import Operation


def said(operation: Operation) -> str:
    """Return an operation in few words."""
    match operation:
        case Load(task_ids):
            return f"load {', '.join(task_ids)}"
        case LoadForSubmit(task_id, user_id):
            return f"load {task_id} to submit it for {user_id}"
        case Commit(before, task, record, admission, _):
            admitting = " if nothing keeps it out" if admission else ""
            based = f"{before.operation}.{before.place}" if before.place else str(before.operation)
            return f"commit on {based}{admitting}: {_task(task)}; {_record(record)}"
        case Claim(owner, nonces):
            return f"claim {len(nonces)} for {owner} ({nonces[0]}...)"
        case TakeOver(owner, nonces):
            return f"take over for {owner} ({nonces[0]}...)"
        case Renew(leases, lease_s):
            return f"renew {', '.join(leases)} for {lease_s:g} s"
        case Block(user_id, blocked):
            return f"{'block' if blocked else 'enable'} {user_id or 'everybody'}"
        case ReadRecord(task_id):
            return f"read record {task_id}"
        case SaveRecord(record):
            return f"save {_record(record)}"
        case DeleteRecord(task_id):
            return f"delete record {task_id}"
        case Overview():
            return "look at the queue"
        case TimePasses(seconds, ended):
            return f"{seconds:g} s pass; leases that expired: {', '.join(ended) or 'none'}"
    return repr(operation)


def told(answer: object) -> str:
    """Return an answer in few words."""
    match answer:
        case Raised(error):
            return error.__name__
        case None:
            return "done"
        case Record():
            return _record(answer)
        case QueueOverview(waiting, delayed, at_work, heads):
            return f"waiting {_counts(waiting)}, delayed {delayed}, at work {_counts(at_work)}, heads {_heads(heads)}"
    snapshots = snapshots_in(answer)
    if snapshots:
        return ", ".join(map(_snapshot, snapshots)) + _others(answer)
    return "nothing" if answer in ((), frozenset()) else repr(answer)


def _counts(counts: Mapping[tuple[Priority, str], int] | Mapping[str, int]) -> str:
    return (
        ", ".join(f"{count} {key if isinstance(key, str) else ' '.join(key)}" for key, count in counts.items()) or "0"
    )


def _heads(heads: Sequence[QueueHead]) -> str:
    return ", ".join(f"{head.task_id} ({head.running_of_user} of {head.user_id} at work)" for head in heads) or "none"


def _others(answer: object) -> str:
    others = [part for part in answer if not isinstance(part, Snapshot)] if isinstance(answer, tuple) else []
    return f" {others[0]}" if others else ""


def _snapshot(snapshot: Snapshot) -> str:
    return f"[{snapshot.task_id}: {_task(snapshot.task)}; {_record(snapshot.record)}]"


def _task(task: Task | None) -> str:
    if task is None:
        return "no ledger"
    lease = f", lease {task.lease.owner}/{task.lease.epoch}/{task.lease.nonce}" if task.lease else ""
    asked = ", high" if task.priority == "high" else ""
    return f"{task.status}, order {task.order}, attempt {task.attempt}{asked}{lease}"


def _record(record: Record | None) -> str:
    return "no record" if record is None else f"record {record.task_id} {record.status}"
