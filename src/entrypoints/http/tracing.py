"""Where a request stands in its caller's trace (W3C Trace Context), and the spans of those that are exported."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Protocol

from litestar.types import HTTPScope
from structlog.contextvars import bind_contextvars

from domain.traces import read_traceparent, trace_id_of

TRACED = frozenset({"/tasks/task", "/tasks/cancel"})
"""The paths whose requests become spans: the frontend's calls."""

_traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)


class TracedRequest(Protocol):
    """A request that is under way, as a span."""

    @property
    def traceparent(self) -> str | None:
        """Where the span stands in its trace, for what the request causes."""
        ...

    def answered(self, status: int, task_id: str | None, user_id: str | None) -> None:
        """It is over; ``status`` is 0 where the caller went away before the answer."""
        ...


class RequestTracer(Protocol):
    """Makes spans of requests. It does no I/O, waits for nothing and never raises."""

    def begun(self, method: str, route: str, caller: str | None, tracestate: str) -> TracedRequest:
        """A request has come.

        ``caller`` is the span that it comes from, as :func:`caller_of` returns it; ``tracestate`` is its header of that
        name, empty where it has none.
        """
        ...


def caller_of(scope: HTTPScope) -> str | None:
    """Return the caller's ``traceparent``; None where there is none, or several, or it is not valid: never an error."""
    given = [value for name, value in scope["headers"] if name == b"traceparent"]
    return read_traceparent(given[0].decode("latin-1")) if len(given) == 1 else None


def tracestate_of(scope: HTTPScope) -> str:
    """Return what the caller's vendors add to the trace, unread: several headers count as one list (RFC 9110, 5.3)."""
    return b",".join(value for name, value in scope["headers"] if name == b"tracestate").decode("latin-1")


def set_trace(traceparent: str | None) -> None:
    """Note where this request stands in its trace, also on every log line that it causes."""
    _traceparent.set(traceparent)
    if traceparent is not None:
        bind_contextvars(trace_id=trace_id_of(traceparent))


def trace_of_request() -> str | None:
    """Return where the present request stands in its trace, None where nobody told."""
    return _traceparent.get()
