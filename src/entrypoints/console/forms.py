"""Reading what a form sent."""

from __future__ import annotations

from typing import Any

from litestar import Request

from domain.operators import Decision
from entrypoints.http.guard import decision_of


async def field(request: Request[Any, Any, Any], name: str) -> str:
    """Return a field's text; empty where the form has none of this name, or a file in its place."""
    value = (await request.form()).get(name, "")
    return value if isinstance(value, str) else ""


async def decision(request: Request[Any, Any, Any]) -> Decision:
    """Return whose decision a form is, and why. Raises InvalidReason (400)."""
    return decision_of(request, await field(request, "reason"))
