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
from domain.logs import line_instant, merge_lines
from domain.task import Task, priority_words
from domain.values import Priority

_PRIORITY_WORDS = {priority_words(priority): priority for priority in Priority}


def recover(kept: Task, found: Task | None, at: datetime) -> Task | None:
    """Return what the ledger must become, or None where the store has lost nothing of ``kept``.

    ``kept`` is what a scheduler wrote, or was leased, before the fail-over; ``found`` is what the store has now. Of two
    tasks that were given the same id, the later one has it. An outcome in ``kept`` stands whatever came since. A task
    that ended on the new server stays ended, for its user was told so. Where its owner went on with the work there,
    further than ``kept`` knows, the work stands as it is there. Otherwise the task is as it was, and what was asked on
    the new server (a cancel, a priority) still holds.
    """
    if found is kept or found == kept:
        return None
    if found is None or kept.incarnation.is_later_than(found.incarnation):
        return kept
    if not found.incarnation.is_same_as(kept.incarnation) or found.generation > kept.generation or _knows(found, kept):
        return None
    if found.generation == kept.generation and found.is_terminal and not kept.is_terminal:
        return found.learn(kept.lines)
    if found.generation == kept.generation and not kept.is_terminal and _went_on(found, kept):
        return _completed_by(found, kept, at)
    return _rejoined(kept, found, at)


def _knows(found: Task, kept: Task) -> bool:
    """Whether ``found`` is ``kept`` or what became of it."""
    # Lines alone would not tell: whoever read them in a record teaches them to an older ledger too.
    if not set(kept.lines) <= set(found.lines) or _is_behind(found, kept):
        return False
    if kept.lease is None or found.lease == kept.lease:
        return True
    # A claim and a take-over write no line, so leases tell which is later; a lease that is over left a line.
    if found.lease is not None:
        return found.lease.epoch > kept.lease.epoch
    return found.is_terminal or _spoke_later(found, kept)


def _is_behind(found: Task, kept: Task) -> bool:
    """Whether ``kept`` went a step further in the lifecycle than ``found``."""
    if found.is_terminal or found.generation != kept.generation:
        return found.generation < kept.generation
    if kept.is_terminal or (kept.saw_cancel and not found.saw_cancel) or _told_priority(found) is not found.priority:
        return True
    return _work_done(kept) > _work_done(found)


def _went_on(found: Task, kept: Task) -> bool:
    """Whether the owner did more of the work on the new server than ``kept`` knows of."""
    if found.lease is not None and kept.lease is not None and found.lease.epoch != kept.lease.epoch:
        return found.lease.epoch > kept.lease.epoch
    if _work_done(found) != _work_done(kept):
        return _work_done(found) > _work_done(kept)
    if found.lease is not None and kept.lease is None:
        return not _spoke_later(kept, found)  # a claim writes no line, and whoever gives a lease back does
    return found.lease is None and kept.lease is not None and _spoke_later(found, kept)


def _work_done(task: Task) -> tuple[int, bool, bool]:
    """How far the work is: each attempt is dispatched, then runs, then is over."""
    return task.attempt, not task.is_attempted, bool(task.active_jobs)


def _completed_by(found: Task, kept: Task, at: datetime) -> Task:
    """Return ``found`` with what only ``kept`` knows: log lines, and a cancel."""
    task = replace(
        found.learn(kept.lines),
        last_line_at=max(_last_word(kept), _last_word(found), key=as_utc),
        updated_at=later(kept.updated_at, found.updated_at),
    )
    task = replace(task, priority=_told_priority(task))
    asked_before = kept.saw_cancel and not found.saw_cancel
    return task.request_cancel(at, "Cancellation requested before a fail-over of the store") if asked_before else task


def _rejoined(kept: Task, found: Task, at: datetime) -> Task:
    task = replace(
        kept,
        lines=merge_lines(kept.lines, found.lines),
        last_line_at=max(_last_word(kept), _last_word(found), key=as_utc),
        updated_at=later(kept.updated_at, found.updated_at),
        record_lost=kept.record_lost or found.record_lost,  # where it is there, reconciling finds it
    )
    if task.is_terminal or found.generation != kept.generation:
        return task
    task = replace(task, priority=_told_priority(task))
    # No earlier point of this generation knew of a cancel that ``kept`` does not know of: it was asked for since.
    asked_since = found.saw_cancel and not task.saw_cancel
    return task.request_cancel(at, "Cancellation requested during a fail-over of the store") if asked_since else task


def _told_priority(task: Task) -> Priority:
    """Return the priority that the latest word on it names: a ledger may have read that word in a record."""
    words = ((line, _PRIORITY_WORDS.get(line.partition(",")[2])) for line in task.lines)
    named = ((line_instant(line), priority) for line, priority in words if priority is not None)
    told = [(as_utc(at), priority) for at, priority in named if at is not None]
    return max(told)[1] if told else task.priority


def _spoke_later(one: Task, other: Task) -> bool:
    return as_utc(_last_word(one)) > as_utc(_last_word(other))


def _last_word(task: Task) -> datetime:
    return task.last_line_at or task.accepted_at
