"""The use case of the change-over from the previous scheduler: records that nobody owns are settled."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from application.ports import RegisteredTasks
from domain.errors import InvalidRequest
from domain.instants import parse_instant
from domain.ports import Clock, ConcurrentChange, Executor, Snapshot, StoreUnavailable, TaskStore
from domain.reconcile import reconcile
from domain.record import Record
from domain.task import Task
from domain.values import TaskStatus

LEFT_BEHIND = "left unfinished by the previous scheduler, or its submission was lost; submit it again"


@dataclass(frozen=True, slots=True)
class Settled:
    """One record without an owner, and what it becomes (or would become, in a dry run)."""

    task_id: str
    user_id: str
    service: str
    was: str
    becomes: str
    reason: str = ""


class SettleUnowned:
    """Find records that are not terminal and have no ledger, and fail them with a plain reason, or accept them.

    A record that says ``cancel_requested`` ends ``cancelled`` either way: its user no longer wants it.
    """

    def __init__(self, registered: RegisteredTasks, store: TaskStore, executor: Executor, clock: Clock) -> None:
        self._registered = registered
        self._store = store
        self._executor = executor
        self._clock = clock

    async def __call__(
        self, *, before: datetime | None = None, resubmit: bool = False, dry_run: bool = False
    ) -> AsyncIterator[Settled]:
        """Yield each record as it is settled. ``before`` leaves out those written since. Raises StoreUnavailable."""
        async for batch in self._registered.ids():
            for snapshot in await self._store.load(batch):
                settled = await self._settle(snapshot, before, resubmit=resubmit, dry_run=dry_run)
                if settled is not None:
                    yield settled

    async def _settle(
        self, snapshot: Snapshot, before: datetime | None, *, resubmit: bool, dry_run: bool
    ) -> Settled | None:
        if snapshot.recovering:
            raise StoreUnavailable("schedulers still write back what it lost in a restart: try again in a minute")
        record = snapshot.record
        if record is None or record.is_terminal or snapshot.own_task is not None:
            return None
        if before is not None and not _written_before(record, before):
            return None
        at = self._clock.now()
        task, reason = self._decide(record, at, resubmit=resubmit)
        if not dry_run:
            met = reconcile(task, record, at)
            try:
                await self._store.commit(snapshot, met.task, met.record)
            except ConcurrentChange:
                return None  # its frontend or a scheduler is at work on it, so it is not left behind
        return Settled(record.task_id, record.user_id, record.service, record.status, str(task.status), reason)

    def _decide(self, record: Record, at: datetime, *, resubmit: bool) -> tuple[Task, str]:
        if record.status == TaskStatus.CANCEL_REQUESTED:
            return Task.cancel_unsubmitted(record, at), ""
        if not resubmit:
            return Task.refuse(record, LEFT_BEHIND, at), LEFT_BEHIND
        try:
            self._executor.check(record.service, record.parameters)
        except InvalidRequest as refusal:
            return Task.refuse(record, str(refusal), at), str(refusal)
        return Task.accept(record, at, "Accepted at the change-over from the previous scheduler"), ""


def _written_before(record: Record, before: datetime) -> bool:
    moment = parse_instant(record.updated_at) or parse_instant(record.created_at)
    return moment is not None and moment < before
