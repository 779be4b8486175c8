"""Sending spans to a collector by OTLP over HTTP, as the standard variables ``OTEL_*`` say."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from adapters.tracing.attempts import AttemptSpans
from adapters.tracing.requests import RequestSpans

log = logging.getLogger(__name__)

FLUSH_S = 3.0
"""How long the end of the service waits for its last spans to be sent. A collector that is away is not waited for."""

_EXPORTERS_LOG = logging.getLogger("opentelemetry.exporter.otlp.proto.http.trace_exporter")
_QUEUES_LOG = logging.getLogger("opentelemetry.sdk._shared_internal")
_HEADERS_LOG = logging.getLogger("opentelemetry.trace")
"""Warns of each caller whose ``tracestate`` is not well-formed: anybody could fill our log so."""


class BadVariable(Exception):
    """OpenTelemetry cannot use what one of its variables holds."""


class SpanExport:
    """Collects the spans of this process and sends them, in a thread of its own."""

    def __init__(self, service: str, version: str, instance: str) -> None:
        """Name the service as the arguments say, unless ``OTEL_SERVICE_NAME`` and the like name it.

        Raises :class:`BadVariable`.
        """
        ours = {"service.name": service, "service.version": version, "service.instance.id": instance}
        try:
            self._exporter = QuietExporter(OTLPSpanExporter())
            resource = Resource.create(ours).merge(OTELResourceDetector().detect())
            self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
            self._provider.add_span_processor(BatchSpanProcessor(self._exporter))
        except (ValueError, OSError, RuntimeError, ImportError) as error:
            raise BadVariable(" ".join(str(error).split())) from error
        _HEADERS_LOG.setLevel(logging.ERROR)
        spans = self._provider.get_tracer("dms-scheduler", version)
        self.attempts = AttemptSpans(spans)
        self.requests = RequestSpans(spans)

    async def close(self) -> None:
        """Send what is left, for :data:`FLUSH_S` at the most; what is not sent by then is dropped."""
        await asyncio.to_thread(self.end)

    def end(self) -> None:
        """Close, and block meanwhile."""
        if self._exporter.is_failing:
            self._exporter.shutdown()  # nobody is there to take the rest
        # A thread that ends with the process: whatever it waits for, the process does not.
        sending = threading.Thread(target=self._provider.shutdown, name="send the last spans", daemon=True)
        sending.start()
        sending.join(FLUSH_S)
        self._exporter.shutdown()


class QuietExporter(SpanExporter):
    """Says once that the collector does not take spans, and once that it does again, where the SDK goes on and on."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._is_over = False
        self.is_failing = False
        """Whether the last spans could not be sent."""
        _QUEUES_LOG.addFilter(self._is_news)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        with _complaints() as complaints:
            result = self._exporter.export(spans)
        failed = result is not SpanExportResult.SUCCESS
        if failed and not self.is_failing:
            reason = complaints[0] if complaints else "unknown"
            # The first complaint tells why, the last only that it gave up.
            log.warning("spans are dropped, for the collector does not take them", extra={"reason": reason})
        if self.is_failing and not failed:
            log.info("the collector takes spans again")
        self.is_failing = failed
        return result

    def shutdown(self) -> None:
        if not self._is_over:
            self._is_over = True
            self._exporter.shutdown()
            _QUEUES_LOG.removeFilter(self._is_news)

    def _is_news(self, record: logging.LogRecord) -> bool:
        """Whether the queue's word on what it drops was not told already."""
        return not self.is_failing


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """Collect what the exporter would log, each try of each batch."""
    told: list[str] = []

    def keep(record: logging.LogRecord) -> bool:
        told.append(record.getMessage())
        return False

    _EXPORTERS_LOG.addFilter(keep)
    try:
        yield told
    finally:
        _EXPORTERS_LOG.removeFilter(keep)
