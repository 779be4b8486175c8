"""Tasks that come together are claimed together, and none waits where it need not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from adapters.memory import MemoryDispatchQueue
from application.dispatcher import LULL
from application.settings import Lifetimes, SchedulerConfig
from domain.dispatch import Limits
from domain.ports import Snapshot, StoreUnavailable
from tests.application.replica import Process, World, eventually, in_virtual_time
from tests.support.manual_executor import DONE, ManualExecutor

SLOTS = 4
LONG = Lifetimes(gather_s=1.0, poll_s=1000.0)
"""Long enough for a test to see."""


class WatchedQueue(MemoryDispatchQueue):
    """Notes when it was asked, and what it gave."""

    def __init__(self, world: World) -> None:
        super().__init__(world.database)
        self.claims: list[tuple[float, int]] = []
        self.is_away = False

    async def claim(self, owner: str, nonces: Sequence[str], limits: Limits, lease_s: float) -> Sequence[Snapshot]:
        if self.is_away:
            raise StoreUnavailable("away")
        claimed = await super().claim(owner, nonces, limits, lease_s)
        self.claims.append((asyncio.get_running_loop().time(), len(claimed)))
        return claimed


class Claiming:
    """A process that has made its first claim, which found nothing."""

    def __init__(self, *, at_once: bool = False) -> None:
        self.world = World()
        self.queue = WatchedQueue(self.world)
        self.executor = ManualExecutor(at_once=DONE if at_once else None)
        config = SchedulerConfig("replica-1", slots=SLOTS, lifetimes=LONG)
        self.process = Process(self.world, self.executor, config, queue=self.queue)

    async def first_claim(self) -> None:
        """Return when it has been made."""
        await eventually(lambda: bool(self.queue.claims))
        self.queue.claims.clear()

    async def submit(self, number: int) -> None:
        for _ in range(number):
            await self.process.submit(await self.world.register())


def test_what_comes_within_a_moment_is_claimed_together() -> None:
    async def story() -> None:
        claiming = Claiming()
        async with claiming.process.running():
            await claiming.first_claim()
            began = asyncio.get_running_loop().time()
            await claiming.submit(1)
            await asyncio.sleep(0.5)
            await claiming.submit(2)
            await eventually(lambda: bool(claiming.queue.claims))
            assert claiming.queue.claims == [(began + LONG.gather_s, 3)]

    in_virtual_time(story)


def test_what_comes_alone_is_claimed_at_once() -> None:
    async def story() -> None:
        claiming = Claiming()
        async with claiming.process.running():
            await claiming.first_claim()
            await asyncio.sleep((LULL + 1) * LONG.gather_s)
            began = asyncio.get_running_loop().time()
            await claiming.submit(1)
            await eventually(lambda: bool(claiming.queue.claims))
            assert claiming.queue.claims == [(began, 1)]

    in_virtual_time(story)


def test_what_fills_all_slots_is_claimed_at_once() -> None:
    async def story() -> None:
        claiming = Claiming()
        async with claiming.process.running():
            await claiming.first_claim()
            began = asyncio.get_running_loop().time()
            await claiming.submit(SLOTS)
            await eventually(lambda: bool(claiming.queue.claims))
            assert claiming.queue.claims[0] == (began, SLOTS)

    in_virtual_time(story)


def test_a_slot_that_becomes_free_while_more_waits_is_filled_at_once() -> None:
    async def story() -> None:
        claiming = Claiming()
        async with claiming.process.running():
            await claiming.first_claim()
            await claiming.submit(SLOTS + 1)
            await eventually(lambda: len(claiming.executor.started) == SLOTS)
            claiming.queue.claims.clear()
            began = asyncio.get_running_loop().time()
            claiming.executor.last.tell(DONE)
            await eventually(lambda: bool(claiming.queue.claims))
            assert claiming.queue.claims == [(began, 1)]

    in_virtual_time(story)


def test_an_end_asks_for_nothing_where_nothing_waits() -> None:
    async def story() -> None:
        claiming = Claiming(at_once=True)
        async with claiming.process.running():
            await claiming.first_claim()
            await claiming.submit(2)
            await asyncio.sleep(100)
            assert [number for _, number in claiming.queue.claims] == [2]

    in_virtual_time(story)


def test_after_a_claim_that_failed_the_next_end_asks_again() -> None:
    async def story() -> None:
        claiming = Claiming()
        async with claiming.process.running():
            await claiming.first_claim()
            await claiming.submit(1)
            await eventually(lambda: len(claiming.executor.started) == 1)
            claiming.queue.is_away = True
            await claiming.submit(1)
            await asyncio.sleep(10)
            claiming.queue.is_away = False
            claiming.executor.last.tell(DONE)
            await eventually(lambda: len(claiming.executor.started) == 2)

    in_virtual_time(story)
