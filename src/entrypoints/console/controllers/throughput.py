"""What was done lately, and what failed: the part of the first page that is read anew less often."""

from __future__ import annotations

from asyncio import gather
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dishka import FromDishka
from litestar import Controller, Request, Response, get

from application.throughput import TellThroughput, Throughput
from domain.failures import FailureKind
from domain.ports import TaskFilter, TaskListing
from domain.stages import FailedFor
from domain.task import Task
from domain.values import TaskStatus
from domain.why import stage_of
from entrypoints.console.charts import Chart, bytes_chart, tasks_chart
from entrypoints.console.pages import page
from entrypoints.http.inject import inject
from entrypoints.http.patience import Patience

LATEST_FAILED = 200
"""Tasks whose failures are told in their own words."""

_FAILED = TaskFilter(status=TaskStatus.FAILED)


@dataclass(frozen=True, slots=True)
class Lately:
    """What the template shows."""

    charts: Sequence[Chart]
    kinds: Sequence[tuple[FailureKind, int, int]]
    """Each kind of failure, with how many there were within the last hour and day."""
    failures: Sequence[tuple[str, int, Task]]
    """Each failure in its own words, with how many tasks had it and the latest of them."""
    failed_looked_at: int


class ThroughputController(Controller):
    """Read anew every ten seconds."""

    @get("/throughput")
    @inject
    async def show(
        self,
        request: Request[Any, Any, Any],
        tell: FromDishka[TellThroughput],
        listing: FromDishka[TaskListing],
        patience: FromDishka[Patience],
    ) -> Response[str]:
        """Show the charts and the failures, without a page around them."""
        lately = await patience.bounded(lambda: look_back(tell, listing))
        return page(request, "throughput.html", lately=lately)


async def look_back(tell: TellThroughput, listing: TaskListing) -> Lately:
    """Return what there is to show. Raises StoreUnavailable."""
    seen, failed = await gather(tell(), listing.page(_FAILED, None, LATEST_FAILED))
    charts = [
        tasks_chart("tasks-hour", "Tasks ended, last hour", seen.hour),
        bytes_chart("bytes-hour", "Bytes moved, last hour", seen.hour),
        tasks_chart("tasks-day", "Tasks ended, last day", seen.day),
        bytes_chart("bytes-day", "Bytes moved, last day", seen.day),
    ]
    return Lately(charts, _kinds(seen), failures_by_reason(failed.tasks), len(failed.tasks))


def failures_by_reason(failed: Sequence[Task]) -> Sequence[tuple[str, int, Task]]:
    """Return each reason with how many tasks failed for it and the latest of them, the most frequent one first."""
    reasons = [(stage.failure, task) for task in failed if isinstance(stage := stage_of(task), FailedFor)]
    counted = Counter(reason for reason, _ in reasons)
    latest = dict(reversed(reasons))
    return [(reason, count, latest[reason]) for reason, count in counted.most_common()]


def _kinds(seen: Throughput) -> Sequence[tuple[FailureKind, int, int]]:
    """Return each kind of failure with how many there were in the last hour and day, the most frequent one first."""
    hour, day = seen.hour.total.failures, seen.day.total.failures
    return [(kind, hour.get(kind, 0), count) for kind, count in Counter(day).most_common()]
