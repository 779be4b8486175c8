"""The explorer finds bugs: each of these was put in on purpose, and is found by a scenario that meets it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

import application.ledger
from domain.execution import Failed, WorkOrder
from domain.ports import Execution
from domain.reconcile import Reconciled, reconcile
from domain.record import Record
from domain.task import Task, Token
from domain.values import Lease, TaskStatus
from tests.explorer import mutations
from tests.explorer.exploring import runs
from tests.explorer.mutations import Mutation
from tests.explorer.scenarios import ALL
from tests.explorer.work import FloorExecutor, Handle

SCENARIOS = {case.scenario.name: case.scenario for case in ALL}


def finds(wrong: str, scenario: str, mutation: Mutation | None = None) -> bool:
    """Whether some order of a scenario shows what is wrong."""
    return any(wrong in each for run in runs(SCENARIOS[scenario], mutate=mutation) for each in run.wrongs)


@pytest.mark.parametrize(
    ("mutation", "scenario", "wrong"),
    [
        (mutations.compares_nothing, "submit, submit, claim", "by a commit"),
        (mutations.compares_nothing, "outcome, cancel", "was completed and became"),
        (mutations.compares_nothing, "outcome, late save, cancel", "has lost a line"),
        (mutations.admits_all, "submit, block", "accepted although alice is blocked"),
        (mutations.takes_over_too_early, "letting go, take-over", "before its lease had expired"),
        (mutations.forgets_what_it_leased, "unanswered work", "a repeated claim got []"),
        (mutations.renews_nothing, "renewal, take-over", "before its lease had expired"),
    ],
)
def test_a_store_that_is_wrong(mutation: Mutation, scenario: str, wrong: str) -> None:
    assert finds(wrong, scenario, mutation)


Patch = Callable[[pytest.MonkeyPatch], None]


def _claim_without_epoch(patch: pytest.MonkeyPatch) -> None:
    def claim(self: Task, lease: Lease) -> Task:
        return replace(self, lease=Lease(lease.owner, 1, "0"), retry_at=None)

    patch.setattr(Task, "claim", claim)
    patch.setattr(Task, "take_over", claim)


def _no_fence(patch: pytest.MonkeyPatch) -> None:
    def fence(self: Task, token: Token) -> None:
        pass

    patch.setattr(Task, "_fence", fence)


def _cancel_ends_at_once(patch: pytest.MonkeyPatch) -> None:
    def request_cancel(self: Task, at: datetime, message: str = "Cancellation requested") -> Task:
        return self if self.is_terminal else self._end(TaskStatus.CANCELLED, message, at)

    patch.setattr(Task, "request_cancel", request_cancel)


def _work_starts_late(patch: pytest.MonkeyPatch) -> None:
    async def start(self: FloorExecutor, order: WorkOrder, until: float) -> Execution | Failed:
        await self._take_turn("work starts", order.task_id)
        workload = self._floor.begins(order, self._owner, until)
        workload.lives(self._floor.may_end, self._take_turn)
        return Handle(workload)

    patch.setattr(FloorExecutor, "start", start)


def _records_stay(patch: pytest.MonkeyPatch) -> None:
    def keeps_status(task: Task, record: Record | None, at: datetime) -> Reconciled:
        met = reconcile(task, record, at)
        if record is None or met.record is None:
            return met
        return Reconciled(met.task, replace(met.record, status=record.status))

    patch.setattr(application.ledger, "reconcile", keeps_status)


@pytest.mark.parametrize(
    ("mutation", "scenario", "wrong"),
    [
        (_claim_without_epoch, "outcome, take-over", "r1 made task 1 completed, and r2 has the lease on it"),
        (_no_fence, "outcome, take-over", "r1 made task 1 completed, and r2 has the lease on it"),
        (_cancel_ends_at_once, "outcome, cancel", "is cancelled, and dms-1-1 is at work"),
        (_cancel_ends_at_once, "claim, cancel", "was said to be cancelled"),
        (_work_starts_late, "claim, take-over", "was at work"),
        (_records_stay, "outcome, late save, look", "does not show its ledger"),
    ],
)
def test_a_product_that_is_wrong(monkeypatch: pytest.MonkeyPatch, mutation: Patch, scenario: str, wrong: str) -> None:
    mutation(monkeypatch)
    assert finds(wrong, scenario)
