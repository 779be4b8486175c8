"""What users and operators do in a run: they create, cancel and delete tasks, change priorities and block users."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from domain.values import Priority
from tests.frontend.standin import Frontend, History, RecordMissing, SchedulerUnavailable
from tests.simulation.decisions import Decisions, Weights
from tests.simulation.operators import Operators
from tests.simulation.records import FrontendRecords
from tests.simulation.service import ServiceAddress
from tests.simulation.world import World

MOST_TASKS = 12
USERS = ("alice", "bob", "carol")
SERVICES = ("sync", "cp", "rm", "unknown")
SERVICE = Weights([4.0, 3.0, 2.0, 0.3])
ACTS = ("", "cancel", "delete", "cancel twice")
ACT = Weights([5.0, 2.0, 1.0, 0.5])
LATEST_S = 10.0
QUARTERS = 40


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to become of one task."""

    number: int
    at_s: float
    user_id: str
    service: str
    priority: Priority
    act: str
    act_after_s: float
    new_priority: Priority | None
    new_priority_after_s: float

    @classmethod
    def of(cls, decisions: Decisions, number: int) -> Wish | None:
        """Decide; None where there is no such task."""

        def ask(question: str, count: int) -> int:
            return decisions.number(f"task {number}: {question}", count)

        if number > 0 and ask("exists", 3) == 0:
            return None
        change = ask("new priority", 8)
        return cls(
            number,
            at_s=ask("created at", QUARTERS) * LATEST_S / QUARTERS,
            user_id=USERS[ask("user", len(USERS))],
            service=SERVICES[decisions.weigh(f"task {number}: service", SERVICE)],
            priority=(Priority.LOW, Priority.LOW, Priority.HIGH)[ask("priority", 3)],
            act=ACTS[decisions.weigh(f"task {number}: act", ACT)],
            act_after_s=ask("act after", QUARTERS) * LATEST_S / QUARTERS / 2,
            new_priority={1: Priority.HIGH, 2: Priority.LOW}.get(change),
            new_priority_after_s=ask("new priority after", QUARTERS) * LATEST_S / QUARTERS / 2,
        )


@dataclass(slots=True)
class Made:
    """A task that was created."""

    wish: Wish
    task_id: str
    history: History
    unwanted: bool = False
    """Whether its user asked for its end."""


class Users:
    """Each wish is pursued by somebody of its own."""

    def __init__(
        self, world: World, frontends: Sequence[Frontend], service: ServiceAddress, records: FrontendRecords
    ) -> None:
        self.made: dict[int, Made] = {}
        self._world = world
        self._frontends = frontends
        self._service = service
        self._records = records
        self._operators = Operators(world, service)

    async def run(self) -> None:
        """Return when all have done what they wanted."""
        wishes = [Wish.of(self._world.decisions, number) for number in range(MOST_TASKS)]
        async with asyncio.TaskGroup() as group:
            for wish in wishes:
                if wish is not None:
                    group.create_task(self._pursue(wish))
            group.create_task(self._block())

    async def _pursue(self, wish: Wish) -> None:
        await asyncio.sleep(wish.at_s)
        frontend = self._frontends[wish.number % len(self._frontends)]
        parameters = {"number": str(wish.number)}
        self._records.next_number = wish.number + 1
        task_id = await frontend.register(wish.service, wish.user_id, parameters, str(wish.priority))
        if any(made.task_id == task_id for made in self.made.values()):
            self._world.judge.reused_ids.add(task_id)
        made = self.made[wish.number] = Made(wish, task_id, self._world.journal.histories[task_id])
        frontend.submit(task_id)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._act(frontend, made))
            group.create_task(self._change_priority(made))
            group.create_task(self._operators.attend(made.task_id, wish.number, frontend))

    async def _act(self, frontend: Frontend, made: Made) -> None:
        if not made.wish.act:
            return
        await asyncio.sleep(made.wish.act_after_s)
        made.unwanted = True
        with suppress(RecordMissing):
            if made.wish.act == "delete":
                await frontend.delete(made.task_id)
            else:
                await frontend.cancel(made.task_id)
            if made.wish.act == "cancel twice":
                await frontend.cancel(made.task_id)

    async def _change_priority(self, made: Made) -> None:
        if made.wish.new_priority is None:
            return
        await asyncio.sleep(made.wish.new_priority_after_s)
        with suppress(SchedulerUnavailable):
            await self._service.change_priority(made.task_id, made.wish.new_priority)

    async def _block(self) -> None:
        ask = self._world.decisions.number
        if ask("operator: blocks", 3) != 1:
            return
        user_id = USERS[ask("operator: blocks whom", len(USERS))]
        for blocked in (True, False):
            await asyncio.sleep(ask(f"operator: sets {blocked} after", QUARTERS) * LATEST_S / QUARTERS / 2)
            with suppress(SchedulerUnavailable):
                await self._service.block(user_id, blocked)
