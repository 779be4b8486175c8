"""The one guard before everything that only operators may do."""

from __future__ import annotations

import hmac
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from structlog.contextvars import bind_contextvars

from domain.operators import Decision, valid_reason

TOKEN_HEADER = "X-Operator-Token"

SHARED_NAME = "operator"
"""Whoever uses the token that all operators share."""


class OperatorGuard:
    """Lets a request pass that carries the operators' token; without one it is 401, with a wrong one 403."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    async def __call__(self, connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        given = connection.headers.get(TOKEN_HEADER)
        if given is None:
            raise NotAuthorizedException(
                f"this is for operators: send their token in the header {TOKEN_HEADER}",
                headers={"WWW-Authenticate": f'OperatorToken header="{TOKEN_HEADER}"'},
            )
        # In bytes: a header may hold any, and text that is not ASCII cannot be compared in constant time.
        if not hmac.compare_digest(given.encode("latin-1"), self._token):
            raise PermissionDeniedException(f"the token in the header {TOKEN_HEADER} is wrong")
        connection.scope["user"] = SHARED_NAME
        bind_contextvars(operator=SHARED_NAME)


def decision_of(request: Request[Any, Any, Any], reason: str = "") -> Decision:
    """Return whose decision a guarded request is. Raises InvalidReason (400)."""
    address = request.client.host if request.client else ""
    return Decision(request.user, address, valid_reason(reason))
