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


def check_query(request: Request[Any, Any, Any], *known: str) -> None:
    """Answer 400 where a query names something unknown or twice: a misspelt filter must not show everything."""
    given = [name for name, _ in request.query_params.multi_items()]
    for name in given:
        shown = ascii(name[:LONGEST_SHOWN])
        if name not in known:
            raise ClientException(f"there is no parameter {shown}; use {', '.join(known)}")
        if given.count(name) > 1:
            raise ClientException(f"the parameter {shown} stands more than once; send it once")
