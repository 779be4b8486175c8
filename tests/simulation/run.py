"""One run: a storm in which everything may go wrong, then calm, and the judgement."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass

from tests.frontend.standin import Frontend
from tests.simulation.decisions import Decisions
from tests.simulation.endings import untruths, wrongs_of_end
from tests.simulation.faults import Fault
from tests.simulation.logged import errors_told
from tests.simulation.loop import SimulationLoop
from tests.simulation.mishaps import STORM_S, Mishaps
from tests.simulation.records import FrontendRecords, FrontendSteps
from tests.simulation.service import ServiceAddress
from tests.simulation.story import Story
from tests.simulation.users import Users
from tests.simulation.world import World

FRONTENDS = 2
LOOK_S = 0.5
TRUE_WITHIN_S = 2.0
"""So long after the frontend's last write each record must tell the truth (contract §4)."""
SETTLED_WITHIN_S = 12.0
"""So long after the storm its last waits, time-outs and backoffs may take."""
FAR_S = 10.0
"""No retry is so far away unless the clock that set it was wrong."""
MOST_CALM_S = 150.0


@dataclass(frozen=True, slots=True)
class Result:
    """What a run came to."""

    faults: tuple[Fault, ...]
    decisions: dict[str, int]
    """Those that were not plain."""
    story: tuple[str, ...]
    seconds: float
    """Virtual time that passed."""


def simulate(decisions: Decisions, seed: int, *, tell: bool = False) -> Result:
    """Do a run. ``seed`` says how likely faults are; with ``tell`` the result holds the story."""
    loop = SimulationLoop()  # type: ignore[abstract]
    story = Story(loop, wanted=tell)
    runs: list[_Run] = []

    async def main() -> None:
        runs.append(_Run(World(loop, decisions, seed, story), seed))
        await runs[0].main()

    with errors_told(lambda rule, detail: runs[0].world.judge.fault(rule, detail) if not loop.is_over else None):
        loop.run(main())
    faults = [*runs[0].world.judge.faults]
    faults += [Fault("a callback crashed", str(crash), loop.time()) for crash in loop.crashes]
    faults += [Fault("a task crashed", repr(error), loop.time()) for error in loop.unheard_of_errors()]
    return Result(tuple(faults), decisions.made, tuple(story.lines), loop.time())


class _Run:
    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self._records = FrontendRecords(world)
        self._mishaps = Mishaps(world, seed)
        self._service = ServiceAddress(world, self._mishaps.processes)
        world.at_fail_over.append(self._records.forget_versions)

    async def main(self) -> None:
        """End with the first fault."""
        body = asyncio.ensure_future(self._body())
        await asyncio.wait({body, self.world.judge.alarm}, return_when=asyncio.FIRST_COMPLETED)
        if body.done():
            body.result()
        else:
            body.cancel()

    async def _body(self) -> None:
        async with AsyncExitStack() as stack:
            frontends = [
                await stack.enter_async_context(
                    Frontend(
                        self._records,
                        self._service,
                        clock=self.world.frontend_clock,
                        journal=self.world.journal,
                        steps=FrontendSteps(self.world, f"frontend {number}"),
                    )
                )
                for number in range(1, FRONTENDS + 1)
            ]
            self._mishaps.begin()
            users = Users(self.world, frontends, self._service, self._records)
            done = asyncio.ensure_future(users.run())
            await asyncio.sleep(STORM_S)
            await self._mishaps.end()
            await done
            for frontend in frontends:
                await frontend.settled()
            await self._calm(users)

    async def _calm(self, users: Users) -> None:
        judge, began_s = self.world.judge, self.world.loop.time()
        await asyncio.sleep(SETTLED_WITHIN_S)
        for rule, detail in untruths(self.world, users, self._records):
            judge.fault(rule, detail)
        while self.world.loop.time() < began_s + MOST_CALM_S:
            if all(task.is_terminal for task in judge.tasks.values()):
                break
            await asyncio.sleep(LOOK_S)
            self._skip_far_retries()
        await asyncio.sleep(TRUE_WITHIN_S)
        for rule, detail in wrongs_of_end(self.world, users, self._records):
            judge.fault(rule, detail)

    def _skip_far_retries(self) -> None:
        """A clock that was hours ahead may have set a retry hours ahead: it comes then, and not before."""
        live = [task for task in self.world.judge.tasks.values() if not task.is_terminal]
        now = self.world.server_clock.now()
        if live and all(task.is_waiting and task.retry_at is not None and task.retry_at > now for task in live):
            first = min(task.retry_at for task in live if task.retry_at is not None)
            if (first - now).total_seconds() > FAR_S:
                self._mishaps.let_time_pass((first - now).total_seconds())
