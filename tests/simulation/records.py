"""The frontend's side of the records, read from an endpoint that lags, and its steps, which take time."""

from __future__ import annotations

import asyncio
from collections import Counter

from adapters.memory import MemoryFrontendRecords
from tests.frontend.standin import Identity, Step, Versions
from tests.frontend.standin.database_records import document_of, record_from
from tests.frontend.standin.redis_records import RECORD_TTL_S
from tests.simulation.decisions import Weights
from tests.simulation.world import World

LAGS = 4
"""One read in so many may show an older version."""
STEPS = Weights([6.0, 2.0, 2.0, 1.0, 0.4, 0.1])
STEPS_S = (0.0, 0.001, 0.01, 0.08, 0.5, 2.5)


class FrontendRecords:
    """Implements the stand-in's ``RecordAccess``."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._records = MemoryFrontendRecords(world.database)
        self._versions = Versions()
        self._reads: Counter[str] = Counter()
        self.next_number = 0
        """The number of the task that is registered next: its id, too, but for where an id comes again."""
        self.last_write_s = 0.0
        """When a frontend wrote last."""

    async def next_id(self) -> str:
        """Count up, or, as a counter that a fail-over has set back, give an id out again that the store has lost."""
        lost = self._world.lost_ids
        return lost.pop() if lost else str(self.next_number)

    async def read(self, task_id: str) -> bytes | None:
        self._versions.note(task_id, self.peek(task_id))
        if not self._world.shape.lag:
            return self.peek(task_id)
        shown = self._versions.latest(task_id, self._world.shape.lag + 1)
        self._reads[task_id] += 1
        question = f"frontend reads {task_id} ({self._reads[task_id]})"
        if self._world.decisions.number(question, LAGS) != 1:
            return shown[0]
        return shown[self._world.decisions.number(f"{question} lags", len(shown))]

    async def write(self, identity: Identity, document: bytes) -> None:
        await self._records.write(record_from(document), RECORD_TTL_S)
        self._wrote(identity.task_id)

    async def delete(self, identity: Identity) -> None:
        await self._records.delete(identity.task_id)
        self._wrote(identity.task_id)

    def peek(self, task_id: str) -> bytes | None:
        """The newest version, seen from outside."""
        record = self._world.database.records.get(task_id)
        return None if record is None else document_of(record)

    def forget_versions(self) -> None:
        """The store failed over: what it lost is shown by no endpoint any more."""
        self._versions = Versions()

    def _wrote(self, task_id: str) -> None:
        self.last_write_s = self._world.loop.time()
        self._versions.note(task_id, self.peek(task_id))


class FrontendSteps:
    """Implements the stand-in's ``Steps``."""

    def __init__(self, world: World, name: str) -> None:
        self._world = world
        self._name = name
        self._steps: Counter[str] = Counter()

    async def at(self, step: Step) -> None:
        """Take some time."""
        self._steps[str(step)] += 1
        question = f"{self._name}: {step} ({self._steps[str(step)]})"
        await asyncio.sleep(STEPS_S[self._world.decisions.weigh(question, STEPS)])
        self._world.story.tell(self._name, str(step))
