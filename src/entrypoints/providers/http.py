"""What only the HTTP API needs."""

from __future__ import annotations

from dishka import Provider, Scope, provide

from domain.ports import Clock
from entrypoints.http.blocking import BlockByOperator
from entrypoints.http.frontdesk import FrontDesk
from entrypoints.http.patience import Patience
from entrypoints.http.readiness import Readiness


class HttpProvider(Provider):
    """How requests wait, and what a probe is told."""

    scope = Scope.APP
    readiness = provide(Readiness)
    front_desk = provide(FrontDesk)
    blocking = provide(BlockByOperator)

    @provide
    def patience(self, clock: Clock) -> Patience:
        return Patience(clock)
