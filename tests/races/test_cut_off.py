"""A replica that is cut off from the store while it works: no task has two works at once, and each ends right."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from application.settings import Lifetimes, SchedulerConfig
from domain.execution import WorkOrder
from tests.frontend.interleaving import Choices, Interleaver, sample
from tests.frontend.standin import crowd
from tests.races.outage import Outage
from tests.races.race import cancels, deletes
from tests.races.stage import PATIENCE_S, UNSEEN, stage

TASKS, CONCURRENCY = 12, 6
LONGEST_WORK_S = 30
LIFETIMES = Lifetimes(gather_s=0.0)
LATEST_OUTAGE_S = 6
ALL_END_WITHIN_S = 300
OUTAGES_S = (10.0, 20.0, 40.0)
"""Shorter than a lease, longer than a lease and shorter than what the store waits, and longer than both."""


def up_to_half_a_minute(order: WorkOrder) -> float:
    """A task's number and attempt decide."""
    return (int(order.task_id) * 7 + order.attempt * 11) % LONGEST_WORK_S


def story(choices: Choices, lifetimes: Lifetimes = LIFETIMES) -> list[str]:
    driver = Interleaver(choices, ignored=UNSEEN)
    outage = Outage(driver)

    async def main() -> list[str]:
        configs = [SchedulerConfig(name, slots=3, lifetimes=lifetimes) for name in ("r1", "r2", "r3")]
        async with stage(
            driver, choices, configs, lasts=up_to_half_a_minute, cut_off=outage, outcomes_get_lost=True
        ) as at:
            ids = await crowd(at.frontends, TASKS, CONCURRENCY)
            await asyncio.sleep(choices.choose(LATEST_OUTAGE_S, "when it is cut off"))
            seconds = OUTAGES_S[choices.choose(len(OUTAGES_S), "for how long")]
            cut = asyncio.create_task(outage.lasts(seconds))
            for task_id in ids[::3]:
                await cancels(at, task_id)
            for task_id in ids[1::6]:
                await deletes(at, task_id)
            await at.settled()
            await cut
            for _ in range(ALL_END_WITHIN_S):
                if all(task is None or task.is_terminal for task in map(at.task, ids)):
                    break
                await asyncio.sleep(1)
            await asyncio.sleep(PATIENCE_S)
            return [f"task {each}: {wrong}" for each in ids for wrong in at.case(each).wrongs()] + at.log.faults

    return driver.run(main())


@pytest.mark.parametrize("seeds", [range(20), pytest.param(range(20, 100), marks=pytest.mark.slow)])
def test_no_work_is_done_beside_other_work_of_its_task(seeds: range) -> None:
    def run(choices: Choices) -> None:
        wrong = story(choices)
        assert not wrong, "\n".join(wrong)

    assert sum(1 for _ in sample(run, seeds)) == len(seeds)


@pytest.mark.slow
def test_a_lease_that_the_store_gives_away_too_early_is_found() -> None:
    too_early = replace(LIFETIMES, kill_grace_s=2.0 - LIFETIMES.lease_s)
    found = [wrong for wrongs in sample(lambda choices: story(choices, too_early), range(20)) for wrong in wrongs]
    assert any("was at work" in wrong for wrong in found)
