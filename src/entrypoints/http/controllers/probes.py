"""What the service tells of itself, to machines and to people."""

from __future__ import annotations

from typing import Any

from dishka import FromDishka
from litestar import Controller, Response, get

from entrypoints.http.errors import RETRY_AFTER_S, answer
from entrypoints.http.inject import inject
from entrypoints.http.readiness import Readiness
from entrypoints.http.responses import errors
from entrypoints.http.schemas.probes import Alive, Help, Ready
from entrypoints.settings import Settings
from entrypoints.version import VERSION

LOG_FORMAT = "<ISO 8601 time with offset>,<message>"


class ProbesController(Controller):
    """Health, readiness and help; open to everybody."""

    tags = ("service",)

    @get(
        "/healthz",
        operation_id="isAlive",
        response_description="The process lives.",
        summary="Whether the process lives",
    )
    async def healthz(self) -> Alive:
        """Answer while the process lives, whatever the store does."""
        return Alive()

    @get(
        "/readyz",
        operation_id="isReady",
        response_description="The service can do all of its work.",
        summary="Whether the service can do its work",
        responses=errors({503: "Something is missing; `extra.missing` names it."}),
    )
    @inject
    async def readyz(self, readiness: FromDishka[Readiness]) -> Response[Ready]:
        """Answer 200 when the store answers and what was left from before the start has been taken over."""
        missing = await readiness.missing()
        if not missing:
            return Response(Ready("ready", readiness.warnings))
        refusal: Response[Any] = answer(
            503, f"not ready: {'; '.join(missing)}", {"missing": missing}, {"Retry-After": str(RETRY_AFTER_S)}
        )
        return refusal

    @get("/help", operation_id="help", response_description="Who answers.", summary="Who answers here")
    @inject
    async def help(self, settings: FromDishka[Settings]) -> Help:
        """Name the service, the zone of its times and the form of its log lines, and where to read more."""
        return Help(
            service=settings.service_name,
            version=VERSION,
            timezone=settings.timezone.key,
            log_format=LOG_FORMAT,
            links={"docs": "/docs", "openapi": "/openapi.json", "health": "/healthz", "readiness": "/readyz"},
        )
