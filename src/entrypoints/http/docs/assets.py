"""The files behind the documentation page: Swagger UI from its Python package, and two small ones of our own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

PAGE = "page.html"

_OURS = {"start.js": "text/javascript"}
_SWAGGER_UI = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon-32x32.png": "image/png",
}
MEDIA_TYPES: Mapping[str, str] = {**_OURS, **_SWAGGER_UI}
"""Every file that is served, and nothing else of the package is."""


@cache
def read_asset(name: str) -> bytes:
    """Return a file's content. ``name`` is the page or one of :data:`MEDIA_TYPES`."""
    if name in _SWAGGER_UI:
        return (_swagger_ui() / name).read_bytes()
    return (files(__package__) / name).read_bytes()


def _swagger_ui() -> Traversable:
    """Find the package's folder, which carries Swagger UI's version in its name."""
    (folder,) = (each for each in (files("swagger_ui_bundle") / "vendor").iterdir() if each.is_dir())
    return folder
