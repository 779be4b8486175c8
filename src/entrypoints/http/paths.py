"""Paths of requests: escaped once, in one way, so that a path parameter may hold any character."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote_to_bytes

from litestar.exceptions import ClientException
from litestar.types import Scope

_CANONICAL = re.compile(rb"[A-Za-z0-9_.~/-]*\Z")
"""What nothing is escaped in: the characters that RFC 3986 (2.3) calls unreserved."""


def canonical_path(scope: Scope) -> str:
    """Return the request's path with every segment percent-encoded in the one canonical way.

    ASGI servers decode the whole path, after which ``%2F`` inside a user's name looks like a separator. The router
    therefore gets this form, and handlers decode their parameters with :func:`decoded`.
    """
    raw = scope.get("raw_path")
    if not raw:
        return scope["path"]
    path = raw.partition(b"?")[0]
    if _CANONICAL.match(path):
        return path.decode("ascii")
    segments = path.split(b"/")
    return "/".join(quote(unquote_to_bytes(segment), safe="") for segment in segments)


def decoded(name: str, segment: str) -> str:
    """Return the text of a path parameter; one that is not UTF-8 is the caller's mistake (400)."""
    try:
        return unquote_to_bytes(segment).decode()
    except UnicodeDecodeError:
        raise ClientException(f"{name} in the path is not UTF-8 text; percent-encode it as UTF-8") from None
