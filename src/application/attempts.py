"""One claimed task in the hands of this process: dispatch, run, report, and bring its outcome home."""

from __future__ import annotations

import asyncio
import logging
from functools import partial

from application.bookkeeping import Bookkeeping
from application.happenings import Happenings, outcome_of
from application.held_task import HeldTask
from application.tools import Tools
from application.work import Work
from domain.errors import StaleLease
from domain.ports import Execution, Snapshot
from domain.task import Task
from domain.values import Lease, TaskStatus

log = logging.getLogger(__name__)


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
        self.task_id = snapshot.task_id
        """The task that is worked on."""
        self._held = HeldTask(snapshot, lease, tools)
        self.about = self._held.about
        """What every log line about this attempt carries."""
        self._books = Bookkeeping(self._held, tools)
        self._tools = tools
        self._happenings = Happenings(tools.clock, tools.config.lifetimes.report_s)
        self._work = Work(self._held, until, tools, self._happenings, execution)
        self._detaching = False

    @property
    def task(self) -> Task:
        """The ledger as this owner last wrote it."""
        return self._held.task

    @property
    def lease(self) -> Lease:
        """The lease under which it is."""
        return self._held.lease

    async def run(self) -> None:
        """Return when the outcome is stored, the work was let go, or the lease is lost and the work has stopped."""
        try:
            if not self._work.is_begun:
                await self._held.change(self._books.open)
            elif self._held.task.status is TaskStatus.CANCEL_REQUESTED:
                await self._work.stop()  # whoever had this work may have died before it heard of the cancel
        except StaleLease:
            log.warning("lease lost before the work began", extra=self.about)
            return
        if not self._held.is_ours(self._held.task):
            return
        follower = asyncio.create_task(self._work.follow(), name=f"follow task {self.task_id}")
        try:
            await self._bring_home()
            log.info("attempt over", extra={**self.about, "status": str(self._held.task.status)})
        except StaleLease:
            if self._held.goes_on_elsewhere:
                await self._work.let_go()
                log.warning("lease lost, the work was left to its new owner", extra=self.about)
                return
            await self._work.stop()
            await follower
            log.warning("lease lost, the work was stopped", extra=self.about)
        except Exception:
            if self._tools.executor.outlives_us:
                await self._work.let_go()  # whoever takes the task over brings it home
                raise
            # Work that nobody brings home must not go on.
            await self._work.stop()
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
            await self._work.stop()
        else:
            await self._work.change_priority(task.priority)

    async def look_again(self) -> None:
        """The lease seems to be somebody else's: look, and stop the work if it is. Raises StoreUnavailable."""
        if not await self._held.look_again():
            self.lose()

    async def renewed(self, until: float) -> None:
        """The lease holds until then; local work is told, or it would stop by itself."""
        await self._work.renewed(until)

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
        await self._work.stop()

    async def detach(self, reason: str) -> None:
        """Let go of the work without stopping it, so that another replica finds it again.

        Work that is being started is let go of when it has started: nobody could find it before. Work that was not
        begun yet is given back to the queue.
        """
        self._books.leaves_because = reason
        self._detaching = True
        self._happenings.hurry()

    # --- the work ----------------------------------------------------------------------------------------------

    async def _bring_home(self) -> None:
        while True:
            await self._happenings.due()
            if self._held.is_lost:
                raise StaleLease(self.task_id)
            if self._work.broken is not None:
                raise self._work.broken
            if self._detaching and self._work.is_begun:
                await self._work.let_go()
                return
            batch = self._happenings.take()
            await self._held.change(partial(self._books.write, batch))
            if outcome_of(batch) is not None:
                return
