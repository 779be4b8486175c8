"""What a scraper reads."""

from __future__ import annotations

from typing import Any

from dishka import FromDishka
from litestar import Controller, Request, Response, get

from entrypoints.http.inject import inject
from entrypoints.http.measurements import Measurements


class MetricsController(Controller):
    """Counts and times, for Prometheus and what reads its formats."""

    tags = ("service",)

    @get(
        "/metrics",
        operation_id="metrics",
        media_type="text/plain",
        response_description="Prometheus' text format, or OpenMetrics where that is asked for.",
        summary="Counts and times, for monitoring",
    )
    @inject
    async def metrics(self, request: Request[Any, Any, Any], measurements: FromDishka[Measurements]) -> Response[bytes]:
        """Tell what all workers of this process have counted, and what waits and is at work on all replicas."""
        body, media_type = await measurements.exposition(request.headers.get("accept", ""))
        return Response(body, headers={"Content-Type": media_type})
