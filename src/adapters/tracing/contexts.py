"""From the text of a place in a trace to OpenTelemetry's own form, and back."""

from __future__ import annotations

from opentelemetry.context import Context
from opentelemetry.trace import SpanContext
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_W3C = TraceContextTextMapPropagator()


def remote(traceparent: str | None, tracestate: str = "") -> Context:
    """Return the context of a span of another process; where there is none, of what begins a trace of its own."""
    told = {} if traceparent is None else {"traceparent": traceparent, "tracestate": tracestate}
    # Upon an empty context, not the present one: what the caller of this code is at has no part in it.
    return _W3C.extract(told, Context())


def as_text(context: SpanContext) -> str:
    """Return a span's place as its children name it (:mod:`domain.traces`)."""
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"
