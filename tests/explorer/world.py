"""What the replicas of a run share: the memory store, whose leases go by the explorer's clock."""

from __future__ import annotations

from dataclasses import dataclass, field

from adapters.memory import (
    MemoryBlockStore,
    MemoryDatabase,
    MemoryDispatchQueue,
    MemoryFrontendRecords,
    MemoryTaskStore,
)
from domain.task import Task
from tests.application.replica import World
from tests.explorer.clock import ExplorerClock
from tests.explorer.player import Player
from tests.explorer.stores import Stores


class MemoryTime:
    """Implements :class:`tests.explorer.operations.TimeOfLeases`: the store reckons by the same clock."""

    def __init__(self, clock: ExplorerClock) -> None:
        self._clock = clock

    async def passes(self, seconds: float, ended: tuple[str, ...]) -> None:
        self._clock.passes(seconds)


def memory_stores(database: MemoryDatabase, clock: ExplorerClock) -> Stores:
    """Return the adapters, as they are."""
    return Stores(
        MemoryTaskStore(database),
        MemoryDispatchQueue(database),
        MemoryBlockStore(database),
        MemoryFrontendRecords(database),
        MemoryTime(clock),
    )


@dataclass
class ExplorerWorld(World):
    """All that goes on in the store goes through ``player``."""

    clock: ExplorerClock = field(default_factory=ExplorerClock)

    def __post_init__(self) -> None:
        self.database = MemoryDatabase(self.clock, self.clock.monotonic)
        self.stores = memory_stores(self.database, self.clock)
        self.player = Player(self.stores)
        self.store = MemoryTaskStore(self.database)
        self.frontend = MemoryFrontendRecords(self.database)
        self.blocks = MemoryBlockStore(self.database)

    def ledger(self, task_id: str) -> Task | None:
        """Return what the ledger says; nobody waits for his turn."""
        return self.database.snapshot(task_id).task
