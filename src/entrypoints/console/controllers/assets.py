"""The files that pages load."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from litestar import Controller, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from entrypoints.console.pages import SAFE_HEADERS

MEDIA_TYPES: Mapping[str, str] = {
    "console.css": "text/css",
    "confirm.js": "text/javascript",
    "live.js": "text/javascript",
    "icon.svg": "image/svg+xml",
    # Byte for byte dist/htmx.min.js of the npm package htmx.org 2.0.11.
    "htmx.min.js": "text/javascript",
    "htmx.LICENSE.txt": "text/plain",
}
"""Every file that is served, and nothing else of the package is."""


class AssetsController(Controller):
    """Open to everybody: the login page needs them, and they tell nothing."""

    @get("/static/{name:str}")
    async def asset(self, name: FromPath[str]) -> Response[bytes]:
        """Return a file."""
        if name not in MEDIA_TYPES:
            raise NotFoundException("the console has no such file")
        headers = {**SAFE_HEADERS, "Cache-Control": "max-age=3600"}
        return Response(_read(name), media_type=MEDIA_TYPES[name], headers=headers)


@cache
def _read(name: str) -> bytes:
    return (files("entrypoints.console") / "static" / name).read_bytes()
