"""kill -9 of schedulers under way: their movers end at once, and every task is completed elsewhere."""

from __future__ import annotations

import asyncio

import pytest

from tests.outages.replica import Replica
from tests.outages.stage import Stage

pytestmark = pytest.mark.slow

KILLS, AT_ONCE, SLOTS = 50, 10, 2
LEASE_S = 8.0
GONE_S = 4.0
"""An orphan's grace is half a second. If movers ended only with their leases, they would be there for longer."""


async def test_fifty_kills_leave_no_mover_and_lose_no_task(stage: Stage) -> None:
    killed = 0
    while killed < KILLS:
        replicas = await start(stage, AT_ONCE, SLOTS)
        await asyncio.gather(*(stage.submit(each, SLOTS) for each in replicas))
        await stage.movers_are(AT_ONCE * SLOTS, *replicas)
        for each in replicas:
            each.kill()
            killed += 1
        await asyncio.gather(*(each.ended() for each in replicas))
        async with asyncio.timeout(GONE_S):
            await stage.see(lambda: not stage.orphans())
        assert stage.at_the_data() == set()
    await start(stage, 2, KILLS)
    await stage.all_complete()


async def start(stage: Stage, count: int, slots: int) -> list[Replica]:
    """Start replicas at the same time."""
    return list(await asyncio.gather(*(stage.start(lease_seconds=LEASE_S, slots=slots) for _ in range(count))))
