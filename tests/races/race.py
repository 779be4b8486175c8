"""One task's race, from a fresh world to its judgement: for every series of choices the same question."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from application.settings import Lifetimes, SchedulerConfig
from domain.blocks import Block
from domain.errors import AlreadyEnded, NotRegistered
from domain.values import Priority
from tests.frontend.interleaving import Choices, Interleaver, explore
from tests.frontend.standin import FrontendRecord, RecordMissing, Step
from tests.races.stage import PATIENCE_S, UNSEEN, Stage, stage

HOUSEKEEPING = frozenset(f"{who}.{what}" for who in ("r1", "r2") for what in ("renew", "take_over", "list"))
"""What a replica does by the clock. No lease expires while actors are parked, so it changes nothing here."""

Actor = Callable[[Stage, str], Coroutine[Any, Any, None]]
"""Does something beside the submit of the task with this id."""


async def cancels(at: Stage, task_id: str) -> None:
    """The user cancels."""
    with suppress(RecordMissing):
        await at.frontends[0].cancel(task_id)


async def deletes(at: Stage, task_id: str) -> None:
    """The user deletes."""
    with suppress(RecordMissing):
        await at.frontends[0].delete(task_id)


async def raises_priority(at: Stage, task_id: str) -> None:
    """An operator gives the task a high priority."""
    with suppress(NotRegistered, AlreadyEnded):
        await at.replicas[-1].change_priority(task_id, Priority.HIGH)


async def blocks(at: Stage, task_id: str) -> None:
    """An operator keeps the user from submitting."""
    await at.driver.at(Step("operator.block"))
    await at.world.blocks.set_user("alice", Block())


AT_ONCE = frozenset({"r1.claim", "r2.claim", "work.starts"})
"""Steps that follow at once upon what leads to them, where orders are coarse."""


@dataclass(frozen=True)
class Orders:
    """Which orders of steps are tried."""

    most_preemptions: int | None = None
    """How often an actor that could go on may have to wait for another; None tries all orders that can matter."""
    coarse: bool = False
    """Whether claims and starts come at once: that leaves many more orders of all the rest to be tried."""

    def driver(self, choices: Choices) -> Interleaver:
        """Return a driver that tries these."""
        ignored = UNSEEN | HOUSEKEEPING | (AT_ONCE if self.coarse else frozenset())
        every = self.most_preemptions is None
        return Interleaver(choices, ignored=ignored, prune=every, preemptions=self.most_preemptions)


ALL = Orders()
ALL_COARSE = Orders(coarse=True)
NONE_WAITS = Orders(0)
FEW = Orders(1)
FEW_COARSE = Orders(1, coarse=True)
MANY_COARSE = Orders(2, coarse=True)


@dataclass(frozen=True)
class End:
    """How a race ended."""

    record: str
    """The record's status; empty where there is none."""
    ledger: str
    """The ledger's status; empty where there is none."""
    runs: int
    """How often the work began."""
    deleted: bool
    """Whether the user deleted the record."""
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Race:
    """A task is created and submitted, its work runs, and ``actors`` do as they do meanwhile."""

    orders: Orders = ALL
    actors: tuple[Actor, ...] = ()
    replicas: int = 1
    impatient: bool = False
    lag: int = 0
    prompt: bool = False
    """Whether records are looked at as soon as they change, so in the midst of it all; else after ``settle_s``."""

    def __call__(self, choices: Choices) -> End:
        """Run it once."""
        driver = self.orders.driver(choices)
        return driver.run(self._story(driver, choices))

    async def _story(self, driver: Interleaver, choices: Choices) -> End:
        # A claim that waits for company comes when the frontend has written all, and would meet no race.
        hasty = replace(Lifetimes(), gather_s=0.0)
        lifetimes = replace(hasty, settle_s=0.0) if self.prompt else hasty
        configs = [SchedulerConfig(f"r{number + 1}", lifetimes=lifetimes) for number in range(self.replicas)]
        async with stage(driver, choices, configs, workers=2, impatient=self.impatient, lag=self.lag) as at:
            task_id = await at.frontends[0].create()
            async with asyncio.TaskGroup() as group:
                for actor in self.actors:
                    group.create_task(actor(at, task_id))
            await at.settled()
            await asyncio.sleep(PATIENCE_S)
            return _end(at, task_id)


def _end(at: Stage, task_id: str) -> End:
    document, task = at.records.peek(task_id), at.task(task_id)
    return End(
        FrontendRecord.parse(document).status if document else "",
        str(task.status) if task else "",
        len(at.log.runs[task_id]),
        at.journal.histories[task_id].deleted,
        (*at.case(task_id).wrongs(), *at.log.faults),
    )


def ends_right(race: Race) -> Counter[End]:
    """How often each end comes, over all orders. Fails with the first that is wrong, and how to see it again."""

    def run(choices: Choices) -> End:
        end = race(choices)
        assert not end.wrong, end
        return end

    return Counter(explore(run))
