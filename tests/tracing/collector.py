"""A collector that takes spans by OTLP over HTTP, and remembers them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.http.service import STUCK_S

Value = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Seen:
    """A span as it came over the wire."""

    name: str
    trace_id: str
    span_id: str
    parent_id: str
    """Empty for the first of a trace."""
    tracestate: str
    is_server: bool
    begun_ns: int
    ended_ns: int
    is_error: bool
    told: dict[str, Value]
    resource: dict[str, Value]


class Collector:
    """What has come by now."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.spans: list[Seen] = []
        self.status = 200
        """How it answers; what it does not answer with 200 it does not take."""
        self.calls = 0
        self._more = threading.Condition()

    def take(self, body: bytes) -> int:
        """Take in what was posted, and return the status of the answer."""
        request = ExportTraceServiceRequest.FromString(body)
        with self._more:
            self.calls += 1
            if self.status == 200:
                self.spans += _seen(request)
            self._more.notify_all()
            return self.status

    def is_called(self, times: int) -> None:
        """Block until it was called so often; in a thread, where a loop must go on."""
        with self._more:
            assert self._more.wait_for(lambda: self.calls >= times, STUCK_S)

    def has(self, name: str) -> None:
        """Block until it has a span of this name."""
        with self._more:
            assert self._more.wait_for(lambda: self.named(name), STUCK_S), self.spans

    def named(self, name: str) -> list[Seen]:
        """The spans of this name."""
        return [span for span in self.spans if span.name == name]


@contextmanager
def collecting() -> Iterator[Collector]:
    """Run a collector on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status = collector.take(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status if self.path == "/v1/traces" else 404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing: the test's own output is enough."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        collector = Collector(f"http://127.0.0.1:{server.server_port}")
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield collector
        finally:
            server.shutdown()
            serving.join()


def _seen(request: ExportTraceServiceRequest) -> Iterator[Seen]:
    for group in request.resource_spans:
        resource = _values(group.resource.attributes)
        for scope in group.scope_spans:
            for span in scope.spans:
                yield Seen(
                    name=span.name,
                    trace_id=span.trace_id.hex(),
                    span_id=span.span_id.hex(),
                    parent_id=span.parent_span_id.hex(),
                    tracestate=span.trace_state,
                    is_server=span.kind == Span.SPAN_KIND_SERVER,
                    begun_ns=span.start_time_unix_nano,
                    ended_ns=span.end_time_unix_nano,
                    is_error=span.status.code == span.status.STATUS_CODE_ERROR,
                    told=_values(span.attributes),
                    resource=resource,
                )


def _values(pairs: Iterator[KeyValue]) -> dict[str, Value]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value") or "string_value") for pair in pairs}
