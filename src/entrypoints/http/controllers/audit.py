"""Operators look at what operators did."""

from __future__ import annotations

from typing import Any

from dishka import FromDishka
from litestar import Controller, Request, get
from litestar.exceptions import ClientException

from application.ports import AuditLog
from domain.audit import AuditEvent
from entrypoints.http.controllers.paging import PageCursor, PageLimit, check_query
from entrypoints.http.inject import inject
from entrypoints.http.patience import Patience
from entrypoints.http.responses import OPERATOR_ERRORS, UNAVAILABLE, errors
from entrypoints.http.schemas.audit import AuditEntry, AuditView


class AuditController(Controller):
    """The latest actions of all operators on all replicas."""

    @get(
        "/audit",
        operation_id="showAudit",
        summary="What operators did",
        response_description="A page of the audit.",
        responses=errors(OPERATOR_ERRORS, {400: "A parameter is not accepted.", 503: UNAVAILABLE}),
    )
    @inject
    async def show(
        self,
        request: Request[Any, Any, Any],
        audit_log: FromDishka[AuditLog],
        patience: FromDishka[Patience],
        cursor: PageCursor = None,
        limit: PageLimit = 100,
    ) -> AuditView:
        """Show who did what, when, from where and why, the latest first. The latest 10,000 actions are kept."""
        check_query(request, "cursor", "limit")
        try:
            page = await patience.bounded(lambda: audit_log.page(cursor, limit))
        except ValueError as error:
            raise ClientException(str(error)) from None
        return AuditView([_entry(event) for event in page.events], page.cursor)


def _entry(event: AuditEvent) -> AuditEntry:
    return AuditEntry(
        event.at,
        event.by.operator,
        event.by.address,
        event.action,
        event.task_id,
        event.user_id,
        event.detail,
        event.by.reason,
        event.outcome,
    )
