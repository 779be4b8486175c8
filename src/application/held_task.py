"""A task that this process holds under a lease: only its owner writes about the work (design §4)."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime
from functools import partial

from application.ledger import Rule
from application.naming import about
from application.tools import Tools
from domain.errors import StaleLease
from domain.ports import Snapshot, StoreUnavailable
from domain.recovery import recover
from domain.task import Task
from domain.values import Lease

log = logging.getLogger(__name__)

STORE_RETRY_S = 0.5
"""Pause before a change that the store could not take is tried again, at first; it doubles each time."""
MOST_STORE_RETRY_S = 4.0

MOST_DENIALS = 5
"""A rule that denies a lease again and again although it stands is a bug: the lease is then left to expire."""


class HeldTask:
    """Changes the task under its lease, however long the store is away, and knows when the lease is lost."""

    def __init__(self, snapshot: Snapshot, lease: Lease, tools: Tools) -> None:
        assert snapshot.task is not None
        self.task = snapshot.task
        """The ledger as this owner last wrote it."""
        self.lease = lease
        self.token = lease.token
        """The lease's."""
        self.is_lost = False
        """Whether the lease is known to be another one now: nothing more is written then."""
        self._snapshot = snapshot
        self._tools = tools
        self._found: Task | None = None
        """The ledger as it was read when the lease seemed to be lost."""
        self.about = about(self.task)
        """What every log line about this task carries."""

    def is_ours(self, task: Task | None) -> bool:
        """Whether this ledger, wherever it was read, says that we hold the task."""
        return task is not None and task.is_held_under(self.token)

    async def change(self, rule: Rule) -> None:
        """Commit ``rule``, however long the store is away. Raises StaleLease when the task is no longer ours."""
        start: Snapshot | str = self._snapshot
        pause_s, denials = STORE_RETRY_S, 0
        while not self.is_lost:
            try:
                self._stands(await self._tools.ledger.change(start, partial(self._upon_our_word, rule)))
                return
            except StoreUnavailable as error:
                log.warning("what happened is kept for later", extra={**self.about, "reason": str(error)})
                await self._tools.clock.sleep(pause_s * (0.5 + self._tools.entropy.jitter() / 2))
                pause_s = min(2 * pause_s, MOST_STORE_RETRY_S)
            except StaleLease:
                denials += 1
                if denials > MOST_DENIALS or not await self._is_held_for_certain():
                    raise
            start = self.task.task_id
        raise StaleLease(self.task.task_id)

    async def look_again(self) -> bool:
        """Return whether the lease is still ours, or is again: a fail-over may have lost it. Raises StoreUnavailable.

        In a recovery window what is missing is written again.
        """
        self._found = (await self._tools.ledger.restore(self.task)).task
        return self.is_ours(self._found) or self.go_on_under(self._found)

    def go_on_under(self, task: Task | None) -> bool:
        """Go on under this ledger's lease, where this very process took the open attempt over by it; say whether so.

        That happens when the store was away for longer than a lease. Nobody else was at the attempt meanwhile, so what
        became of its work is still true, and so is what we wrote, should a fail-over have lost it.
        """
        if self.is_lost or task is None or task.lease is None or task.lease.owner != self.lease.owner:
            return False
        if self.task.lease is None or not task.is_attempted or not self._is_at(task):
            return False
        self.lease, self.token = task.lease, task.lease.token
        self._stands(replace(self._snapshot, task=self.task.take_over(task.lease)))
        return True

    def lose(self, found: Task | None = None) -> None:
        """The lease is another one now; ``found`` is the ledger that says so, where it was seen."""
        self._found = found or self._found
        self.is_lost = True

    @property
    def goes_on_elsewhere(self) -> bool:
        """Whether the owner that came after us has found the work again, or may do so: it is not ours to stop then."""
        found = self._found
        return self._tools.executor.outlives_us and found is not None and found.is_attempted and self._is_at(found)

    def _stands(self, snapshot: Snapshot) -> None:
        assert snapshot.task is not None
        self._snapshot, self.task = snapshot, snapshot.task

    def _is_at(self, found: Task) -> bool:
        """Whether that ledger is at the same attempt at the same task."""
        return found.incarnation.is_same_as(self.task.incarnation) and found.attempt == self.task.attempt

    def _upon_our_word(self, rule: Rule, snapshot: Snapshot, at: datetime) -> Task | None:
        """Apply ``rule`` to the ledger, or to what we wrote where a fail-over of the store has lost that.

        While the lease is ours nobody else has written about the work, so this holds after a recovery window too.
        """
        if snapshot.task is self.task:
            return rule(snapshot, at)  # nearly always: it is what we wrote, so nothing of that can be lost
        lost = recover(self.task, snapshot.task, at) if self.is_ours(snapshot.task) else None
        return rule(snapshot if lost is None else replace(snapshot, task=lost), at)

    async def _is_held_for_certain(self) -> bool:
        while not self.is_lost:
            try:
                return await self.look_again()
            except StoreUnavailable:
                await self._tools.clock.sleep(STORE_RETRY_S)
        return False
