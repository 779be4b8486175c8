"""Bugs in how records are kept true, in what is answered, and in what is known again after a fail-over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from application import reconciling, submit
from application.held_task import HeldTask
from application.ledger import Ledger, Rule
from application.restoring import RestoreLedgers
from application.seen_lines import SeenLines, UnkeptLines
from application.unsettled import Unsettled
from application.watching import WatchRecords
from domain import reconcile
from domain.blocks import BlockFlags
from domain.ports import Snapshot
from domain.record import Record
from domain.task import Task
from tests.simulation.mutations.patching import replaced, wrapped


def the_record_wins() -> AbstractContextManager[None]:
    """The status that a frontend wrote stays in the record."""

    def wrap(project: Any) -> Any:
        return lambda task, record: replace(project(task, record), status=record.status)

    return wrapped(reconcile, "project", wrap)


def lost_cancels_are_not_seen() -> AbstractContextManager[None]:
    """A record that says `cancelled` of a live task is just overwritten."""
    return replaced(reconcile, "_is_lost_cancel", lambda task, record: False)


def seen_lines_are_forgotten() -> AbstractContextManager[None]:
    """What a read showed before its commit lost is not kept."""
    return replaced(SeenLines, "teach", lambda self, task: task)


def shown_lines_are_not_kept_for_later() -> AbstractContextManager[None]:
    """Nor is what a read showed before the store went away."""
    return replaced(UnkeptLines, "remember", lambda self, task_id, seen: None)


def no_sweep_when_the_watch_is_back() -> AbstractContextManager[None]:
    """What was missed while the watch was blind is not looked for."""

    async def nothing(self: WatchRecords) -> bool:
        return True

    return replaced(WatchRecords, "_sweep_safely", nothing)


def refusals_are_not_settled() -> AbstractContextManager[None]:
    """What was answered 503 is forgotten."""
    return replaced(Unsettled, "_keep", lambda self, task_id, intent: None)


def submits_begin_anew() -> AbstractContextManager[None]:
    """A submit of a task that was accepted before accepts it again."""

    def wrap(admit: Any) -> Any:
        def anew(request: Any, task: Task | None, record: Record | None, blocks: BlockFlags) -> Task | Record:
            found: Task | Record = admit(request, task, record, blocks)
            return record if isinstance(found, Task) and record is not None else found

        return anew

    return wrapped(submit, "admit", wrap)


def absence_is_always_deletion() -> AbstractContextManager[None]:
    """A record that a fail-over has lost counts as deleted by its user."""

    def wrap(rule: Any) -> Any:
        def hasty(snapshot: Snapshot, at: datetime) -> Task | None:
            task = None if snapshot.task is None else replace(snapshot.task, record_lost=False)
            ruled: Task | None = rule(replace(snapshot, task=task, recovering=False), at)
            return ruled

        return hasty

    return wrapped(reconciling, "_rule", wrap)


@contextmanager
def changes_are_built_on_losses() -> Iterator[None]:
    """In a recovery window a change is based on what the store has, though more is known."""

    def as_found(self: HeldTask, rule: Rule, snapshot: Snapshot, at: datetime) -> Task | None:
        return rule(snapshot, at)

    with (
        replaced(Ledger, "_as_known", lambda self, snapshot, at: snapshot),
        replaced(HeldTask, "_upon_our_word", as_found),
    ):
        yield


@contextmanager
def nothing_is_restored() -> Iterator[None]:
    """After a fail-over nobody writes again what was lost."""

    async def leave(self: Ledger, kept: Task, start: Snapshot | None = None) -> Snapshot:
        return start or await self.load(kept.task_id)

    with replaced(RestoreLedgers, "ask", lambda self, window_s: None), replaced(Ledger, "restore", leave):
        yield
