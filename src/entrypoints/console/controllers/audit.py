"""What operators did, on every replica and by whatever way."""

from __future__ import annotations

from typing import Annotated, Any

from dishka import FromDishka
from litestar import Controller, Request, Response, get
from litestar.exceptions import ClientException
from litestar.params import QueryParameter

from application.ports import AUDIT_KEPT, AuditLog
from entrypoints.console.pages import page
from entrypoints.http.inject import inject
from entrypoints.http.patience import Patience

PER_PAGE = 50


class AuditController(Controller):
    """The same audit as the API's."""

    @get("/audit")
    @inject
    async def show(
        self,
        request: Request[Any, Any, Any],
        audit_log: FromDishka[AuditLog],
        patience: FromDishka[Patience],
        cursor: Annotated[str | None, QueryParameter(max_length=1024)] = None,
    ) -> Response[str]:
        """Show who did what, when, from where and why, the latest first."""
        try:
            found = await patience.bounded(lambda: audit_log.page(cursor, PER_PAGE))
        except ValueError as error:
            raise ClientException(str(error)) from None
        return page(
            request, "audit.html", events=found.events, following=found.cursor, is_further=cursor, kept=AUDIT_KEPT
        )
