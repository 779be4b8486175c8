"""The first page: what runs, what waits, what failed."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

from dishka import FromDishka
from litestar import Controller, Request, Response, get

from application.ports import UserWaits, WaitingUsers
from domain.ports import DispatchQueue, Page, QueueOverview, TaskFilter, TaskListing
from domain.stages import FailedFor
from domain.task import Task
from domain.values import TaskStatus
from domain.why import stage_of
from entrypoints.console.pages import page
from entrypoints.console.user_rows import MOST_AT_WORK, MOST_PER_LANE, NO_BLOCKS, user_rows
from entrypoints.http.inject import inject
from entrypoints.http.patience import Patience

MOST_SHOWN = 100
"""Tasks at work on one page."""

MOST_USERS = 10
"""Of those who have most tasks."""

LATEST_FAILED = 200
"""Tasks whose failures are counted."""

_FAILED = TaskFilter(status=TaskStatus.FAILED)


class OverviewController(Controller):
    """Read anew every few seconds: what it costs does not depend on how many tasks wait."""

    @get("/")
    @inject
    async def show(
        self,
        request: Request[Any, Any, Any],
        queue: FromDishka[DispatchQueue],
        listing: FromDishka[TaskListing],
        waiting: FromDishka[WaitingUsers],
        patience: FromDishka[Patience],
    ) -> Response[str]:
        """Show what the service does now."""

        async def read() -> tuple[QueueOverview, Sequence[Task], Sequence[UserWaits], Page]:
            return await asyncio.gather(
                queue.overview(),
                listing.at_work(MOST_AT_WORK),
                waiting.most_per_lane(MOST_PER_LANE),
                listing.page(_FAILED, None, LATEST_FAILED),
            )

        seen, at_work, waits, failed = await patience.bounded(read)
        return page(
            request,
            "overview.html",
            queue=seen,
            at_work=at_work[:MOST_SHOWN],
            at_work_total=sum(seen.at_work.values()),
            users=user_rows(at_work, waits, NO_BLOCKS)[:MOST_USERS],
            failures=failures_by_reason(failed.tasks),
            failed_looked_at=len(failed.tasks),
        )


def failures_by_reason(failed: Sequence[Task]) -> Sequence[tuple[str, int, Task]]:
    """Return each reason with how many tasks failed for it and the latest of them, the most frequent one first."""
    reasons = [(stage.failure, task) for task in failed if isinstance(stage := stage_of(task), FailedFor)]
    counted = Counter(reason for reason, _ in reasons)
    latest = dict(reversed(reasons))
    return [(reason, count, latest[reason]) for reason, count in counted.most_common()]
