"""Operators look at webhooks."""

from __future__ import annotations

from datetime import datetime, tzinfo
from urllib.parse import urlsplit

from dishka import FromDishka
from litestar import Controller, get

from application.backlog import TellBacklog
from application.outbox import Backlog
from domain.ports import Clock
from entrypoints.http.inject import inject
from entrypoints.http.patience import Patience
from entrypoints.http.responses import OPERATOR_ERRORS, UNAVAILABLE, errors
from entrypoints.http.schemas.webhooks import Webhooks, WebhookView
from entrypoints.settings import Settings


class WebhooksController(Controller):
    """Who is told that tasks have ended, and whether they hear it."""

    @get(
        "/webhooks",
        operation_id="listWebhooks",
        summary="How webhooks are doing",
        response_description="The receivers, and what waits for each.",
        responses=errors(OPERATOR_ERRORS, {503: UNAVAILABLE}),
    )
    @inject
    async def show(
        self,
        settings: FromDishka[Settings],
        tell_backlog: FromDishka[TellBacklog],
        clock: FromDishka[Clock],
        patience: FromDishka[Patience],
    ) -> Webhooks:
        """Show what waits for each receiver, and why the latest try that failed did so."""
        backlogs = await patience.bounded(tell_backlog)
        zone = clock.now().tzinfo
        return Webhooks(
            [
                WebhookView(
                    route,
                    urlsplit(url).hostname or "",
                    backlogs[route].waiting,
                    backlogs[route].dropped,
                    backlogs[route].failure or None,
                    _failed_at(backlogs[route], zone),
                )
                for route, url in settings.webhooks
            ]
        )


def _failed_at(backlog: Backlog, zone: tzinfo | None) -> datetime | None:
    return None if backlog.failed_at is None else backlog.failed_at.astimezone(zone)
