"""One process of the service, from its start to its end: the real replica behind the real front desk."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from dishka import AsyncContainer

from application.blocks import SetBlock
from application.operator_cancel import CancelByOperator
from application.priority import ChangePriority
from application.retry import RetryTask
from application.scheduler import Scheduler
from entrypoints.http.frontdesk import FrontDesk
from entrypoints.http.patience import Patience
from tests.frontend.standin import Answer, SchedulerUnavailable
from tests.simulation.loop import Life
from tests.simulation.machine import Machine, compose
from tests.simulation.world import World

DRAIN_S = 3.0
"""So long a server that shuts down waits for requests that are under way."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What requests need of a process."""

    front: FrontDesk
    priority: ChangePriority
    blocks: SetBlock
    retry: RetryTask
    stop: CancelByOperator
    patience: Patience

    @classmethod
    async def of(cls, container: AsyncContainer) -> Desk:
        """Return that of the process that was composed so."""
        return cls(
            await container.get(FrontDesk),
            await container.get(ChangePriority),
            await container.get(SetBlock),
            await container.get(RetryTask),
            await container.get(CancelByOperator),
            await container.get(Patience),
        )


Handler = Callable[[Desk], Awaitable[Answer]]


class Process:
    """It serves from when its scheduler runs until it is told to end or dies."""

    def __init__(self, world: World, life: Life) -> None:
        self.life = life
        self.machine: Machine = world.machine(life)
        self._world = world
        self._desk: Desk | None = None
        self._calls: dict[asyncio.Future[Answer], None] = {}
        """In the order in which they came, for that of a set differs from run to run."""
        self._told_to_end = asyncio.Event()
        life.at_death.append(self._break_connections)
        world.story.tell(life.name, "starts")
        world.loop.create_task(self._run(), name=life.name, context=life.context)

    def terminate(self) -> None:
        """SIGTERM."""
        self._world.story.tell(self.life.name, "IS TOLD TO END")
        self.life.troubled_at.append(math.inf)
        self._told_to_end.set()

    def take(self, handler: Handler) -> asyncio.Future[Answer]:
        """Take a request. The answer raises SchedulerUnavailable where nobody listens, or when the process dies."""
        answer: asyncio.Future[Answer] = self._world.loop.create_future()
        if self._desk is None or self.life.is_dead:
            answer.set_exception(SchedulerUnavailable("connection refused"))
            return answer
        self._calls[answer] = None
        self._world.loop.create_task(self._answer(handler, self._desk, answer), context=self.life.context)
        return answer

    async def _run(self) -> None:
        container = compose(self.machine)
        scheduler = await container.get(Scheduler)
        async with scheduler.running():
            self._desk = await Desk.of(container)
            await self._told_to_end.wait()
            if self._calls:
                await asyncio.wait(list(self._calls), timeout=DRAIN_S)
            self._desk = None
        self._world.story.tell(self.life.name, "ends in order")
        self._world.loop.kill(self.life)

    async def _answer(self, handler: Handler, desk: Desk, answer: asyncio.Future[Answer]) -> None:
        try:
            result = await handler(desk)
        except Exception as error:
            self._world.judge.fault("a request broke", repr(error))
            result = Answer(500)
        finally:
            self._calls.pop(answer, None)
        if not answer.done():
            answer.set_result(result)

    def _break_connections(self) -> None:
        calls, self._calls = self._calls, {}
        for answer in calls:
            if not answer.done():
                answer.set_exception(SchedulerUnavailable("the connection broke"))
