"""Counting what is asked of Redis."""

from __future__ import annotations

from adapters.metrics.catalogue import REDIS_ERRORS, REDIS_EXCHANGE, STORE_BUCKETS
from adapters.metrics.cells import Cells
from adapters.metrics.series import by_label, observe, series

ENDPOINTS = ("write", "read")


class RedisMeter:
    """Implements the meter of the Redis adapter. Kinds of errors are few: the adapter names them."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self._exchanges = by_label(cells, REDIS_EXCHANGE, ENDPOINTS)

    def exchanged(self, endpoint: str, seconds: float) -> None:
        observe(self._exchanges[endpoint], STORE_BUCKETS, seconds)

    def failed(self, endpoint: str, kind: str) -> None:
        series(self._cells, REDIS_ERRORS, endpoint, kind)[0] += 1.0
