"""Everything that the processes of a run share."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from random import Random

from adapters.memory import (
    MemoryBlockStore,
    MemoryDatabase,
    MemoryDispatchQueue,
    MemoryRecordWatch,
    MemoryTaskStore,
)
from application.notifying import NotifyOfEnds
from domain.notifications import DEFAULT_ROUTE
from tests.frontend.standin import Journal
from tests.simulation.clocks import FrontendClock, ProcessClock
from tests.simulation.decisions import Decisions
from tests.simulation.executors import SimulatedExecutor
from tests.simulation.fates import stormy
from tests.simulation.floor import Floor
from tests.simulation.judge import Judge
from tests.simulation.loop import Life, SimulationLoop
from tests.simulation.machine import ForetoldEntropy, Machine
from tests.simulation.queue import SimulatedQueue
from tests.simulation.shape import LIFETIMES, Shape
from tests.simulation.stores import SimulatedBlocks, SimulatedStore
from tests.simulation.story import Story
from tests.simulation.watch import SimulatedWatch
from tests.simulation.weather import Weather
from tests.simulation.wire import Wire
from tests.simulation.work_rules import Work, WorkRules

NOTIFY = NotifyOfEnds([DEFAULT_ROUTE])
"""Every end is to be told; what is told stays in the outbox."""

UPTIME_STEP_S = 1000.0
"""Each machine's monotonic clock began at another time."""


class World:
    """Make it inside of the loop."""

    def __init__(self, loop: SimulationLoop, decisions: Decisions, seed: int, story: Story) -> None:
        """``seed`` says how likely faults are; what they are is for ``decisions`` to say."""
        self.loop = loop
        self.decisions = decisions
        self.story = story
        self.shape = Shape.of(decisions)
        self.weather = Weather(loop, decisions, stormy(Random(seed)), story)
        self.server_clock = ProcessClock(loop, 0.0)
        self.frontend_clock = FrontendClock(loop)
        self.database = MemoryDatabase(self.server_clock, loop.time)
        self.judge = Judge(loop, self.database, self.shape.limits, story)
        rules = WorkRules(self.judge, self.shape.limits)
        self.floor = Floor(loop, decisions, rules, LIFETIMES.kill_grace_s, story)
        self.journal = Journal()
        self.watches: list[SimulatedWatch] = []
        self.fail_overs_due: list[float] = []
        """When the store fails over, or will; true times."""
        self.failed_over_at: list[float] = []
        """When the store failed over; true times."""
        self.lost_ids: list[str] = []
        """Ids of tasks whose registration a fail-over has lost: the frontend's counter will give them out again."""
        self.at_fail_over: list[Callable[[], None]] = []
        self._cluster: dict[str, Work] | None = {} if self.shape.outlives else None
        self._machines = count(1)

    def machine(self, life: Life) -> Machine:
        """Return what one process gets from outside."""
        number = next(self._machines)
        clock = ProcessClock(self.loop, number * UPTIME_STEP_S)
        wire = Wire(self.loop, self.weather, self.story, life)
        watch = SimulatedWatch(
            MemoryRecordWatch(self.database), self.loop, self.decisions, self.weather, life, self.story
        )
        self.watches.append(watch)
        return Machine(
            clock,
            ForetoldEntropy(number),
            SimulatedStore(MemoryTaskStore(self.database, NOTIFY), wire, self.judge, life),
            SimulatedQueue(MemoryDispatchQueue(self.database), wire, self.judge, self.weather, life),
            SimulatedBlocks(MemoryBlockStore(self.database), wire),
            watch,
            SimulatedExecutor(self.loop, self.decisions, self.floor, life, clock, self._cluster),
            self.shape.config(life.name),
        )
