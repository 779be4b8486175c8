"""Changing a task: load, apply a rule of the domain, reconcile with the record, commit; redo when overtaken."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial

from application.meter import UNMETERED, Meter
from application.recent import RecentLedgers
from application.seen_lines import Keeping, SeenLines, UnkeptLines
from application.telling import tell_change
from application.tracer import UNTRACED, Tracer
from domain.errors import DomainError
from domain.ports import Admission, Clock, ConcurrentChange, Snapshot, StoreUnavailable, TaskStore
from domain.reconcile import reconcile
from domain.record import Record
from domain.recovery import recover
from domain.task import Task

Rule = Callable[[Snapshot, datetime], Task | None]
"""Given what stands and the moment, return what the task becomes; None leaves the task as it is."""

MOST_TRIES = 100
"""A commit loses only against a finite number of writes by others; this bound turns a bug into an error."""


class Ledger:
    """The one way in which use cases change tasks: a ledger change and the record it implies go together."""

    def __init__(self, store: TaskStore, clock: Clock, meter: Meter = UNMETERED, tracer: Tracer = UNTRACED) -> None:
        self._store = store
        self._clock = clock
        self._meter = meter
        self._tracer = tracer
        self._unkept = UnkeptLines()
        self.recent = RecentLedgers(clock)
        """What this process wrote lately."""

    async def load(self, task_id: str) -> Snapshot:
        """Return what stands now. Raises StoreUnavailable."""
        (snapshot,) = await self._store.load([task_id])
        return snapshot

    async def change(self, start: str | Snapshot, rule: Rule, seen: SeenLines | None = None) -> Snapshot:
        """Apply ``rule`` to the task and commit it with its record.

        ``start`` is a task id, or a snapshot to try first, which saves the load. ``seen`` are lines that reads before
        it have shown. Whatever the rule raises comes out with nothing changed but what reads have shown. Raises
        StoreUnavailable; what reads have shown is then kept with the task's next change.
        """
        snapshot = await self.load(start) if isinstance(start, str) else start
        seen = seen or SeenLines()
        with Keeping(self._unkept, snapshot.task_id, seen):
            return await self._change(snapshot, rule, seen)

    def keeping(self, task_id: str, seen: SeenLines) -> Keeping:
        """Add what earlier reads have shown to ``seen``; where the block cannot write it down, remember it all."""
        return Keeping(self._unkept, task_id, seen)

    async def commit(
        self,
        before: Snapshot,
        task: Task | None,
        record: Record | None,
        *,
        known: Task | None = None,
        admission: Admission | None = None,
        announce: bool = True,
    ) -> Snapshot:
        """Commit as :meth:`domain.ports.TaskStore.commit` does, and remember what the store took.

        ``known`` is the task as it was, where a fail-over has lost that: what is written again has happened before.
        """
        after = await self._store.commit(before, task, record, admission=admission, announce=announce)
        if after.task is not None:
            self.recent.remember(after.task, before.task)
            tell_change(self._meter, known or before.task, after.task, self._tracer)
        else:
            self.keep_later([after])  # there is no ledger yet that could keep what its record says
        return after

    async def restore(self, kept: Task, start: Snapshot | None = None) -> Snapshot:
        """Write again what the store lost of ``kept`` when it failed over, and return what stands now.

        Behind a recovery window a ledger that stands is the truth, and nothing is changed. Raises StoreUnavailable.
        """
        return await self.change(start or kept.task_id, partial(_restored, kept))

    async def recovered(self, snapshot: Snapshot) -> Snapshot:
        """Return what stands when what a fail-over lost of this task, as far as we know, was written again.

        Raises StoreUnavailable.
        """
        kept = self.recent.get(snapshot.task_id) if _may_lack_something(snapshot) else None
        return snapshot if kept is None else await self.restore(kept, snapshot)

    async def keep(self, snapshot: Snapshot, seen: SeenLines | None = None) -> Snapshot:
        """Keep what reads have shown (a line that the ledger does not know, say), though nothing else is to change."""
        return await self.change(snapshot, lambda *_: None, seen)

    def keep_later(self, snapshots: Iterable[Snapshot]) -> None:
        """Remember what reads have shown that came to nothing, for each task's next change."""
        for snapshot in snapshots:
            seen = SeenLines()
            seen.note(snapshot)
            self._unkept.remember(snapshot.task_id, seen)

    async def _change(self, snapshot: Snapshot, rule: Rule, seen: SeenLines) -> Snapshot:
        for _ in range(MOST_TRIES):
            at = self._clock.now()
            known = self._as_known(snapshot, at) if _may_lack_something(snapshot) else snapshot
            try:
                task = rule(known, at) or known.task
            except DomainError:
                await self.keep(snapshot, seen)
                raise
            if task is None:
                return snapshot
            met = reconcile(seen.teach(task), snapshot.record, at)
            if met.task == snapshot.task and met.record == snapshot.record:
                return snapshot
            try:
                return await self.commit(snapshot, met.task, met.record, known=known.task)
            except (StoreUnavailable, CancelledError):
                seen.note(snapshot)
                raise
            except ConcurrentChange as change:
                seen.note(snapshot)
                snapshot = change.found or await self.load(snapshot.task_id)
        raise overtaken(snapshot.task_id)

    def _as_known(self, snapshot: Snapshot, at: datetime) -> Snapshot:
        """Return what stands, or what must stand again where a fail-over lost it: nothing may be built on a loss."""
        kept = self.recent.get(snapshot.task_id)
        return snapshot if kept is None else replace(snapshot, task=_restored(kept, snapshot, at))


def _may_lack_something(snapshot: Snapshot) -> bool:
    """Whether a fail-over may have lost a part of this ledger, and it is not too late to write that again.

    A ledger that is gone altogether can be written again at any time, for nobody can have claimed the task without it;
    and where its record is still there, it was not forgotten with it.
    """
    return snapshot.recovering or (snapshot.task is None and snapshot.record is not None)


def _restored(kept: Task, snapshot: Snapshot, at: datetime) -> Task | None:
    task = recover(kept, snapshot.task, at) if _may_lack_something(snapshot) else None
    if task is None or snapshot.malformed:
        return snapshot.task
    if snapshot.record is None:
        return task.lose_record(at)
    return task if task.incarnation.is_same_as(snapshot.record.incarnation) else snapshot.task


def overtaken(task_id: str) -> StoreUnavailable:
    """Return the error of a change that others kept overtaking."""
    return StoreUnavailable(f"task {task_id} was changed by others {MOST_TRIES} times in a row")
