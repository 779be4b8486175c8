"""The routes of the console."""

from __future__ import annotations

from litestar import Request, Router

from entrypoints.console.controllers.actions import ActionsController
from entrypoints.console.controllers.assets import AssetsController
from entrypoints.console.controllers.audit import AuditController
from entrypoints.console.controllers.login import LoginController, LogoutController
from entrypoints.console.controllers.overview import OverviewController
from entrypoints.console.controllers.tasks import TasksController
from entrypoints.console.controllers.throughput import ThroughputController
from entrypoints.console.controllers.users import UsersController
from entrypoints.console.errors import PAGES
from entrypoints.console.guard import SessionGuard
from entrypoints.http.routers import OwnRouter


def console_router() -> Router:
    """Return what is served under ``/console``. All but the login and its files needs a session."""
    inside = OwnRouter(
        "/",
        route_handlers=[
            OverviewController,
            ThroughputController,
            TasksController,
            ActionsController,
            UsersController,
            AuditController,
            LogoutController,
        ],
        guards=[SessionGuard()],
    )
    return OwnRouter(
        "/console",
        route_handlers=[LoginController, AssetsController, inside],
        request_class=Request,
        exception_handlers=PAGES,
        include_in_schema=False,
    )
