"""The ASGI application: routes, errors, guard, and the scheduler that lives as long as it does."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from dishka import AsyncContainer
from litestar import Litestar, Router

from adapters.metrics.request_meter import RequestMeter
from application.auditing import Audit
from application.deliveries import DeliverNotifications
from application.notifying import NotifyOfEnds
from application.scheduler import Scheduler
from entrypoints.console.router import console_router
from entrypoints.container import make_container
from entrypoints.http.bodies import MAX_BODY_BYTES, JsonRequest, refuse_large_body
from entrypoints.http.controllers.audit import AuditController
from entrypoints.http.controllers.block_views import BlockViewsController
from entrypoints.http.controllers.blocks import BlocksController
from entrypoints.http.controllers.metrics import MetricsController
from entrypoints.http.controllers.priority import PriorityController
from entrypoints.http.controllers.probes import ProbesController
from entrypoints.http.controllers.queue import QueueController
from entrypoints.http.controllers.replicas import ReplicasController
from entrypoints.http.controllers.task_actions import TaskActionsController
from entrypoints.http.controllers.task_events import TaskEventsController
from entrypoints.http.controllers.task_views import TaskViewsController
from entrypoints.http.controllers.tasks import TasksController
from entrypoints.http.controllers.throughput import ThroughputController
from entrypoints.http.controllers.users import UsersController
from entrypoints.http.controllers.webhooks import WebhooksController
from entrypoints.http.controllers.why import WhyController
from entrypoints.http.docs.controller import DocsController
from entrypoints.http.errors import HANDLERS
from entrypoints.http.guard import OperatorGuard
from entrypoints.http.inject import container_of, set_container
from entrypoints.http.middleware import RequestContext
from entrypoints.http.openapi import OPERATOR_SECURITY, openapi_config
from entrypoints.http.routers import OwnRouter
from entrypoints.http.tracing import RequestTracer
from entrypoints.logs import configure_logging
from entrypoints.operators import operator_tokens
from entrypoints.settings import MetricsAccess, Settings, SettingsError, Tracing
from entrypoints.startup import check_settings, collect_garbage_less_often, tell_of_settings


def create_app(settings: Settings, container: AsyncContainer | None = None) -> Litestar:
    """Return the application. Its lifespan runs the scheduler, and closes the container at its end.

    Raises:
        SettingsError: the settings do not fit together or this machine.
    """
    check_settings(settings)
    operators_only = OperatorGuard(operator_tokens(settings))
    admin = OwnRouter(
        "/admin",
        route_handlers=[
            PriorityController,
            BlocksController,
            BlockViewsController,
            QueueController,
            ReplicasController,
            TaskViewsController,
            TaskActionsController,
            WhyController,
            TaskEventsController,
            AuditController,
            ThroughputController,
            UsersController,
            WebhooksController,
        ],
        guards=[operators_only],
        security=OPERATOR_SECURITY,
        tags=["operators"],
    )
    app = Litestar(
        route_handlers=[
            TasksController,
            ProbesController,
            DocsController,
            admin,
            console_router(),
            *_metrics(settings, operators_only),
        ],
        request_class=JsonRequest,
        request_max_body_size=MAX_BODY_BYTES,
        before_request=refuse_large_body,
        exception_handlers=HANDLERS,
        openapi_config=openapi_config(),
        lifespan=[_scheduler_runs],
        logging_config=None,
        debug=False,
    )
    set_container(app, container or make_container(settings))
    # Around everything, so that what no route matches has an id and a line in the log too.
    app.asgi_handler = RequestContext(app.asgi_handler)
    return app


def _metrics(settings: Settings, operators_only: OperatorGuard) -> list[Router]:
    """Return the route for scrapers, who send no token unless it is asked for."""
    if settings.metrics is MetricsAccess.OFF:
        return []
    is_guarded = settings.metrics is MetricsAccess.TOKEN
    return [
        OwnRouter(
            "/",
            route_handlers=[MetricsController],
            guards=[operators_only] if is_guarded else None,
            security=OPERATOR_SECURITY if is_guarded else None,
        )
    ]


def app_from_environment(metrics_directory: Path | None = None) -> Litestar:
    """Return the application as the environment says: a factory for uvicorn. A bad setting ends the process (2).

    ``metrics_directory`` is that of :func:`~entrypoints.container.make_container`.
    """
    try:
        settings = Settings.from_environment(os.environ)
        app = create_app(settings, make_container(settings, metrics_directory=metrics_directory))
    except SettingsError as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None
    configure_logging(settings)
    collect_garbage_less_often()
    return app


def _surrounding(app: Litestar) -> RequestContext:
    assert isinstance(app.asgi_handler, RequestContext)
    return app.asgi_handler


@asynccontextmanager
async def _scheduler_runs(app: Litestar) -> AsyncIterator[None]:
    container = container_of(app)
    try:
        settings = await container.get(Settings)
        tell_of_settings(settings)
        if settings.metrics is not MetricsAccess.OFF:
            _surrounding(app).meter = await container.get(RequestMeter)
        if settings.tracing is not Tracing.OFF:
            _surrounding(app).tracer = await container.get(RequestTracer)
        scheduler = await container.get(Scheduler)
        audit = await container.get(Audit)
        deliveries = await container.get(DeliverNotifications)
        routes = (await container.get(NotifyOfEnds)).routes
        # Outside of the scheduler, which ends tasks as it shuts down.
        async with audit.running(), deliveries.running(routes), scheduler.running():
            yield
    finally:
        await container.close()
