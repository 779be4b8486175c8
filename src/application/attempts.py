"""One claimed task in the hands of this process: dispatch, run, report, and bring its outcome home."""

from __future__ import annotations

import asyncio
import logging
from functools import partial

from application.bookkeeping import Bookkeeping
from application.happenings import Happenings, Started, outcome_of
from application.held_task import HeldTask
from application.tools import Tools
from domain.errors import StaleLease
from domain.execution import Failed, LeaseLapsed, Stopped, work_order
from domain.ports import Execution, ExecutorUnavailable, Snapshot
from domain.task import Task
from domain.values import Lease, TaskStatus

log = logging.getLogger(__name__)


LOOK_AGAIN_S = 0.5
"""Pause before work that was lost sight of is looked for, at first; it doubles each time."""
MOST_LOOK_AGAIN_S = 10.0
MOST_SIGHTS = 10
"""How often work may be lost sight of. Then this owner lets go of it, and leaves it to the next one."""


class Attempt:
    """Runs one task under one lease.

    What happens to the work is collected and written in batches: an outcome that is there when the start is
    written goes into the same commit, so a quick task costs one round trip less. Once the lease is lost, the work
    is stopped and nothing more is written.
    """

    def __init__(
        self, snapshot: Snapshot, lease: Lease, until: float, tools: Tools, execution: Execution | None = None
    ) -> None:
        """``until`` is when the lease ends, by the monotonic clock; ``execution`` is work that was found again."""
        self._held = HeldTask(snapshot, lease, tools)
        self._books = Bookkeeping(self._held, tools)
        self._until = until
        self._tools = tools
        self._execution = execution
        self._priority = self.task.priority
        self._happenings = Happenings(tools.clock, tools.config.lifetimes.report_s)
        self._broken: Exception | None = None
        """Why the work, which outlives us, cannot be followed from here."""
        self._stopping = False
        self._detaching = False
        self._started = asyncio.Event()
        """Whether the executor has answered that the work is at work, or why not."""

    @property
    def task(self) -> Task:
        """The ledger as this owner last wrote it."""
        return self._held.task

    @property
    def task_id(self) -> str:
        """The task that is worked on."""
        return self.task.task_id

    @property
    def lease(self) -> Lease:
        """The lease under which it is."""
        return self._held.lease

    @property
    def about(self) -> dict[str, str]:
        """What every log line about this attempt carries."""
        return self._held.about

    async def run(self) -> None:
        """Return when the outcome is stored, the work was let go, or the lease is lost and the work has stopped."""
        try:
            if self._execution is None:
                await self._held.change(self._books.open)
            elif self.task.status is TaskStatus.CANCEL_REQUESTED:
                await self._ask_to_stop()  # whoever had this work may have died before it heard of the cancel
        except StaleLease:
            log.warning("lease lost before the work began", extra=self.about)
            return
        if not self._held.is_ours(self.task):
            return
        follower = asyncio.create_task(self._follow(), name=f"follow task {self.task_id}")
        try:
            await self._bring_home()
            log.info("attempt over", extra={**self.about, "status": str(self.task.status)})
        except StaleLease:
            if self._held.goes_on_elsewhere:
                await self._let_go()
                log.warning("lease lost, the work was left to its new owner", extra=self.about)
                return
            await self._ask_to_stop()
            await follower
            log.warning("lease lost, the work was stopped", extra=self.about)
        except Exception:
            if self._tools.executor.outlives_us:
                await self._let_go()  # whoever takes the task over brings it home
                raise
            # Work that nobody brings home must not go on.
            await self._ask_to_stop()
            await follower
            raise
        finally:
            follower.cancel()

    # --- what others tell --------------------------------------------------------------------------------------

    async def see(self, task: Task | None) -> None:
        """Take in the ledger as somebody read it: a cancel, another priority, or a lease that is not ours."""
        if task is None or not self._held.is_ours(task):
            # That read may be older than our claim; one that begins now is not.
            await self.look_again()
        elif task.status is TaskStatus.CANCEL_REQUESTED:
            self._books.saw_cancel = True
            await self._ask_to_stop()
        elif task.priority is not self._priority and self._execution is not None:
            self._priority = task.priority
            await self._execution.change_priority(task.priority)

    async def look_again(self) -> None:
        """The lease seems to be somebody else's: look, and stop the work if it is. Raises StoreUnavailable."""
        if not await self._held.look_again():
            self.lose()

    async def renewed(self, until: float) -> None:
        """The lease holds until then; local work is told, or it would stop by itself."""
        self._until = until
        if self._execution is not None:
            await self._execution.extend(until)

    def lose(self, found: Task | None = None) -> None:
        """The lease is another one now; ``found`` is the ledger that says so, where it was seen."""
        self._held.lose(found)
        self._happenings.hurry()

    async def go_on_under(self, task: Task, until: float) -> bool:
        """Go on under the lease by which this process took the task over, and say whether that is possible."""
        if not self._held.go_on_under(task):
            return False
        await self.renewed(until)
        return True

    async def hand_back(self, reason: str) -> None:
        """Stop the work and give the task back to the queue, where it keeps its place."""
        self._books.leaves_because = reason
        await self._ask_to_stop()

    async def detach(self, reason: str) -> None:
        """Let go of the work without stopping it, so that another replica finds it again.

        Work that is being started is let go of when it has started: nobody could find it before. Work that was not
        begun yet is given back to the queue.
        """
        self._books.leaves_because = reason
        self._detaching = True
        self._happenings.hurry()

    # --- the work ----------------------------------------------------------------------------------------------

    async def _follow(self) -> None:
        try:
            await self._follow_to_the_end()
        except Exception as error:
            log.exception("the executor broke", extra=self.about)
            if self._tools.executor.outlives_us:
                self._broken = error
                return
            await self._stop_if_possible()
            self._happenings.add(Failed(f"the executor broke: {type(error).__name__}: {error}"))
        finally:
            self._started.set()
            self._happenings.add(Failed("the executor never told how the work ended"))

    async def _follow_to_the_end(self) -> None:
        for tries_left in reversed(range(MOST_SIGHTS)):
            try:
                if self._execution is not None or await self._start():
                    await self._hear()
                return
            except Exception as error:
                # Work that outlives us is still there, or may be: it is no failure that we have lost sight of it.
                if not self._tools.executor.outlives_us or not tries_left:
                    raise
                log.warning("work is looked for again", extra={**self.about, "reason": str(error)})
            was_there = self._execution is not None
            self._execution = await self._find_again()
            if was_there and self._execution is None:
                self._happenings.add(Failed("its work is no longer there"))
                return

    async def _find_again(self) -> Execution | None:
        """Return the work where it is there, as soon as the executor says whether it is."""
        self._started.set()
        pause_s = LOOK_AGAIN_S
        while True:
            await self._tools.clock.sleep(pause_s)
            try:
                return await self._tools.executor.attach(work_order(self.task), self._until)
            except ExecutorUnavailable as error:
                log.warning("waiting for the executor", extra={**self.about, "reason": str(error)})
                pause_s = min(2 * pause_s, MOST_LOOK_AGAIN_S)

    async def _start(self) -> bool:
        """Start the work, and say whether there is anything to follow."""
        if self._stopping:
            self._happenings.add(Stopped())
            return False
        begun = await self._tools.executor.start(work_order(self.task), self._until)
        if isinstance(begun, Failed | LeaseLapsed):
            self._happenings.add(begun)
            return False
        self._execution = begun
        await begun.extend(self._until)  # it may have been renewed while the work was being started
        return True

    async def _hear(self) -> None:
        assert self._execution is not None
        self._started.set()
        self._happenings.add(Started(self._execution.name))
        if self._stopping:
            await self._execution.stop()
        async for told in self._execution.reports():
            self._happenings.add(told)

    async def _let_go(self) -> None:
        await self._started.wait()
        if self._execution is not None:
            await self._execution.detach()

    async def _ask_to_stop(self) -> None:
        self._stopping = True
        if self._execution is not None:
            await self._execution.stop()

    async def _stop_if_possible(self) -> None:
        try:
            await self._ask_to_stop()
        except Exception:
            log.exception("the executor could not stop the work", extra=self.about)

    async def _bring_home(self) -> None:
        while True:
            await self._happenings.due()
            if self._held.is_lost:
                raise StaleLease(self.task_id)
            if self._broken is not None:
                raise self._broken
            if self._detaching and self._execution is not None:
                await self._let_go()
                return
            batch = self._happenings.take()
            await self._held.change(partial(self._books.write, batch))
            if outcome_of(batch) is not None:
                return
