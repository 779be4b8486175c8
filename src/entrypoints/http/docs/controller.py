"""The routes of the documentation."""

from __future__ import annotations

from litestar import Controller, Response, get
from litestar.enums import MediaType
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from entrypoints.http.docs.assets import MEDIA_TYPES, PAGE, read_asset

# Swagger UI sets styles on elements and shows images from data URLs; everything else comes from here.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {"Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


class DocsController(Controller):
    """Works without internet access: the page's scripts and styles are served from here."""

    include_in_schema = False

    @get("/docs")
    async def page(self) -> Response[bytes]:
        """Show the API documentation."""
        return Response(read_asset(PAGE), media_type=MediaType.HTML, headers=_HEADERS)

    @get("/docs/assets/{name:str}")
    async def asset(self, name: FromPath[str]) -> Response[bytes]:
        """Return a file that the page loads."""
        if name not in MEDIA_TYPES:
            raise NotFoundException("the documentation has no such file")
        return Response(
            read_asset(name), media_type=MEDIA_TYPES[name], headers={**_HEADERS, "Cache-Control": "max-age=3600"}
        )
