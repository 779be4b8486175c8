"""Running executions in a test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC

from adapters.system import SystemClock
from domain.execution import Failed, LeaseLapsed, Outcome, Report, Stopped, Succeeded, WorkOrder
from domain.ports import Execution, Executor
from domain.values import Parameters, Priority

LEASE_S = 600.0
"""Longer than any test."""

CLOCK = SystemClock(UTC)


def until(lease_s: float = LEASE_S) -> float:
    """The instant at which a lease ends that begins now."""
    return CLOCK.monotonic() + lease_s


def order(service: str, parameters: Parameters, *, user_id: str = "alice", attempt: int = 1) -> WorkOrder:
    """A work order for task 10."""
    return WorkOrder("10", attempt, service, user_id, parameters, Priority.LOW)


@dataclass(slots=True)
class Ended:
    """All that one execution told."""

    outcome: Outcome
    reports: list[Report] = field(default_factory=list)

    @property
    def output(self) -> str:
        """The outcome's text for people."""
        assert self.outcome.result is not None
        return self.outcome.result.launcher_output or ""

    @property
    def reason(self) -> str:
        """Why it failed."""
        assert isinstance(self.outcome, Failed), self.outcome
        return self.outcome.reason


async def run(executor: Executor, work: WorkOrder, lease_s: float = LEASE_S) -> Ended:
    """Start and follow to the end."""
    execution = await executor.start(work, until(lease_s))
    return Ended(execution) if isinstance(execution, Failed | LeaseLapsed) else await follow(execution)


async def begin(executor: Executor, work: WorkOrder, lease_s: float = LEASE_S) -> Execution:
    """Start what is expected to start."""
    execution = await executor.start(work, until(lease_s))
    assert not isinstance(execution, Failed | LeaseLapsed), execution
    return execution


async def follow(execution: Execution, at_report: Callable[[Report], object] | None = None) -> Ended:
    """Follow to the end. ``at_report`` is called with every report; an awaitable that it returns is awaited."""
    reports: list[Report] = []
    outcome: Outcome | None = None
    async for told in execution.reports():
        assert outcome is None, "something came behind the outcome"
        if isinstance(told, Report):
            reports.append(told)
            reaction = at_report(told) if at_report else None
            if asyncio.iscoroutine(reaction):
                await reaction
        else:
            outcome = told
    assert outcome is not None, "the reports ended without an outcome"
    return Ended(outcome, reports)


async def succeed(executor: Executor, work: WorkOrder) -> Ended:
    """Run what is expected to succeed."""
    ended = await run(executor, work)
    assert isinstance(ended.outcome, Succeeded), ended.outcome
    return ended


async def fail(executor: Executor, work: WorkOrder) -> Ended:
    """Run what is expected to fail."""
    ended = await run(executor, work)
    assert isinstance(ended.outcome, Failed), ended.outcome
    return ended


def is_stopped(ended: Ended) -> bool:
    """Whether the work was stopped before its end."""
    return isinstance(ended.outcome, Stopped)
