"""The use case of asking why a task is not running, or has ended so."""

from __future__ import annotations

from dataclasses import dataclass

from application.dispatcher import Dispatcher
from application.ledger import Ledger
from application.settings import SchedulerConfig
from domain.errors import NotRegistered, NotSubmitted
from domain.ports import Clock, QueuePositions
from domain.position import QueuePosition
from domain.task import Task
from domain.values import valid_task_id
from domain.why import Why, stage_of, why_next_waits, why_waiting


@dataclass(frozen=True, slots=True)
class Explanation:
    """A task and the one reason that holds for it now."""

    task: Task
    why: Why
    position: QueuePosition | None
    """Where a task that waits stands."""

    @property
    def sentence(self) -> str:
        """For people."""
        doing = " waits" if self.position else ""
        return f"task {self.task.task_id}{doing}: {self.why.sentence}"


class ExplainTask:
    """Say why a task is where it is. The limits are this replica's, as all replicas should have the same."""

    def __init__(
        self, ledger: Ledger, positions: QueuePositions, dispatcher: Dispatcher, clock: Clock, config: SchedulerConfig
    ) -> None:
        self._ledger = ledger
        self._positions = positions
        self._dispatcher = dispatcher
        self._clock = clock
        self._config = config

    async def __call__(self, task_id: str) -> Explanation:
        """Raise InvalidTaskId, NotSubmitted, NotRegistered or StoreUnavailable."""
        valid_task_id(task_id)
        snapshot = await self._ledger.load(task_id)
        task = snapshot.task
        if task is None:
            is_known = snapshot.record is not None or snapshot.malformed
            raise NotSubmitted(task_id) if is_known else NotRegistered(task_id)
        if not task.is_waiting:
            return Explanation(task, stage_of(task), None)
        position = await self._positions.of(task)
        why = why_waiting(task, position, self._config.limits, self._clock.now())
        return Explanation(task, why or self._next(position, recovering=snapshot.recovering), position)

    def _next(self, position: QueuePosition, *, recovering: bool) -> Why:
        slots = self._config.slots
        free = max(0, slots - len(self._dispatcher.attempts))
        return why_next_waits(position, slots, free, recovering=recovering)
