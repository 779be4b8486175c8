"""Counting requests."""

from __future__ import annotations

from adapters.metrics.catalogue import REQUEST_BUCKETS, REQUESTS
from adapters.metrics.cells import Cells, Row
from adapters.metrics.series import OTHER, observe, series

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

UNMATCHED = "unmatched"
"""The route of all requests that no route takes."""

UNANSWERED = "none"
"""The status of requests whose caller went away before the answer began."""


class RequestMeter:
    """Counts each request under its route's template, never its path, and under its status' class."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self._rows: dict[tuple[str, str, int], Row] = {}

    def answered(self, route: str | None, method: str, status: int, seconds: float) -> None:
        """Count a request; ``status`` is 0 where none was sent."""
        key = (route or UNMATCHED, method if method in METHODS else OTHER, status // 100)
        observe(self._rows[key] if key in self._rows else self._new_row(*key), REQUEST_BUCKETS, seconds)

    def _new_row(self, route: str, method: str, status_class: int) -> Row:
        status = f"{status_class}xx" if status_class else UNANSWERED
        row = series(self._cells, REQUESTS, route, method, status)
        self._rows[route, method, status_class] = row
        return row
