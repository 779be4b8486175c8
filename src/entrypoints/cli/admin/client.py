"""The operators' part of the service's HTTP API, one call after the other."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from types import MappingProxyType
from typing import Any
from urllib.parse import SplitResult, quote, urlencode

from entrypoints.cli.problems import ExitCode, Problem
from entrypoints.cli.text import one_line

TIMEOUT_S = 30.0
"""The service itself answers within 10 s, whatever its store does."""

MOST_PER_PAGE = 1000

Document = Mapping[str, Any]

EVENT_STREAM = "text/event-stream"

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class Refused(Problem):
    """The service answered that it did not do it, and why."""


class Unreachable(Problem):
    """The service did not answer, or refused the token."""

    def __init__(self, text: str) -> None:
        super().__init__(text, ExitCode.UNREACHABLE)


class TokenRefused(Unreachable):
    """The service takes another token."""


class AdminClient:
    """Asks one service, with one operator's token."""

    def __init__(self, address: SplitResult, token: str) -> None:
        self._address = address
        self._token = token

    @property
    def url(self) -> str:
        """The service, for people."""
        return self._address.geturl()

    def get(self, path: str, **query: object) -> Document:
        """Return what ``/admin`` + ``path`` shows. Parameters that are None are left out.

        Raises Refused, Unreachable.
        """
        return self._call("GET", _with_query(path, query), None)

    def post(self, path: str, body: Mapping[str, object] | None = None) -> Document:
        """Ask for an action, and return what has come of it. Raises Refused, Unreachable."""
        return self._call("POST", path, body)

    def pages(self, path: str, **query: object) -> Iterator[Document]:
        """Yield all pages of a listing. Raises Refused, Unreachable."""
        cursor: str | None = None
        while True:
            page = self.get(path, cursor=cursor, limit=MOST_PER_PAGE, **query)
            yield page
            cursor = page["cursor"]
            if cursor is None:
                return

    @contextmanager
    def stream(self, path: str, headers: Mapping[str, str], **query: object) -> Iterator[Iterator[bytes]]:
        """Yield the lines of a stream of events, as they come. Raises Refused, Unreachable, at its end too.

        Silence for so long as any other answer may take is the end.
        """
        with self._answer("GET", _with_query(path, query), None, headers) as response:
            if response.status >= 400:
                raise self._problem(response.status, self._document(response))
            if response.getheader("Content-Type") != EVENT_STREAM:
                raise Unreachable(f"{self.url} is not this service: it answers with no stream")
            yield iter(response)

    def _call(self, method: str, path: str, body: Mapping[str, object] | None) -> Document:
        with self._answer(method, path, body) as response:
            document = self._document(response)
            if response.status >= 400:
                raise self._problem(response.status, document)
            return document

    def _problem(self, status: int, document: Document) -> Problem:
        detail = one_line(str(document.get("detail", document)))
        if status == 401 or (status == 403 and "token" in detail):
            return TokenRefused(f"{self.url} refuses the operators' token: {detail}")
        if status >= 500:
            return Unreachable(f"{self.url} cannot answer now ({status}): {detail}")
        return Refused(detail)

    @contextmanager
    def _answer(
        self, method: str, path: str, body: Mapping[str, object] | None, more_headers: Mapping[str, str] = NO_HEADERS
    ) -> Iterator[HTTPResponse]:
        connection = self._connection()
        headers = {"X-Operator-Token": self._token, "Connection": "close", **more_headers}
        if body is not None:
            headers["Content-Type"] = "application/json"
        place = f"{self._address.path.rstrip('/')}/admin{path}"
        try:
            connection.request(method, place, None if body is None else json.dumps(body), headers)
            yield connection.getresponse()
        except (OSError, HTTPException, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError | socket.gaierror) and error.strerror else error
            raise Unreachable(f"{self.url} does not answer as the service does: {reason}") from error
        finally:
            connection.close()

    def _document(self, response: HTTPResponse) -> Document:
        document = json.loads(response.read())
        if not isinstance(document, dict):
            raise Unreachable(f"{self.url} is not this service: its answer is no JSON object")
        return document

    def _connection(self) -> HTTPConnection:
        kind = HTTPSConnection if self._address.scheme == "https" else HTTPConnection
        assert self._address.hostname is not None
        return kind(self._address.hostname, self._address.port, timeout=TIMEOUT_S)


def _with_query(path: str, query: Mapping[str, object]) -> str:
    given = {name: value for name, value in query.items() if value is not None}
    return f"{path}?{urlencode(given)}" if given else path


def segment(text: str) -> str:
    """Return a text as one part of a path, whatever is in it; a part that is only dots would mean another path."""
    return quote(text, safe="").replace(".", "%2E")
