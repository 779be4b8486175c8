"""A run's two replicas, frontend, floor and judge, and what may happen to them."""

from __future__ import annotations

from domain.dispatch import Limits
from domain.record import Record
from domain.task import Task
from tests.explorer.gate import Gate
from tests.explorer.history import Entry, Remark
from tests.explorer.judge import Judge
from tests.explorer.lease_book import LeaseBook
from tests.explorer.operations import Load, Overview, TimePasses
from tests.explorer.player import Raised
from tests.explorer.ports import GatedRecords
from tests.explorer.replica import LIFETIMES, Replica
from tests.explorer.settings import Registered, Settings
from tests.explorer.stores import Operation
from tests.explorer.turns import EVERYTHING, Turn
from tests.explorer.verdict import JUDGE
from tests.explorer.work import Floor, Workload
from tests.explorer.world import ExplorerWorld
from tests.frontend.interleaving import Choices, Interleaver

LEASE_OVER_S = LIFETIMES.store_lease_s + 1
NO_LIMITS = Limits()


class Stage:
    """All who take part. Tasks have the ids "1" and "2"."""

    def __init__(self, driver: Interleaver, choices: Choices, settings: Settings) -> None:
        self.choices = choices
        self.is_racing = False
        self.world = ExplorerWorld()
        self.player = self.world.player
        self.history: list[Entry | Remark] = []
        self.answers: dict[str, str] = {}
        """What each actor was answered, by its name."""
        self._driver = driver
        cluster = Gate("cluster", self)

        async def cluster_turn(name: str, task_id: str) -> None:
            # Whoever has such work can stop it, so its end depends on what all do.
            await cluster.turn(name, task_id, writes=EVERYTHING)

        self.floor = Floor(self.world.clock, self._work_told, cluster_turn if settings.outlives else None)
        self.book = LeaseBook()
        self.judge = Judge(self.floor, self.book)
        self.environment = Gate("around", self)
        self.frontend = GatedRecords(Gate("frontend", self))
        self.replicas = {
            name: Replica(
                self.world,
                Gate(name, self),
                self.floor,
                slots=settings.slots,
                limits=settings.limits,
                is_quick=lambda: settings.quick and self.is_racing,
            )
            for name in ("r1", "r2")
        }
        self.records: dict[str, Record] = {}
        """As registered."""

    # --- what happens to all ------------------------------------------------------------------------------------

    async def register(self, task: Registered) -> None:
        """A user creates a task."""
        now = self.world.clock.now().isoformat()
        record = Record(
            task_id=str(len(self.records) + 1),
            service=task.service,
            user_id=task.user_id,
            status="dispatching",
            parameters={"src": "/home/gpu1/a", "dst": "/pvs/b"},
            created_at=now,
            updated_at=now,
            logs=(f"{now},Dispatching to scheduler",),
            priority=task.priority,
        )
        self.records[record.task_id] = record
        await self.frontend.save(record)

    async def time_passes(self, seconds: float = LEASE_OVER_S) -> None:
        """Time passes for everybody: local work ends whose lease is over, and the store lets it be taken over."""
        await self.environment.turn("time passes", writes=EVERYTHING)
        ended = self.book.expired(self.world.clock.monotonic() + seconds)
        await self.done("around", TimePasses(seconds, ended))
        self.floor.time_passed()

    async def crash(self, name: str) -> None:
        """A replica dies."""
        await self.environment.turn(f"{name} dies", writes=EVERYTHING)
        self.history.append(Remark("around", f"{name} dies"))
        self.replicas[name].die()

    # --- for the gates ------------------------------------------------------------------------------------------

    async def take_turn(self, turn: Turn) -> None:
        """Wait until it is this turn's turn."""
        await self._driver.at(turn)

    async def done(self, who: str, operation: Operation, *, lost: bool = False) -> object:
        """Do an operation at once, and let the judge see it."""
        before = self.ledgers()
        answer = await self.player.play(operation)
        self.history.append(Entry(who, operation, answer, lost))
        after = self.ledgers()
        clock = self.world.clock
        self.judge.saw(who, operation, answer, before, after, (clock.monotonic(), clock.now()))
        self.book.note(operation, answer, clock.monotonic())
        if operation.writes == EVERYTHING and not isinstance(answer, Raised):
            self.judge.overview(await self.world.stores.queue.overview(), after)
        return answer

    def ledgers(self) -> dict[str, Task | None]:
        """Return every task's ledger as it is now."""
        return {task_id: self.world.ledger(task_id) for task_id in self.records}

    async def look_at_queue(self) -> None:
        """Note what the queue holds."""
        await self.done(JUDGE, Overview())

    async def look_at_tasks(self) -> None:
        """Note all ledgers and records."""
        await self.done(JUDGE, Load(tuple(self.records)))

    def _work_told(self, workload: Workload, text: str) -> None:
        self.history.append(Remark(workload.owner, text))
        if workload.outcome is None:
            self.judge.work_begins(workload, self.world.ledger(workload.order.task_id))
