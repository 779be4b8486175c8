"""An attempt's work, as the executor tells of it: started, followed, stopped, let go of, and looked for again."""

from __future__ import annotations

import asyncio
import logging

from application.happenings import Happenings, Started
from application.held_task import HeldTask
from application.tools import Tools
from domain.execution import Failed, LeaseLapsed, Stopped, work_order
from domain.ports import Execution, ExecutorUnavailable
from domain.values import Priority

log = logging.getLogger(__name__)

LOOK_AGAIN_S = 0.5
"""Pause before work that was lost sight of is looked for, at first; it doubles each time."""
MOST_LOOK_AGAIN_S = 10.0
MOST_SIGHTS = 10
"""How often work may be lost sight of. Then this owner lets go of it, and leaves it to the next one."""

NEVER_TOLD = Failed("the executor never told how the work ended")


class Work:
    """Follows the work to its end and adds what happens to the happenings, an outcome last.

    Work that ends with us and cannot be followed is stopped, and has failed. Work that outlives us goes on although a
    connection breaks: it is looked for, and only where it is no longer there has it failed.
    """

    def __init__(
        self, held: HeldTask, until: float, tools: Tools, happenings: Happenings, execution: Execution | None
    ) -> None:
        """``until`` is when the lease ends, by the monotonic clock; ``execution`` is work that was found again."""
        self._held = held
        self._until = until
        self._tools = tools
        self._happenings = happenings
        self._execution = execution
        self._priority = held.task.priority
        self._stopping = False
        self._started = asyncio.Event()
        """Whether the executor has answered that the work is at work, or why not."""
        self.broken: Exception | None = None
        """Why the work, which outlives us, cannot be followed from here."""

    @property
    def is_begun(self) -> bool:
        """Whether there is work that is known to have been begun."""
        return self._execution is not None

    async def follow(self) -> None:
        """Start the work if that was not done, and follow it to its end."""
        try:
            await self._follow_to_the_end()
        except Exception as error:
            log.exception("the executor broke", extra=self._held.about)
            if self._tools.executor.outlives_us:
                self.broken = error
                return
            await self._stop_if_possible()
            self._happenings.add(Failed(f"the executor broke: {type(error).__name__}: {error}"))
        finally:
            self._started.set()
            self._happenings.add(NEVER_TOLD)  # which comes to nothing where it did tell

    async def stop(self) -> None:
        """Ask for its end; work that is being started is stopped when it has started."""
        self._stopping = True
        if self._execution is not None:
            await self._execution.stop()

    async def let_go(self) -> None:
        """Leave it to whoever finds it again."""
        await self._started.wait()
        if self._execution is not None:
            await self._execution.detach()

    async def renewed(self, until: float) -> None:
        """The lease holds until then; local work is told, or it would stop by itself."""
        self._until = until
        if self._execution is not None:
            await self._execution.extend(until)

    async def change_priority(self, priority: Priority) -> None:
        """Tell the executor of another priority, once there is work that may have it."""
        if priority is not self._priority and self._execution is not None:
            self._priority = priority
            await self._execution.change_priority(priority)

    async def _follow_to_the_end(self) -> None:
        for tries_left in reversed(range(MOST_SIGHTS)):
            try:
                if self._execution is not None or await self._start():
                    await self._hear()
                return
            except Exception as error:
                if not self._tools.executor.outlives_us or not tries_left:
                    raise
                log.warning("work is looked for again", extra={**self._held.about, "reason": str(error)})
            was_there = self._execution is not None
            self._execution = await self._find_again()
            if was_there and self._execution is None:
                self._happenings.add(Failed("its work is no longer there"))
                return

    async def _start(self) -> bool:
        """Start the work, and say whether there is anything to follow."""
        if self._stopping:
            self._happenings.add(Stopped())
            return False
        until = self._until
        begun = await self._tools.executor.start(work_order(self._held.task), until)
        if isinstance(begun, Failed | LeaseLapsed):
            self._happenings.add(begun)
            return False
        self._execution = begun
        if self._until != until:  # the lease was renewed while the work was being started
            await begun.extend(self._until)
        return True

    async def _hear(self) -> None:
        assert self._execution is not None
        self._started.set()
        self._happenings.add(Started(self._execution.name))
        if self._stopping:
            await self._execution.stop()
        async for told in self._execution.reports():
            self._happenings.add(told)

    async def _find_again(self) -> Execution | None:
        """Return the work where it is there, as soon as the executor says whether it is."""
        self._started.set()
        pause_s = LOOK_AGAIN_S
        while True:
            await self._tools.clock.sleep(pause_s)
            try:
                return await self._tools.executor.attach(work_order(self._held.task), self._until)
            except ExecutorUnavailable as error:
                log.warning("waiting for the executor", extra={**self._held.about, "reason": str(error)})
                pause_s = min(2 * pause_s, MOST_LOOK_AGAIN_S)

    async def _stop_if_possible(self) -> None:
        try:
            await self.stop()
        except Exception:
            log.exception("the executor could not stop the work", extra=self._held.about)
