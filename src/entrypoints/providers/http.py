"""What only the HTTP API needs."""

from __future__ import annotations

from dishka import Provider, Scope, provide

from application.live import LiveEvents
from application.ports import ChangeFeed
from domain.ports import Clock, DispatchQueue
from entrypoints.http.blocking import BlockByOperator
from entrypoints.http.frontdesk import FrontDesk
from entrypoints.http.patience import Patience
from entrypoints.http.readiness import Readiness
from entrypoints.http.sse import render


class HttpProvider(Provider):
    """How requests wait, and what probes and those who watch are told."""

    scope = Scope.APP
    readiness = provide(Readiness)
    front_desk = provide(FrontDesk)
    blocking = provide(BlockByOperator)

    @provide
    def patience(self, clock: Clock) -> Patience:
        return Patience(clock)

    @provide
    def live(self, feed: ChangeFeed, queue: DispatchQueue, clock: Clock) -> LiveEvents:
        return LiveEvents(feed, queue, clock, render)
