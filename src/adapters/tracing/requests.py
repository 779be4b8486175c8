"""Requests as spans: each a child of the span that its caller names."""

from __future__ import annotations

from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer

from adapters.tracing.contexts import as_text, remote


class RequestSpans:
    """Makes spans of requests. The names of what it tells are OpenTelemetry's conventions where those have one."""

    def __init__(self, spans: Tracer) -> None:
        self._spans = spans

    def begun(self, method: str, route: str, caller: str | None, tracestate: str) -> RequestSpan:
        """Begin the span of a request; ``caller`` is its ``traceparent``, which is valid, or None."""
        span = self._spans.start_span(
            f"{method} {route}",
            remote(caller, tracestate),
            SpanKind.SERVER,
            {"http.request.method": method, "http.route": route},
        )
        return RequestSpan(span, caller)


class RequestSpan:
    """A request that is under way."""

    def __init__(self, span: Span, caller: str | None) -> None:
        self._span = span
        context = span.get_span_context()
        self.traceparent = as_text(context) if context.is_valid else caller

    def answered(self, status: int, task_id: str | None, user_id: str | None) -> None:
        """End the span; ``status`` is 0 where the caller went away before the answer."""
        told = {"http.response.status_code": status or None, "dms.task.id": task_id, "dms.user.id": user_id}
        self._span.set_attributes({name: value for name, value in told.items() if value is not None})
        if status == 0 or status >= 500:
            self._span.set_status(StatusCode.ERROR)
        self._span.end()
