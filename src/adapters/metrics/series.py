"""What makes rows of cells into series: one row for each metric and choice of labels."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

from adapters.metrics.catalogue import Metric
from adapters.metrics.cells import Cells, Row

OTHER = "other"
"""The label of all values that have none of their own."""


def series(cells: Cells, metric: Metric, *labels: str) -> Row:
    """Return the row of one series: a single number or, for a histogram, the sum of all values, then its buckets."""
    assert len(labels) == len(metric.labels), metric.name
    width = len(metric.buckets) + 2 if metric.buckets else 1
    return cells.row(series_name(metric, labels), width)


def by_label(cells: Cells, metric: Metric, values: Iterable[str]) -> Mapping[str, Row]:
    """Return the series of a metric with one label, by its values."""
    return {value: series(cells, metric, value) for value in values}


def observe(row: Row, buckets: Sequence[float], value: float) -> None:
    """Count one value in a histogram's row."""
    row[0] += value
    row[1 + bisect_left(buckets, value)] += 1.0


def series_name(metric: Metric, labels: Iterable[str]) -> str:
    """Return the name of a series' row."""
    return json.dumps([metric.name, *labels])


def read_name(name: str) -> tuple[str, tuple[str, ...]]:
    """Return metric and labels of a row's name."""
    metric, *labels = json.loads(name)
    return metric, tuple(labels)
