"""Sampled crowds at several frontends and replicas: whoever overtakes whom, every record is right in the end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import pytest

from application.settings import Lifetimes, SchedulerConfig
from domain.dispatch import Limits
from domain.execution import Failed, Outcome, WorkOrder
from domain.retry import RetryPolicy
from tests.frontend.interleaving import Choices, Interleaver, sample
from tests.frontend.standin import Frontend, a_mix, crowd
from tests.frontend.standin.lag import Choose
from tests.races.lossy import never
from tests.races.mixes import a_wild_mix
from tests.races.stage import PATIENCE_S, UNSEEN, Stage, stage
from tests.races.work import Fate, succeeds

TASKS, CONCURRENCY, FRONTENDS = 20, 6, 2
NO_LIMITS = Limits()
ALL_END_WITHIN_S = 1000.0
LOOK_S = 1.0


def often_fails(order: WorkOrder) -> Outcome:
    """Work fails twice for a while, or once for good, or not at all: a task's number decides."""
    kind = int(order.task_id) % 4
    if kind == 1 and order.attempt <= 2:
        return Failed("the network is away", transient=True)
    if kind == 2:
        return Failed("no such path")
    return succeeds(order)


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """Many users with a task each."""

    behaviour: Callable[[Frontend, int], Awaitable[str]] = a_mix
    replicas: int = 1
    fate: Fate = succeeds
    impatient: bool = False
    lag: int = 0
    prompt: bool = True
    limits: Limits = NO_LIMITS
    lossy: bool = False
    """Whether one in eight answers of the store gets lost."""
    time_jumps: int = 0
    """How often time may pass although somebody could go on: what is due then happens in the midst of it all."""

    def __call__(self, choices: Choices) -> list[str]:
        """Run it once; return what was wrong in the end."""
        driver = Interleaver(choices, ignored=UNSEEN, time_jumps=self.time_jumps)
        return driver.run(self._story(driver, choices))

    async def _story(self, driver: Interleaver, choices: Choices) -> list[str]:
        lifetimes = replace(Lifetimes(), gather_s=0.0, settle_s=0.0 if self.prompt else Lifetimes().settle_s)
        configs = [
            SchedulerConfig(f"r{number + 1}", 4, self.limits, retry=RetryPolicy(base_s=0.5), lifetimes=lifetimes)
            for number in range(self.replicas)
        ]
        async with stage(
            driver,
            choices,
            configs,
            frontends=FRONTENDS,
            fate=self.fate,
            impatient=self.impatient,
            lag=self.lag,
            choose_lag=_seldom(choices),
            # Time that passes while an owner is held up may be longer than its lease.
            outcomes_get_lost=self.time_jumps > 0,
            loses=(lambda: choices.choose(8, "whether an answer gets lost") == 1) if self.lossy else never,
        ) as at:
            ids = await crowd(at.frontends, TASKS, CONCURRENCY, self.behaviour)
            await at.settled()
            driver.jump_no_more()  # what happens within a time can be judged only where nobody is held up for ever
            await asyncio.sleep(PATIENCE_S)
            wrong = [f"early: task {task_id}: {each}" for task_id in ids for each in at.case(task_id).untruths()]
            await self._all_have_ended(at, ids)
            wrong += [f"task {task_id}: {each}" for task_id in ids for each in at.case(task_id).wrongs()]
            return wrong + at.log.faults

    async def _all_have_ended(self, at: Stage, ids: list[str]) -> None:
        """Wait, in virtual time, until nothing is at work any more; a task that never ends is found by the judge."""
        for _ in range(int(ALL_END_WITHIN_S / LOOK_S)):
            if all(task is None or task.is_terminal for task in map(at.task, ids)):
                return
            await asyncio.sleep(LOOK_S)


def _seldom(choices: Choices) -> Choose:
    """Most reads show the newest version: a frontend that never sees its own task submits nothing."""

    def choose(count: int, about: str) -> int:
        return choices.choose(count, about) if count > 1 and choices.choose(4, f"whether {about}") == 1 else 0

    return choose


CROWDS = {
    "a mix": Crowd(),
    "a mix, records looked at in batches": Crowd(prompt=False),
    "many cancels and deletes": Crowd(behaviour=a_wild_mix),
    "a read endpoint that lags": Crowd(behaviour=a_wild_mix, lag=3),
    "calls that time out": Crowd(behaviour=a_wild_mix, impatient=True),
    "two replicas": Crowd(behaviour=a_wild_mix, replicas=2),
    "work that fails": Crowd(behaviour=a_wild_mix, replicas=2, fate=often_fails),
    "answers of the store that get lost": Crowd(behaviour=a_wild_mix, replicas=2, lossy=True),
    "limits": Crowd(replicas=2, limits=Limits(per_user=1, every_service=3)),
    "all of it": Crowd(
        behaviour=a_wild_mix,
        replicas=2,
        fate=often_fails,
        impatient=True,
        lag=2,
        limits=Limits(per_user=2, every_service=5),
        time_jumps=200,
    ),
}


@pytest.mark.parametrize("name", CROWDS)
@pytest.mark.parametrize("seeds", [range(8), pytest.param(range(8, 60), marks=pytest.mark.slow)])
def test_every_record_is_right_and_no_work_is_done_twice(name: str, seeds: range) -> None:
    def run(choices: Choices) -> None:
        wrong = CROWDS[name](choices)
        assert not wrong, "\n".join(wrong)

    assert sum(1 for _ in sample(run, seeds)) == len(seeds)
