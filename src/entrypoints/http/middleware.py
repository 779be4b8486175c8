"""What surrounds every request, found or not: an id, its caller's trace, an access log line, HEAD for every GET."""

from __future__ import annotations

import logging
import re
import secrets
import time

from litestar.enums import HttpMethod, ScopeType
from litestar.types import ASGIApp, HTTPResponseStartEvent, HTTPScope, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars

from adapters.metrics.request_meter import RequestMeter
from entrypoints.http.connection import HEAD_ONLY
from entrypoints.http.paths import canonical_path
from entrypoints.http.tracing import TRACED, RequestTracer, TracedRequest, caller_of, set_trace, tracestate_of

log = logging.getLogger("entrypoints.http.access")

REQUEST_ID = "X-Request-ID"

_EVENT_STREAM = (b"content-type", b"text/event-stream")

_SANE_ID = re.compile(rb"[A-Za-z0-9._:-]{1,128}\Z")


class RequestContext:
    """Wraps the whole application. One line of log per request, with its id on every other line too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.meter: RequestMeter | None = None
        """Counts the requests, where somebody does."""
        self.tracer: RequestTracer | None = None
        """Makes spans of the frontend's calls, where they are exported."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        clear_contextvars()
        request_id = _request_id(scope)
        bind_contextvars(request_id=request_id)
        watched = WatchedSend(send, request_id)
        path, method = canonical_path(scope), scope["method"]
        routable = _routable(scope, path)
        traced = self._enter_trace(scope, path)
        begun = time.perf_counter()
        try:
            await self._app(routable, receive, watched)
        finally:
            seconds = time.perf_counter() - begun
            if self.meter is not None:
                # How long somebody watches says nothing of how long anybody waits.
                waited = watched.streams_since - begun if watched.streams_since else seconds
                self.meter.answered(routable.get("path_template"), method, watched.status, waited)
            if traced is not None:
                bound = get_contextvars()
                traced.answered(watched.status, bound.get("task_id"), bound.get("user_id"))
            log.info(
                "request",
                extra={
                    "method": method,
                    "path": path,
                    "status": watched.status,
                    "duration_ms": round(seconds * 1000, 3),
                    "client": (scope.get("client") or ("",))[0],
                },
            )

    def _enter_trace(self, scope: HTTPScope, path: str) -> TracedRequest | None:
        """Note where the request stands in a trace, and begin its span where it is to have one."""
        caller = caller_of(scope)
        if self.tracer is None or path not in TRACED:
            set_trace(caller)
            return None
        traced = self.tracer.begun(scope["method"], path, caller, tracestate_of(scope))
        set_trace(traced.traceparent)
        return traced


class WatchedSend:
    """Passes a response on, with the request's id in its headers, and remembers its status (0 before it begins)."""

    streams_since = 0.0
    """When a response that goes on until its reader leaves began; 0 for every other."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = request_id
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            if _EVENT_STREAM in message["headers"]:
                self.streams_since = time.perf_counter()
            message = self._with_id(message)
        await self._send(message)

    def _with_id(self, start: HTTPResponseStartEvent) -> HTTPResponseStartEvent:
        own = (REQUEST_ID.lower().encode(), self._request_id.encode())
        return {**start, "headers": [own, *map(_with_head, start["headers"])]}


def _with_head(header: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """Where GET is allowed, so is HEAD: this module sees to it."""
    name, value = header
    return (name, value.replace(b"GET", b"GET, HEAD")) if name == b"allow" else header


def _request_id(scope: HTTPScope) -> str:
    """Take the caller's id where it is sane, so that lines of several services can be joined; else make one."""
    for name, value in scope["headers"]:
        if name == REQUEST_ID.lower().encode() and _SANE_ID.match(value):
            return value.decode()
    return secrets.token_hex(16)


def _routable(scope: HTTPScope, path: str) -> HTTPScope:
    """Return what the router is to see. The server leaves the body of an answer to HEAD out, if it ends."""
    routable = scope.copy()
    routable["path"] = path
    if scope["method"] == HttpMethod.HEAD:
        routable["method"] = HttpMethod.GET
        routable["extensions"] = {**(scope.get("extensions") or {}), HEAD_ONLY: {}}
    return routable
