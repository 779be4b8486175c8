"""What a page hears of what happens."""

from __future__ import annotations

from typing import Annotated, Any

from dishka import FromDishka
from litestar import Controller, Request, get
from litestar.params import HeaderParameter, QueryParameter

from application.consumers import Wanted
from application.live import LiveEvents
from domain.values import valid_task_id
from entrypoints.http.controllers.live_events import event_stream
from entrypoints.http.inject import inject
from entrypoints.http.sse import LAST_EVENT_ID, EventStream


class EventsController(Controller):
    """The API's events for a session in place of a token: a page loads anew what it shows when one comes."""

    @get("/events")
    @inject
    async def watch(
        self,
        request: Request[Any, Any, Any],
        live: FromDishka[LiveEvents],
        task: Annotated[str | None, QueryParameter(description="Only this task, and counts of the queue.")] = None,
        last_event_id: Annotated[str | None, HeaderParameter(name=LAST_EVENT_ID)] = None,
    ) -> EventStream:
        """Send events until the page is left."""
        return event_stream(request, live, Wanted(task_id=task and valid_task_id(task)), last_event_id)
