"""Reading JSON bodies strictly: what two parsers could read in two ways is refused."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import ClientException, InternalServerException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge

MAX_BODY_BYTES = 1024 * 1024
"""A larger body is answered 413."""

DEEPEST = 128
"""Levels of objects and arrays within one another; records bear fewer."""


class UnsupportedMediaType(ClientException):
    """The body is not declared as JSON. A web page on another site could not declare it so without being asked."""

    status_code = 415


class JsonRequest(Request[Any, Any, Any]):
    """A request whose body, if a handler asks for it, is one JSON document.

    Its two headers of interest are looked up, where Litestar makes a multi-dict of all of them for each request.
    """

    @property
    def content_length(self) -> int | None:
        """Bytes of the body, None where the request does not say; 400 where that is no number."""
        length = self._header(b"content-length")
        try:
            return None if length is None else int(length)
        except ValueError:
            raise ClientException(f"Content-Length is {length!r}; send a number of bytes") from None

    def _header(self, name: bytes) -> str | None:
        return next((value.decode("latin-1") for each, value in self.scope["headers"] if each == name), None)

    async def body(self) -> bytes:
        """Return the body; 415 if it is not declared as JSON, 400 if there is none, 413 if it is too large."""
        kind = (self._header(b"content-type") or "").partition(";")[0].strip().lower()
        if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
            raise UnsupportedMediaType("send the header Content-Type: application/json and a JSON object as the body")
        try:
            body = await super().body()
        except InternalServerException:
            # Litestar's word for a caller who hung up in the middle: nobody reads the answer, and nothing broke.
            raise ClientException("the body ended before it was complete") from None
        if not body:
            raise ClientException("the body is empty; send a JSON object")
        return body

    async def json(self) -> Any:
        """Return the document of the body; 400 where it is none."""
        return read_json(await self.body())


class OptionalJsonRequest(JsonRequest):
    """A request that may come without a body; what it has must be JSON all the same."""

    async def body(self) -> bytes:
        """Return the body, empty where the request has none."""
        has_body = bool(self.content_length) or "transfer-encoding" in self.headers
        return await super().body() if has_body else b""


def read_json(body: bytes) -> Any:
    """Return the one value that ``body`` (UTF-8) stands for.

    Refused with 400 and the reason: malformed text, invalid UTF-8, lone surrogates, NaN and infinities, numbers that no
    float or integer of ours holds, a name twice in one object, and nesting deeper than :data:`DEEPEST`.
    """
    try:
        text = body.decode()
        document = msgspec.json.decode(text)
        # msgspec keeps the last of several equal names silently; a hook of the standard library sees them all.
        _see_all_names(text)
    except UnicodeDecodeError as error:
        raise ClientException(f"the body is not UTF-8 text (byte {error.start})") from None
    except RecursionError:
        raise ClientException(f"the body is nested deeper than {DEEPEST} levels") from None
    except (msgspec.MsgspecError, ValueError) as error:
        raise ClientException(f"the body is not valid JSON: {error}") from None
    # Each level takes a bracket of its own, and most bodies have few.
    if text.count("{") + text.count("[") > DEEPEST and _is_too_deep(document):
        raise ClientException(f"the body is nested deeper than {DEEPEST} levels")
    return document


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names: set[str] = set()
    for name, _ in pairs:
        if name in names:
            raise ValueError(f"the name {name!a} stands twice in one object")
        names.add(name)
    return {}


_see_all_names = json.JSONDecoder(object_pairs_hook=_unique).decode


def _is_too_deep(document: object) -> bool:
    level = [document]
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in _values(outer) if isinstance(inner, dict | list)]
        if not level:
            return False
    return True


def _values(value: object) -> Iterable[object]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


async def refuse_large_body(request: Request[Any, Any, Any]) -> None:
    """Answer 413 before a handler runs that would not look at the body at all."""
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise RequestEntityTooLarge
