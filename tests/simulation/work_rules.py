"""Work, and when it may begin and be stopped: at most one run of a task at a time, by its owner, within the limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from domain.dispatch import Limits
from domain.execution import Failed, Outcome, Report, WorkOrder
from domain.task import Task
from domain.values import TaskStatus
from tests.simulation.judge import Judge, number_of
from tests.simulation.loop import Life
from tests.simulation.shape import RETRIES

PASSING_FAILURE = "the network is away"
"""Why work fails for a while in a run."""

Listener = Callable[[Report | Outcome], None]


class Work:
    """One run of a task's work."""

    def __init__(self, order: WorkOrder, question: str, until: float, began_s: float) -> None:
        self.order = order
        self.number = int(str(order.parameters["number"]))
        self.question = question
        """What its decisions are asked by."""
        self.until = until
        """When it stops by itself, by the true time."""
        self.began_s = began_s
        self.is_at_work = True
        self.outcome: Outcome | None = None
        self.ended_s = 0.0
        self.is_stopping = False
        self.listeners: list[Listener] = []

    def tell(self, what: Report | Outcome) -> None:
        """Tell whoever listens."""
        for listener in self.listeners:
            listener(what)


class WorkRules:
    """Holds all work of a run against the rules."""

    def __init__(self, judge: Judge, limits: Limits) -> None:
        self._judge = judge
        self._limits = limits

    def hold_start(self, work: Work, life: Life, runs: Sequence[Work], at_work: Sequence[Work]) -> None:
        """A process begins work. ``runs`` are those of its task before, ``at_work`` is all work beside it."""
        task = self._ledger_of(work)
        for other in runs:
            if other.is_at_work:
                self._judge.fault("work was done twice at once", f"{work.question} began beside {other.question}")
            if task is None or _generation_of(task, other) == task.generation:
                self._hold_backoff(work, other)
        if work.order.task_id not in self._judge.reused_ids:
            self._hold_ledger(work, life, task)
        # A task whose id was given to another one is no longer counted, though its work is only being stopped.
        if not (self._judge.orphans_may_go_on or self._judge.reused_ids):
            self._hold_limits([*at_work, work], work)

    def hold_stop(self, work: Work, life: Life) -> None:
        """A process stops work: if it is no longer the owner, it must not stop what another one has found again."""
        task = self._ledger_of(work)
        if not work.is_at_work or task is None or task.lease is None or task.status is TaskStatus.CANCEL_REQUESTED:
            return
        if task.lease.owner != life.name:
            self._judge.fault("another owner's work was stopped", f"{work.question} of {task.lease} by {life.name}")

    def _ledger_of(self, work: Work) -> Task | None:
        task = self._judge.tasks.get(work.order.task_id)
        return task if task is not None and number_of(task) == work.number else None

    def _hold_ledger(self, work: Work, life: Life, task: Task | None) -> None:
        # What ended may be the generation before the one that is to begin: its ledger is written again in a moment.
        if task is not None and task.is_terminal and not self._judge.generations.is_behind(task):
            self._judge.fault("work began after its outcome was stored", f"{work.question}: {task.status}")
        elif self._judge.recovers:
            return  # what the ledger said may have been lost
        elif task is None:
            self._judge.fault("work began without a ledger", work.question)
        elif task.lease is None or task.lease.owner != life.name:
            self._judge.fault("work began without a lease", f"{work.question} by {life.name}: {task.lease}")
        elif task.status not in (TaskStatus.DISPATCHING, TaskStatus.CANCEL_REQUESTED):
            self._judge.fault("work began at the wrong moment", f"{work.question}: {task.status}")

    def _hold_backoff(self, work: Work, other: Work) -> None:
        if not (isinstance(other.outcome, Failed) and other.outcome.reason == PASSING_FAILURE):
            return
        # A process whose clock is behind that of the store sets a retry that is due at once.
        if work.began_s - other.ended_s < RETRIES.base_s / 2 and not self._judge.clocks_have_jumped:
            self._judge.fault("work was tried again at once", f"{work.question} after {other.question}")

    def _hold_limits(self, works: Sequence[Work], work: Work) -> None:
        users = Counter(each.order.user_id for each in works)
        services = Counter(each.order.service for each in works)
        user, service = work.order.user_id, work.order.service
        for count, limit in (
            (users[user], self._limits.per_user),
            (services[service], self._limits.for_service(service)),
        ):
            if limit is not None and count > limit:
                self._judge.fault("a limit was exceeded", f"{count} at work of {user} or {service}")


def _generation_of(task: Task, work: Work) -> int | None:
    """Which generation of its task the work belongs to, as far as the ledger knows."""
    return next((each.generation for each in task.attempts if each.number == work.order.attempt), None)
