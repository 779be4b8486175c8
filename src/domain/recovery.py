"""What a ledger must become when the store failed over to a server that lacks the last writes (design §5).

Schedulers remember what they wrote lately. All that they remember lies on one line of history, for every write compared
what stood before. The server that took over has an earlier point of that line, and perhaps a few changes of its own
since. Nothing was claimed or taken over there yet: a recovery window keeps the queue shut until schedulers have written
again what was lost.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from domain.instants import as_utc, later
from domain.logs import merge_lines
from domain.task import Task


def recover(kept: Task, found: Task | None, at: datetime) -> Task | None:
    """Return what the ledger must become, or None where the store has lost nothing of ``kept``.

    ``kept`` is what a scheduler wrote, or was leased, before the fail-over; ``found`` is what the store has now. An
    outcome in ``kept`` stands whatever came since. A task that ended on the new server stays ended, for its user was
    told so. Otherwise the task is as it was, and what was asked on the new server (a cancel, a priority) still holds.
    """
    if found is None:
        return kept
    if not found.incarnation.is_same_as(kept.incarnation) or found.generation > kept.generation or _knows(found, kept):
        return None
    if found.generation == kept.generation and found.is_terminal and not kept.is_terminal:
        return found.learn(kept.lines)
    return _rejoined(kept, found, at)


def _knows(found: Task, kept: Task) -> bool:
    """Whether ``found`` is ``kept`` or what became of it."""
    if not set(kept.lines) <= set(found.lines):
        return False
    if kept.lease is None or found.lease == kept.lease:
        return True
    # A claim and a take-over write no line, so leases tell which is later; a lease that is over left a line.
    if found.lease is not None:
        return found.lease.epoch > kept.lease.epoch
    return found.is_terminal or _spoke_later(found, kept)


def _rejoined(kept: Task, found: Task, at: datetime) -> Task:
    task = replace(
        kept,
        lines=merge_lines(kept.lines, found.lines),
        last_line_at=max(_last_word(kept), _last_word(found), key=as_utc),
        updated_at=later(kept.updated_at, found.updated_at),
        record_lost=kept.record_lost and found.record_lost,
    )
    if task.is_terminal or found.generation != kept.generation:
        return task
    if _spoke_later(found, kept):
        task = replace(task, priority=found.priority)
    # No earlier point of this generation knew of a cancel that ``kept`` does not know of: it was asked for since.
    asked_since = found.saw_cancel and not task.saw_cancel
    return task.request_cancel(at, "Cancellation requested during a fail-over of the store") if asked_since else task


def _spoke_later(one: Task, other: Task) -> bool:
    return as_utc(_last_word(one)) > as_utc(_last_word(other))


def _last_word(task: Task) -> datetime:
    return task.last_line_at or task.accepted_at
