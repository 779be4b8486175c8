"""The one guard before everything that only operators may do."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from structlog.contextvars import bind_contextvars

from domain.operators import Decision, valid_reason

TOKEN_HEADER = "X-Operator-Token"


class OperatorGuard:
    """Lets a request pass that carries an operator's token; without one it is 401, with a wrong one 403."""

    def __init__(self, tokens: Mapping[str, str]) -> None:
        """``tokens`` are those of all operators, by name."""
        self._tokens = [(name, token.encode()) for name, token in tokens.items()]

    async def __call__(self, connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        given = connection.headers.get(TOKEN_HEADER)
        if given is None:
            raise NotAuthorizedException(
                f"this is for operators: send their token in the header {TOKEN_HEADER}",
                headers={"WWW-Authenticate": f'OperatorToken header="{TOKEN_HEADER}"'},
            )
        name = self._name_of(given)
        if name is None:
            raise PermissionDeniedException(f"the token in the header {TOKEN_HEADER} is wrong")
        connection.scope["user"] = name
        bind_contextvars(operator=name)

    def _name_of(self, given: str) -> str | None:
        # In bytes: a header may hold any, and text that is not ASCII cannot be compared in constant time. All are
        # compared, whichever is right, so that the time tells nothing of that either.
        raw = given.encode("latin-1")
        names = [name for name, token in self._tokens if hmac.compare_digest(raw, token)]
        return names[0] if names else None


def decision_of(request: Request[Any, Any, Any], reason: str = "") -> Decision:
    """Return whose decision a guarded request is. Raises InvalidReason (400)."""
    address = request.client.host if request.client else ""
    return Decision(request.user, address, valid_reason(reason))
