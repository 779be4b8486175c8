"""Giving free slots of this replica to waiting tasks, and keeping what it holds."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from application.attempts import Attempt
from application.ending import end_all
from application.nonces import fresh_nonces
from application.surviving import survived
from application.telling import tell_waits
from application.tools import Tools
from application.waiting import happens_within
from domain.errors import StaleLease
from domain.ports import DispatchQueue, StoreUnavailable
from domain.task import Task

log = logging.getLogger(__name__)

HAND_BACK_S = 5.0
"""How long a shutdown lets the store take to be told what has become of the work, besides the time for its end."""

LULL = 10
"""After so many gatherings without a claim, nothing more is expected to come right behind the next task."""


class Dispatcher:
    """Claims in the order of the dispatch policy while slots are free, and runs what it claimed.

    It asks the queue only when something may have changed: it was woken, a slot became free although more waited,
    or the poll time is over (a retry may have become due).
    """

    def __init__(self, queue: DispatchQueue, tools: Tools) -> None:
        self._queue = queue
        self._tools = tools
        self._config = tools.config
        self._attempts: dict[str, Attempt] = {}
        self._runs: dict[Attempt, asyncio.Task[None]] = {}
        self._told: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._now = asyncio.Event()
        """Whether a claim need wait for no company."""
        self._woken = 0
        """How often since the latest claim."""
        self._claimed_at = -math.inf
        """When the latest claim began, an instant of :meth:`Clock.monotonic`."""
        self._more_waits = True
        """Whether a slot that becomes free may be filled at once, as far as the latest claim has told."""
        self._claiming = True
        self._drained = False
        self._under_way = asyncio.Lock()
        self._unanswered: Sequence[str] = ()
        """The nonces of a claim whose answer got lost, if there was one: it is asked for again with the same ones."""

    def wake(self) -> None:
        """Something may be claimed."""
        self._woken += 1
        self._wake.set()
        if self._woken >= self._config.slots - len(self._attempts):
            self._now.set()

    def _wake_now(self) -> None:
        self._wake.set()
        self._now.set()

    async def _gather(self) -> None:
        """Wait a moment for more that may be claimed in the same breath.

        Not where it would fill all slots by now, nor after a lull: what comes alone need not wait for company.
        """
        clock, moment = self._tools.clock, self._config.lifetimes.gather_s
        is_alone = clock.monotonic() - self._claimed_at > LULL * moment
        if moment > 0 and not is_alone and not self._now.is_set():
            await happens_within(self._now, moment, clock)
        self._claimed_at = clock.monotonic()
        self._wake.clear()
        self._now.clear()
        self._woken = 0

    @property
    def attempts(self) -> Sequence[Attempt]:
        """What this process works on."""
        return tuple(self._attempts.values())

    @property
    def has_room(self) -> bool:
        """Whether a task that may run would be claimed here at once."""
        return self._may_claim and len(self._attempts) < self._config.slots

    @property
    def is_drained(self) -> bool:
        """Whether an operator holds the claims of this process back."""
        return self._drained

    def set_drained(self, drained: bool) -> None:
        """Claim nothing more, or go on claiming. What is at work goes on, and what is taken over is no claim."""
        self._drained = drained
        if not drained:
            self._wake_now()

    @property
    def _may_claim(self) -> bool:
        return self._claiming and not self._drained

    def see(self, task_id: str, task: Task | None) -> None:
        """Pass on a ledger that was read, if its task is in our hands."""
        attempt = self._attempts.get(task_id)
        if attempt is not None:
            telling = asyncio.create_task(self._tell(attempt, task))
            self._told.add(telling)
            telling.add_done_callback(self._told.discard)

    async def run(self) -> None:
        """Claim until cancelled."""
        poll = asyncio.create_task(self._poll())
        self._wake_now()  # what waited before this process began
        try:
            while self._claiming:
                await self._wake.wait()
                await self._gather()
                with survived("claim tasks"):
                    await self._fill_slots()
        finally:
            poll.cancel()

    async def shut_down(self) -> None:
        """Stop claiming, let short work end, then detach or hand back the rest. Never cancels a user's task.

        What cannot be settled in time (the store is away) is left to its lease, which then expires.
        """
        times = self._config.lifetimes
        self._claiming = False
        self._wake_now()
        async with self.taking_on():
            pass  # nothing is on its way any more
        await self._runs_end_within(times.shutdown_grace_s)
        leftover = self.attempts
        leave = Attempt.detach if self._tools.executor.outlives_us else Attempt.hand_back
        await asyncio.gather(*(leave(attempt, "the scheduler shuts down") for attempt in leftover))
        await self._runs_end_within(times.kill_grace_s + HAND_BACK_S)
        detached = [attempt for attempt in leftover if attempt not in self._runs]
        if self._tools.executor.outlives_us and detached:
            try:
                # A lease that ends now lets another replica take over at once.
                await self._queue.renew({attempt.task_id: attempt.lease for attempt in detached}, 0)
            except StoreUnavailable as error:
                log.warning("leases are left to expire", extra={"reason": str(error)})
        await end_all(self._runs.values())

    async def _runs_end_within(self, seconds: float) -> None:
        if not self._runs:
            return
        ended = asyncio.ensure_future(asyncio.wait(set(self._runs.values())))
        timer = asyncio.create_task(self._tools.clock.sleep(seconds))
        await asyncio.wait({ended, timer}, return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        timer.cancel()

    @asynccontextmanager
    async def taking_on(self) -> AsyncIterator[bool]:
        """Hold a shutdown up while tasks come into this process's hands, and tell whether they still may.

        What comes by then is handed back like the rest.
        """
        async with self._under_way:
            yield self._claiming

    async def go_on(self, task: Task, until: float) -> bool:
        """Let work of this process go on under the lease by which it took its own task over; False where none does."""
        attempt = self._attempts.get(task.task_id)
        return attempt is not None and await attempt.go_on_under(task, until)

    def adopt(self, attempt: Attempt) -> None:
        """Run an attempt in this process until it ends; work of ours under an older lease has stopped before."""
        older = self._attempts.get(attempt.task_id)
        self._attempts[attempt.task_id] = attempt
        run = asyncio.create_task(self._run_one(attempt, older), name=f"attempt at task {attempt.task_id}")
        self._runs[attempt] = run

    async def _fill_slots(self) -> None:
        while self._may_claim:
            free = self._config.slots - len(self._attempts)
            if free <= 0:
                self._more_waits = True  # for all that is known
                return
            async with self.taking_on() as may_take_on:
                if may_take_on and not self._drained:
                    await self._claim(free)
            if not self._more_waits:
                return

    async def _claim(self, slots: int) -> None:
        lifetimes = self._config.lifetimes
        nonces = self._unanswered = self._unanswered or fresh_nonces(slots, self._tools.entropy)
        until = self._tools.clock.monotonic() + lifetimes.lease_s
        try:
            claimed = await self._queue.claim(self._config.owner, nonces, self._config.limits, lifetimes.store_lease_s)
        except StoreUnavailable:
            self._more_waits = True
            raise
        self._unanswered = ()
        self._more_waits = len(claimed) == len(nonces)
        for snapshot in claimed:
            assert snapshot.task is not None
            assert snapshot.task.lease is not None
            self.adopt(Attempt(snapshot, snapshot.task.lease, until, self._tools))
        tell_waits(self._tools.meter, [snapshot.task for snapshot in claimed if snapshot.task], self._tools.clock)

    async def _run_one(self, attempt: Attempt, older: Attempt | None) -> None:
        try:
            if older is not None and (ending := self._runs.get(older)) is not None:
                older.lose(attempt.task)
                await asyncio.wait({ending})
            await attempt.run()
        except Exception:
            # The lease is no longer renewed, so the task is taken over: nothing accepted is lost.
            log.exception("an attempt broke", extra=attempt.about)
        finally:
            del self._runs[attempt]
            if self._attempts.get(attempt.task_id) is attempt:
                del self._attempts[attempt.task_id]
            if self._more_waits:
                self._wake_now()

    async def _tell(self, attempt: Attempt, task: Task | None) -> None:
        try:
            await attempt.see(task)
        except (StoreUnavailable, StaleLease) as error:
            log.warning("could not look at the lease", extra={**attempt.about, "reason": str(error)})

    async def _poll(self) -> None:
        while True:
            await self._tools.clock.sleep(self._config.lifetimes.poll_s)
            self._wake.set()
