"""Operators watch what happens."""

from __future__ import annotations

from typing import Annotated, Any

from dishka import FromDishka
from litestar import Controller, Request, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, QueryParameter

from application.consumers import EventKind, Wanted
from application.feed import FeedPlace
from application.live import LiveEvents
from domain.values import valid_task_id
from entrypoints.http.choices import choice
from entrypoints.http.connection import peer_of
from entrypoints.http.controllers.paging import check_query
from entrypoints.http.controllers.task_views import ServiceFilter, UserFilter
from entrypoints.http.inject import inject
from entrypoints.http.responses import OPERATOR_ERRORS, errors
from entrypoints.http.schemas.fields import ID_PATTERN
from entrypoints.http.sse import EVENT_STREAM, LAST_EVENT_ID, EventStream

TaskOnly = Annotated[
    str | None, QueryParameter(name="task", description="Only this task.", schema_extra={"pattern": ID_PATTERN})
]
KindsFilter = Annotated[
    str | None,
    QueryParameter(
        name="kinds", max_length=100, description=f"Only these, with commas between them: {', '.join(EventKind)}."
    ),
]
LastEventId = Annotated[
    str | None,
    HeaderParameter(name=LAST_EVENT_ID, max_length=100, description="The id of the latest event that was received."),
]

_STREAM = ResponseSpec(
    str,
    media_type=EVENT_STREAM,
    generate_examples=False,
    description="Events, until the client goes away. See `docs/api.md` for what they say.",
)
_TOO_MANY = "As many consumers are connected to this process as may be. Try again later (see Retry-After)."


class LiveEventsController(Controller):
    """Events as they happen, on all replicas."""

    @get(
        "/events",
        operation_id="watchEvents",
        summary="Watch what happens",
        responses={
            200: _STREAM,
            **errors(OPERATOR_ERRORS, {400: "A parameter or Last-Event-ID is not accepted.", 503: _TOO_MANY}),
        },
    )
    @inject
    async def watch(
        self,
        request: Request[Any, Any, Any],
        live: FromDishka[LiveEvents],
        task: TaskOnly = None,
        user: UserFilter = None,
        service: ServiceFilter = None,
        kinds: KindsFilter = None,
        last_event_id: LastEventId = None,
    ) -> EventStream:
        """Send server-sent events: `task`, `progress`, `queue`, and `reset` where some may be missing.

        With `Last-Event-ID` they go on behind that event, on whichever replica.
        """
        check_query(request, "task", "user", "service", "kinds")
        wanted = Wanted(_kinds(kinds), task and valid_task_id(task), user, service)
        return event_stream(request, live, wanted, last_event_id)


def event_stream(
    request: Request[Any, Any, Any], live: LiveEvents, wanted: Wanted, last_event_id: str | None
) -> EventStream:
    """Return the answer to a consumer. Raises InvalidPlace (400) and Overloaded (503)."""
    peer = peer_of(request.scope)
    since = FeedPlace.parse(last_event_id) if last_event_id else None
    return EventStream(live, live.join(wanted, since, peer.cut), peer)


def _kinds(given: str | None) -> frozenset[EventKind]:
    if given is None:
        return frozenset(EventKind)
    return frozenset(choice(EventKind, "kinds", each) for each in given.split(","))
