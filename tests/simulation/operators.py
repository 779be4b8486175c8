"""Operators who run ended tasks again and stop others, at moments that are bad for it."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from domain.operators import SHARED_NAME, Decision
from tests.frontend.standin import Frontend, RecordMissing, SchedulerUnavailable
from tests.simulation.decisions import Weights
from tests.simulation.service import ServiceAddress
from tests.simulation.world import World

DEEDS = (
    (),
    ("retry",),
    ("retry", "retry"),
    ("cancel",),
    ("cancel", "retry"),
    ("retry", "cancel"),
    ("retry", "user cancels"),
    ("user cancels", "retry"),
)
"""What is asked for, the second thing not waiting for the answer to the first."""
DEED = Weights([10.0, 4.0, 2.0, 1.0, 4.0, 1.0, 1.0, 1.0])
MOST_DEEDS = 3
"""With one task."""
OCCASIONS = ("its end", "a fail-over", "any time")
OCCASION = Weights([5.0, 5.0, 2.0])
WAITS_AT_MOST_S = 4.0
"""For an end; one that does not come in this time is not waited for."""
BEFORE_S = (0.05, 0.3, 1.0)
"""So long before a fail-over comes what is done about it, or lost with it."""
AFTER_S = (0.0, 0.002, 0.02, 0.3, 1.0, 3.0)
BETWEEN_S = (0.0, 0.001, 0.05, 0.5)
BY = (Decision(SHARED_NAME), Decision("kim"))
"""Who asks for the first thing, and who for the second. So the same words come again, but not at the same instant."""


class Operators:
    """Each task has one of its own, who may not care for it at all."""

    def __init__(self, world: World, service: ServiceAddress) -> None:
        self._world = world
        self._service = service

    async def attend(self, task_id: str, number: int, frontend: Frontend) -> None:
        """Do with a task whatever is to be done; ``frontend`` is where its user is."""
        for place in range(MOST_DEEDS):
            question = f"operator of {number}: deed {place}"
            deed = DEEDS[self._world.decisions.weigh(question, DEED)]
            if not deed:
                return
            await self._wait_for_occasion(question, task_id)
            between_s = BETWEEN_S[self._world.decisions.number(f"{question}: between", len(BETWEEN_S))]
            async with asyncio.TaskGroup() as group:
                for what, by in zip(deed, BY, strict=False):
                    self._world.story.tell("OPERATOR", f"{what}: task {task_id}")
                    group.create_task(self._do(what, task_id, by, frontend))
                    await asyncio.sleep(between_s)

    async def _wait_for_occasion(self, question: str, task_id: str) -> None:
        decisions = self._world.decisions
        occasion = OCCASIONS[decisions.weigh(f"{question}: occasion", OCCASION)]
        fail_over_in_s = self._next_fail_over_in_s()
        if occasion == "a fail-over" and fail_over_in_s is not None:
            before_s = BEFORE_S[decisions.number(f"{question}: before", len(BEFORE_S))]
            await asyncio.sleep(fail_over_in_s - before_s)
        elif occasion != "any time":
            ended = self._world.judge.generations.next_end(task_id)
            await asyncio.wait({ended}, timeout=WAITS_AT_MOST_S)
        await asyncio.sleep(AFTER_S[decisions.number(f"{question}: after", len(AFTER_S))])

    async def _do(self, what: str, task_id: str, by: Decision, frontend: Frontend) -> None:
        with suppress(SchedulerUnavailable, RecordMissing):
            match what:
                case "retry":
                    await self._service.retry(task_id, by)
                case "cancel":
                    await self._service.stop(task_id, by)
                case "user cancels":
                    await frontend.cancel(task_id)

    def _next_fail_over_in_s(self) -> float | None:
        now = self._world.loop.time()
        return min((at - now for at in self._world.fail_overs_due if at > now), default=None)
