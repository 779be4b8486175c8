"""Operators look at what was done lately."""

from __future__ import annotations

from dishka import FromDishka
from litestar import Controller, get

from application.throughput import Span, TellThroughput
from domain.tally import Tally
from entrypoints.http.inject import inject
from entrypoints.http.patience import Patience
from entrypoints.http.responses import OPERATOR_ERRORS, UNAVAILABLE, errors
from entrypoints.http.schemas.tally import Counts, SpanView, ThroughputView


class ThroughputController(Controller):
    """The last hour and the last day, of all replicas together."""

    @get(
        "/throughput",
        operation_id="showThroughput",
        summary="What was done within the last hour and day",
        response_description="Both spans.",
        responses=errors(OPERATOR_ERRORS, {503: UNAVAILABLE}),
    )
    @inject
    async def show(self, tell: FromDishka[TellThroughput], patience: FromDishka[Patience]) -> ThroughputView:
        """Show how many tasks ended and how, how many bytes were moved, and what failures were about."""
        seen = await patience.bounded(tell)
        return ThroughputView(_span(seen.hour), _span(seen.day))


def _span(span: Span) -> SpanView:
    whole = span.total
    return SpanView(
        span.start,
        span.end,
        span.step_s,
        [_counts(step) for step in span.steps],
        _counts(whole),
        dict(sorted(whole.failures.items())),
        span.tasks_per_minute,
        span.bytes_per_second,
    )


def _counts(tally: Tally) -> Counts:
    return Counts(tally.completed, tally.failed, tally.cancelled, tally.bytes_done)
