"""Counting what is asked of Redis."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

from adapters.metrics.catalogue import REDIS_ERRORS, REDIS_EXCHANGE, STORE_BUCKETS
from adapters.metrics.cells import Cells
from adapters.metrics.series import by_label, observe, series

ENDPOINTS = ("write", "read")


class RedisMeter:
    """Implements the meter of the Redis adapter. All its series are made at once, and begin at zero."""

    def __init__(self, cells: Cells, kinds: Iterable[str]) -> None:
        """``kinds`` of errors are all that the adapter tells."""
        self._exchanges = by_label(cells, REDIS_EXCHANGE, ENDPOINTS)
        self._errors = {each: series(cells, REDIS_ERRORS, *each) for each in product(ENDPOINTS, sorted(kinds))}

    def exchanged(self, endpoint: str, seconds: float) -> None:
        observe(self._exchanges[endpoint], STORE_BUCKETS, seconds)

    def failed(self, endpoint: str, kind: str) -> None:
        self._errors[endpoint, kind][0] += 1.0
