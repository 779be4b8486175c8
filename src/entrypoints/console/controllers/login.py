"""Logging in and out."""

from __future__ import annotations

import logging
import math
from typing import Any

from dishka import FromDishka
from litestar import Controller, Request, Response, get, post
from litestar.datastructures import Cookie

from entrypoints.console.forms import field
from entrypoints.console.guard import refuse_other_sites
from entrypoints.console.pages import go_to, page
from entrypoints.console.sessions import COOKIE, LIFETIME_S, Sessions
from entrypoints.console.wrong_tokens import WrongTokens
from entrypoints.http.inject import inject

log = logging.getLogger(__name__)


class LoginController(Controller):
    """A session is opened with an operator's token, which the browser does not keep."""

    @get("/login")
    async def form(self, request: Request[Any, Any, Any]) -> Response[str]:
        """Ask for the token."""
        return page(request, "login.html", said="")

    @post("/login", status_code=303, guards=[refuse_other_sites])
    @inject
    async def log_in(
        self, request: Request[Any, Any, Any], sessions: FromDishka[Sessions], wrong: FromDishka[WrongTokens]
    ) -> Response[Any]:
        """Open a session; 403 for a wrong token, 429 after too many."""
        address = request.client.host if request.client else ""
        wait_s = math.ceil(wrong.wait_s(address))
        if wait_s:
            said = f"Too many wrong tokens came from your address. Try again in {wait_s} s."
            return page(request, "login.html", 429, {"Retry-After": str(wait_s)}, said=said)
        operator = sessions.operator_of(await field(request, "token"))
        if operator is None:
            wrong.note(address)
            log.warning("a wrong token at the console's login", extra={"client": address})
            return page(request, "login.html", 403, said="This token is not an operator's.")
        wrong.forget(address)
        answer = go_to("/console")
        answer.set_cookie(_cookie(request, sessions.open(operator), LIFETIME_S))
        return answer


class LogoutController(Controller):
    """The other end of a session."""

    @post("/logout", status_code=303)
    async def log_out(self, request: Request[Any, Any, Any]) -> Response[Any]:
        """Take the cookie back."""
        answer = go_to("/console/login")
        answer.set_cookie(_cookie(request, "", 0))
        return answer


def _cookie(request: Request[Any, Any, Any], value: str, max_age_s: int) -> Cookie:
    # Without TLS a browser would not send a secure cookie back at all.
    return Cookie(
        COOKIE,
        value=value,
        path="/console",
        max_age=max_age_s,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
