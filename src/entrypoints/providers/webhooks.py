"""Telling receivers that tasks have ended."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dishka import Provider, Scope, provide

from application.backlog import TellBacklog
from application.deliveries import DeliverNotifications, Pace
from application.notifying import NotifyOfEnds
from application.outbox import Deliverer
from domain.notifications import DeliveryPolicy
from domain.ports import Clock
from entrypoints.settings import Settings
from entrypoints.webhooks import make_sender

MOST_GRACE_S = 2.0
"""A delivery takes a moment, or stalls. So webhooks add little to what a shutdown takes."""


class WebhookProvider(Provider):
    """Who is told, and how."""

    scope = Scope.APP
    deliveries = provide(DeliverNotifications)
    tell_backlog = provide(TellBacklog)

    @provide
    def notify(self, settings: Settings) -> NotifyOfEnds:
        return NotifyOfEnds(route for route, _ in settings.webhooks)

    @provide
    def pace(self, settings: Settings) -> Pace:
        return Pace(grace_s=min(MOST_GRACE_S, settings.shutdown_grace_s))

    @provide
    async def deliverer(self, settings: Settings, clock: Clock) -> AsyncIterator[Deliverer]:
        sender = make_sender(settings, clock)
        yield sender
        await sender.close()

    @provide
    def policy(self) -> DeliveryPolicy:
        return DeliveryPolicy()
