"""Reading what a form sent."""

from __future__ import annotations

from typing import Any

from litestar import Request


async def field(request: Request[Any, Any, Any], name: str) -> str:
    """Return a field's text; empty where the form has none of this name, or a file in its place."""
    value = (await request.form()).get(name, "")
    return value if isinstance(value, str) else ""
