"""SIGSTOP: the scheduler stands still, its movers do not, and they have ended before another attempt begins."""

from __future__ import annotations

import asyncio

import pytest

from tests.outages.keys import contents, of_tasks
from tests.outages.replica import Replica
from tests.outages.stage import Stage

pytestmark = pytest.mark.slow

LEASE_S = 1.5
ENDLESS_S = 600.0
MOMENTS_S = ((0.0, 0.005, 0.01, 0.015), (0.02, 0.03, 0.045, 0.06))
"""After the answer to a submit: the claim, the first commit, the supervisor's start, its job, the mover's start."""
LOST = "lease lost, the work was stopped"


async def test_a_scheduler_that_froze_writes_nothing_of_what_it_has_lost(stage: Stage) -> None:
    frozen = await stage.start(lease_seconds=LEASE_S, slots=4)
    await stage.submit(frozen, 4)
    await stage.all_run_under(frozen)
    other = await stage.start(lease_seconds=ENDLESS_S)
    frozen.freeze()
    await stage.all_run_under(other)
    # Nobody else writes while the first one comes back.
    other.freeze()
    left = contents(stage.redis)
    frozen.thaw()
    await frozen.says(LOST, 4)
    assert contents(stage.redis) == left
    # It serves on, and keeps its hands off what is not its own.
    others = [each.task_id for each in stage.evidence]
    await stage.submit(frozen, 1)
    await stage.movers_are(1, frozen)
    assert of_tasks(contents(stage.redis), others) == of_tasks(left, others)
    other.thaw()
    await stage.all_complete()


async def test_wherever_on_its_way_to_the_work_a_scheduler_freezes_no_two_movers_meet(stage: Stage) -> None:
    other = await stage.start(lease_seconds=ENDLESS_S, slots=100)
    frozen = await asyncio.gather(*(stage.start(lease_seconds=LEASE_S, slots=2) for _ in MOMENTS_S[0]))
    for moments in MOMENTS_S:
        other.freeze()
        await asyncio.gather(*(freeze_at(stage, *each) for each in zip(frozen, moments, strict=True)))
        other.thaw()
        await stage.all_run_under(other)
        for each in frozen:
            each.thaw()
        for each in frozen:
            await stage.let_go_by(each)
            assert stage.movers(each) == set()
    await stage.all_complete()


async def freeze_at(stage: Stage, scheduler: Replica, moment_s: float) -> None:
    """Give a scheduler two tasks, and stop it some time after it has accepted them."""
    await stage.submit(scheduler, 2)
    await asyncio.sleep(moment_s)
    scheduler.freeze()
