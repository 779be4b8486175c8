"""The one guard before every page and form of the console."""

from __future__ import annotations

import hmac
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.enums import HttpMethod
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from structlog.contextvars import bind_contextvars

from entrypoints.console.forms import field
from entrypoints.console.sessions import COOKIE, Session, Sessions
from entrypoints.http.inject import container_of

FORM_TOKEN = "form_token"
"""The field in which every form carries its session's token."""


class NoSession(NotAuthorizedException):
    """Nobody is logged in, or not any more."""


class SessionGuard:
    """Lets a request pass that has a session; what changes something must come from a form of that session too."""

    async def __call__(self, connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        sessions = await container_of(connection.app).get(Sessions)
        session = sessions.read(connection.cookies.get(COOKIE, ""))
        if session is None:
            raise NoSession("log in first")
        connection.scope["user"] = session.operator
        connection.scope["auth"] = session
        bind_contextvars(operator=session.operator)
        assert isinstance(connection, Request)
        if connection.method != HttpMethod.GET:
            await _check_form(connection, session)


async def refuse_other_sites(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Refuse a form that a browser says another site has sent: the guard of the login, which has no session yet."""
    if connection.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise PermissionDeniedException("this form was sent by another site; log in from the console's own page")


async def _check_form(request: Request[Any, Any, Any], session: Session) -> None:
    given = await field(request, FORM_TOKEN)
    if not hmac.compare_digest(given.encode(), session.form_token.encode()):
        raise PermissionDeniedException("this form is not from your session; load the page again and repeat")
