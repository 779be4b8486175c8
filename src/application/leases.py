"""Keeping leases alive, and taking over the tasks of owners that are gone (design §4)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime

from application.attempts import Attempt
from application.dispatcher import Dispatcher
from application.naming import about
from application.nonces import fresh_nonces
from application.surviving import survived
from application.tools import Tools
from domain.execution import work_order
from domain.ports import DispatchQueue, Execution, Snapshot
from domain.retry import lose_work
from domain.task import Task
from domain.values import Lease, TaskStatus

log = logging.getLogger(__name__)

RETRY_S = 0.5
"""Pause before a renewal that failed is tried again: it may have used up most of what was left of the lease."""

TAKEN_AT_ONCE = 50
"""Tasks taken over in one round trip."""

SCHEDULER_LOST = "the scheduler that ran it was lost"


class KeepLeases:
    """Renew every lease of this process in one round trip; an attempt whose lease is gone is told to look again."""

    def __init__(self, queue: DispatchQueue, dispatcher: Dispatcher, tools: Tools) -> None:
        self._queue = queue
        self._dispatcher = dispatcher
        self._tools = tools

    async def run(self) -> None:
        """Renew until cancelled. While the store is away nothing is renewed, so local work stops in time."""
        clock, pause_s = self._tools.clock, self._tools.config.lifetimes.renew_s
        while True:
            await clock.sleep(pause_s)
            began, pause_s = clock.monotonic(), RETRY_S
            with survived("renew leases"):
                await self()
                pause_s = max(0.0, began + self._tools.config.lifetimes.renew_s - clock.monotonic())

    async def __call__(self) -> None:
        """Renew once. Raises StoreUnavailable."""
        attempts = self._dispatcher.attempts
        if not attempts:
            return
        held = {attempt.task_id: attempt.lease for attempt in attempts}
        lifetimes = self._tools.config.lifetimes
        until = self._tools.clock.monotonic() + lifetimes.lease_s
        lost = await self._queue.renew(held, lifetimes.store_lease_s)
        for attempt in attempts:
            if attempt.task_id not in lost:
                with survived(f"extend the work of task {attempt.task_id}"):
                    await attempt.renewed(until)
        for attempt in attempts:
            if attempt.task_id in lost:
                await attempt.look_again()


class TakeOver:
    """Take tasks whose lease expired: work that can be found again goes on, other work runs again if it may.

    Work that may not be repeated ends ``failed`` with a plain reason. The store lets a lease expire only after
    the lost owner's local work has stopped, so no survivor is met.
    """

    def __init__(self, queue: DispatchQueue, dispatcher: Dispatcher, tools: Tools) -> None:
        self._queue = queue
        self._dispatcher = dispatcher
        self._tools = tools
        self._unanswered: Sequence[str] = ()
        """The nonces of a call whose answer got lost, if there was one: it is made again with the same ones."""

    async def run(self) -> None:
        """Take over until cancelled."""
        while True:
            with survived("take tasks over"):
                await self()
            await self._tools.clock.sleep(self._tools.config.lifetimes.poll_s)

    async def __call__(self) -> int:
        """Take over all that has expired, and return how many tasks. Raises StoreUnavailable."""
        taken, more_wait = 0, True
        while more_wait:
            async with self._dispatcher.taking_on() as may_take_on:
                if not may_take_on:
                    break
                batch = await self._take_batch()
            taken += batch
            more_wait = batch == TAKEN_AT_ONCE
        return taken

    async def _take_batch(self) -> int:
        config = self._tools.config
        nonces = self._unanswered or fresh_nonces(TAKEN_AT_ONCE, self._tools.entropy)
        self._unanswered = nonces
        until = self._tools.clock.monotonic() + config.lifetimes.lease_s
        batch = await self._queue.take_over(config.owner, nonces, config.lifetimes.store_lease_s)
        self._unanswered = ()
        await asyncio.gather(*(self._settle_safely(snapshot, until) for snapshot in batch))
        return len(batch)

    async def _settle_safely(self, snapshot: Snapshot, until: float) -> None:
        # What could not be settled is taken over again when this lease runs out.
        with survived(f"settle task {snapshot.task_id}, which was taken over"):
            await self._settle(snapshot, until)

    async def _settle(self, snapshot: Snapshot, until: float) -> None:
        task = snapshot.task
        assert task is not None
        assert task.lease is not None
        lease = task.lease
        log.warning("task taken over", extra={**about(task), "status": str(task.status)})
        self._tools.meter.taken_over()
        if await self._dispatcher.go_on(task, until):
            return
        execution = await self._find_again(task, until)
        if execution is not None:
            self._dispatcher.adopt(Attempt(snapshot, lease, until, self._tools, execution))
            return
        if self._may_still_be_started(task):
            await self._start_once_more(snapshot, lease, until)
            return
        await self._tools.ledger.change(snapshot, lambda now, at: self._give_up(now, lease, at))

    async def _find_again(self, task: Task, until: float) -> Execution | None:
        if not task.is_attempted or not self._tools.executor.outlives_us:
            return None  # what an attempt before left behind has ended
        return await self._tools.executor.attach(work_order(task), until)

    def _may_still_be_started(self, task: Task) -> bool:
        """Whether the lost owner's start may still arrive where the work is done.

        Another attempt could then be at work beside it. The same attempt, started once more, is the same work.
        """
        return self._tools.executor.outlives_us and task.status is TaskStatus.DISPATCHING and task.is_attempted

    async def _start_once_more(self, snapshot: Snapshot, lease: Lease, until: float) -> None:
        # An attempt of this very process may have gone on under the lease and have ended since. Only a read shows that,
        # for to open what is open already writes nothing.
        standing = await self._tools.ledger.load(snapshot.task_id)
        if standing.task is not None and standing.task.is_held_under(lease.token):
            self._dispatcher.adopt(Attempt(standing, lease, until, self._tools))

    def _give_up(self, snapshot: Snapshot, lease: Lease, at: datetime) -> Task | None:
        task = snapshot.task
        if task is None or not task.is_held_under(lease.token):
            return None  # somebody else has taken it meanwhile
        is_repeatable = self._tools.executor.is_repeatable(task.service)
        return lose_work(task, lease.token, SCHEDULER_LOST, at, is_repeatable=is_repeatable)
