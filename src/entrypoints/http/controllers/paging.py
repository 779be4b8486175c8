"""Parameters of every listing that comes in pages."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request
from litestar.exceptions import ClientException
from litestar.params import QueryParameter

from entrypoints.http.choices import LONGEST_SHOWN

MOST_PER_PAGE = 1000

PageCursor = Annotated[
    str | None,
    QueryParameter(name="cursor", max_length=1024, description="Where to go on: `cursor` of the page before."),
]
PageLimit = Annotated[
    int, QueryParameter(name="limit", ge=1, le=MOST_PER_PAGE, description="Entries in one page, at most.")
]


def refuse_unknown(request: Request[Any, Any, Any], *known: str) -> None:
    """Answer 400 where a query names a parameter that there is not: a misspelt filter must not show everything."""
    unknown = sorted(set(request.query_params) - set(known))
    if unknown:
        shown = ascii(unknown[0][:LONGEST_SHOWN])
        raise ClientException(f"there is no parameter {shown}; use {', '.join(known)}")
