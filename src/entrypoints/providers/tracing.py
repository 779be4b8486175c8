"""Who is told of requests and attempts."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dishka import Provider, Scope, provide

from application.settings import SchedulerConfig
from application.tracer import UNTRACED, Tracer
from entrypoints.http.tracing import RequestTracer
from entrypoints.settings import Settings
from entrypoints.tracing import TraceExport, open_export


class TracingProvider(Provider):
    """Tracers whose spans are exported."""

    scope = Scope.APP

    @provide
    async def export(self, settings: Settings, config: SchedulerConfig) -> AsyncIterator[TraceExport]:
        export = open_export(settings, config.owner)
        yield export
        await export.close()

    @provide
    def tracer(self, export: TraceExport) -> Tracer:
        return export.attempts

    @provide
    def requests(self, export: TraceExport) -> RequestTracer:
        return export.requests


class UntracedProvider(Provider):
    """A tracer that makes no spans."""

    scope = Scope.APP

    @provide
    def tracer(self) -> Tracer:
        return UNTRACED
