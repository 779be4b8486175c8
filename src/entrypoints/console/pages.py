"""Rendering: templates in, answers out, with the headers that keep pages and sessions safe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Request, Response
from litestar.enums import MediaType

from entrypoints.console import shown
from entrypoints.console.sessions import Session
from entrypoints.version import VERSION

AnyRequest = Request[Any, Any, Any]

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SAFE_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("entrypoints.console"),
        autoescape=True,
        finalize=shown.visible,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"exactly": shown.exactly, "size": shown.size, "span": shown.span, "moment": shown.moment}
    environment.globals["version"] = VERSION
    return environment


_TEMPLATES = _environment()


def page(
    request: AnyRequest, template: str, status: int = 200, headers: Mapping[str, str] | None = None, **facts: object
) -> Response[str]:
    """Return a page. Its template sees ``facts``, the path, and the session if there is one."""
    session = request.scope.get("auth")
    assert session is None or isinstance(session, Session)
    text = _TEMPLATES.get_template(template).render(**facts, session=session, path=request.url.path)
    return Response(
        text,
        status_code=status,
        media_type=MediaType.HTML,
        headers={**SAFE_HEADERS, "Cache-Control": "no-store", **(headers or {})},
    )


def go_to(path: str) -> Response[str]:
    """Send the browser on, with GET: what was done is not done again when the page is loaded again."""
    return Response("", status_code=303, media_type=MediaType.HTML, headers={**SAFE_HEADERS, "Location": path})
