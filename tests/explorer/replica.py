"""One of the two replicas: the real use cases and the real dispatcher, each called when a scenario says so."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from application.blocks import SetBlock
from application.settings import Lifetimes, SchedulerConfig
from domain.dispatch import Limits
from domain.ports import StoreUnavailable
from domain.retry import RetryPolicy
from tests.application.replica import Process
from tests.explorer.gate import Gate
from tests.explorer.ports import GatedBlocks, GatedQueue, GatedStore
from tests.explorer.turns import EVERYTHING, work_thing
from tests.explorer.work import Floor, FloorExecutor
from tests.explorer.world import ExplorerWorld

T = TypeVar("T")

LIFETIMES = Lifetimes(lease_s=1000.0, kill_grace_s=100.0, shutdown_grace_s=0.0, poll_s=1e6, report_s=0.0)
"""Leases are so long that none expires on a real server; whoever polls does so only when a scenario is over."""


class Replica:
    """Its steps bear its name."""

    def __init__(
        self,
        world: ExplorerWorld,
        gate: Gate,
        floor: Floor,
        *,
        slots: int,
        limits: Limits,
        is_quick: Callable[[], bool],
    ) -> None:
        self.name = gate.who
        self.gate = gate
        self._floor = floor
        executor = FloorExecutor(floor, gate.who, world.clock, self._turn_of_work, is_quick=is_quick)
        config = SchedulerConfig(
            gate.who, slots=slots, limits=limits, retry=RetryPolicy(base_s=0.0), lifetimes=LIFETIMES
        )
        store, queue = GatedStore(gate, world.player), GatedQueue(gate, gate.who[-1], self._poll)
        self.process = Process(world, executor, config, store, queue)
        self.set_block = SetBlock(GatedBlocks(gate))
        self._claims: asyncio.Task[None] | None = None

    def claim_and_work(self) -> None:
        """Begin to claim; or claim now, where it has begun before."""
        if self._claims is None:
            self._claims = asyncio.create_task(self.process.dispatcher.run(), name=f"{self.name} claims")
        else:
            self.process.dispatcher.wake()

    async def act(self, name: str) -> None:
        """Wait for the turn to begin something that first looks at what this process has in memory."""
        await self.gate.turn(name, writes=EVERYTHING)

    async def insist(self, action: Callable[[], Awaitable[T]]) -> T:
        """Return the result of ``action``, made again while the store does not answer, as all callers do."""
        while True:
            try:
                return await action()
            except StoreUnavailable:
                await asyncio.sleep(0)

    def die(self) -> None:
        """As by SIGKILL."""
        self.gate.die()
        self._floor.owner_died(self.name)

    def _poll(self) -> None:
        self.process.dispatcher.wake()

    async def _turn_of_work(self, name: str, task_id: str) -> None:
        await self.gate.turn(name, task_id, writes=frozenset({work_thing(task_id)}))
