"""Operators look at the queue."""

from __future__ import annotations

from dishka import FromDishka
from litestar import Controller, get

from application.dispatcher import Dispatcher
from application.settings import SchedulerConfig
from domain.ports import DispatchQueue
from entrypoints.http.inject import inject
from entrypoints.http.patience import Patience
from entrypoints.http.responses import OPERATOR_ERRORS, UNAVAILABLE, errors
from entrypoints.http.schemas.admin import Head, Queue, Replica, Waiting


class QueueController(Controller):
    """Counts and heads of the queue."""

    @get(
        "/queue",
        operation_id="showQueue",
        response_description="The queue, and what this replica does.",
        summary="What waits and what is at work",
        responses=errors(OPERATOR_ERRORS, {503: UNAVAILABLE}),
    )
    @inject
    async def show(
        self,
        queue: FromDishka[DispatchQueue],
        dispatcher: FromDishka[Dispatcher],
        config: FromDishka[SchedulerConfig],
        patience: FromDishka[Patience],
    ) -> Queue:
        """Show how many tasks wait and are at work over all replicas, and which are next."""
        seen = await patience.bounded(queue.overview)
        return Queue(
            waiting=[Waiting(priority, service, count) for (priority, service), count in sorted(seen.waiting.items())],
            delayed=seen.delayed,
            at_work=dict(seen.at_work),
            heads=[
                Head(head.task_id, head.priority, head.service, head.user_id, head.running_of_user)
                for head in seen.heads
            ],
            replica=Replica(
                config.replica,
                config.owner,
                config.slots,
                [attempt.task_id for attempt in dispatcher.attempts],
                dispatcher.is_drained,
            ),
        )
