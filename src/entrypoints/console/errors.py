"""Errors as pages: the API's statuses and sentences, for people."""

from __future__ import annotations

from typing import Any

from litestar import Response
from litestar.types import ExceptionHandlersMap

from entrypoints.console.guard import NoSession
from entrypoints.console.pages import AnyRequest, go_to, page
from entrypoints.http.errors import HANDLERS

LOGIN = "/console/login"


def _no_session(request: AnyRequest, error: NoSession) -> Response[Any]:
    if request.headers.get("HX-Request"):
        return page(request, "error.html", 401, {"HX-Redirect": LOGIN}, said="You are not logged in any more.")
    if request.method == "GET":
        return go_to(LOGIN)
    return page(request, "error.html", 401, said="You are not logged in any more. Nothing was done.")


def _any_error(request: AnyRequest, error: Exception) -> Response[Any]:
    handler = next(HANDLERS[kind] for kind in type(error).__mro__ if kind in HANDLERS)
    told = handler(request, error)
    headers = {name: value for name, value in told.headers.items() if name == "Retry-After"}
    return page(request, "error.html", told.status_code or 500, headers, said=told.content.detail)


PAGES: ExceptionHandlersMap = {
    **dict.fromkeys(HANDLERS, _any_error),
    NoSession: _no_session,
}
"""For the console's routes."""
