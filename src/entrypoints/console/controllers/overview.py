"""The first page: what runs, what waits, what was done, what failed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from dishka import FromDishka
from litestar import Controller, Request, Response, get

from application.ports import UserWaits, WaitingUsers
from application.throughput import TellThroughput
from application.users import MOST_AT_WORK, MOST_PER_LANE, NO_BLOCKS, user_rows
from domain.ports import DispatchQueue, QueueOverview, TaskListing
from domain.task import Task
from entrypoints.console.controllers.throughput import look_back
from entrypoints.console.pages import page
from entrypoints.http.inject import inject
from entrypoints.http.patience import Patience

MOST_SHOWN = 100
"""Tasks at work on one page."""

MOST_USERS = 10
"""Of those who have most tasks."""

LIVE = "live"
"""The part of the page that asks for itself every two seconds."""


class OverviewController(Controller):
    """Read anew every few seconds: what it costs does not depend on how many tasks wait or have ended."""

    @get("/")
    @inject
    async def show(
        self,
        request: Request[Any, Any, Any],
        queue: FromDishka[DispatchQueue],
        listing: FromDishka[TaskListing],
        waiting: FromDishka[WaitingUsers],
        tell: FromDishka[TellThroughput],
        patience: FromDishka[Patience],
    ) -> Response[str]:
        """Show what the service does now, and, where a whole page is asked for, what it has done lately."""

        async def read() -> tuple[QueueOverview, Sequence[Task], Sequence[UserWaits]]:
            return await asyncio.gather(
                queue.overview(), listing.at_work(MOST_AT_WORK), waiting.most_per_lane(MOST_PER_LANE)
            )

        seen, at_work, waits = await patience.bounded(read)
        is_part = request.headers.get("HX-Target") == LIVE
        lately = None if is_part else await patience.bounded(lambda: look_back(tell, listing))
        return page(
            request,
            "overview.html",
            queue=seen,
            at_work=at_work[:MOST_SHOWN],
            at_work_total=sum(seen.at_work.values()),
            users=user_rows(at_work, waits, NO_BLOCKS)[:MOST_USERS],
            lately=lately,
        )
