"""Whether traces are exported, and by what.

The libraries for it are an optional extra, so they are imported only where somebody wants them.
"""

from __future__ import annotations

from typing import Protocol

from application.tracer import Tracer
from entrypoints.http.tracing import RequestTracer
from entrypoints.settings import Settings, SettingsError, Tracing
from entrypoints.version import VERSION

EXTRA = "dms-scheduler[otel]"


class TraceExport(Protocol):
    """Sends the spans of this process to where they are collected, and holds nobody up."""

    @property
    def attempts(self) -> Tracer:
        """Makes spans of attempts."""
        ...

    @property
    def requests(self) -> RequestTracer:
        """Makes spans of requests."""
        ...

    async def close(self) -> None:
        """Send what is left, within a few seconds."""
        ...

    def end(self) -> None:
        """Close, and block meanwhile."""
        ...


def open_export(settings: Settings, instance: str) -> TraceExport:
    """Return what exports this process's spans; ``instance`` names the process.

    Raises :class:`~entrypoints.settings.SettingsError` where the extra is not installed, or OpenTelemetry cannot use
    one of its own variables.
    """
    try:
        from adapters.tracing.exporting import BadVariable, SpanExport
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"DMS_TRACING='{settings.tracing}': {error.name} is not installed (pip install '{EXTRA}'); accepted "
            "without it is off"
        ) from None
    try:
        return SpanExport(settings.service_name, VERSION, instance)
    except BadVariable as error:
        raise SettingsError(
            f"DMS_TRACING='{settings.tracing}': OpenTelemetry cannot be set up as its variables OTEL_* say: {error}"
        ) from None


def check_tracing(settings: Settings) -> None:
    """Raise :class:`~entrypoints.settings.SettingsError` where traces are to be exported and cannot be."""
    if settings.tracing is not Tracing.OFF:
        open_export(settings, "").end()
