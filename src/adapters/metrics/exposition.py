"""Writing what was counted in the format that a scraper asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from adapters.metrics.catalogue import METRICS, Kind
from adapters.metrics.catalogue import Metric as Described
from adapters.metrics.series import read_name
from adapters.metrics.workers import Counted

Values = Sequence[float]
Labels = tuple[str, ...]
Samples = Mapping[Labels, Values]
"""The series of one metric, as their rows hold them."""


def expose(counted: Iterable[Counted], gauges: Mapping[str, Samples], accept: str) -> tuple[bytes, str]:
    """Return the body and its media type.

    ``gauges`` are of no single worker; ``accept`` is the request's header of that name.
    """
    samples = {**_sum(counted), **gauges}
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collected([_family(each, samples.get(each.name, {})) for each in METRICS]))
    encode, media_type = choose_encoder(accept)
    return encode(registry), media_type


class _Collected(Collector):
    def __init__(self, families: Sequence[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        yield from self._families


def _sum(counted: Iterable[Counted]) -> dict[str, dict[Labels, Values]]:
    """Return the sums over all workers; what is true of a moment only is true only of those that live."""
    gauges = {each.name for each in METRICS if each.kind is Kind.GAUGE}
    sums: dict[str, dict[Labels, Values]] = {}
    for worker in counted:
        for name, row in worker.rows.items():
            metric, labels = read_name(name)
            if worker.is_alive or metric not in gauges:
                of_metric = sums.setdefault(metric, {})
                of_metric[labels] = [a + b for a, b in zip(of_metric.get(labels, [0.0] * len(row)), row, strict=True)]
    return sums


def _family(described: Described, samples: Samples) -> Metric:
    if described.kind is Kind.HISTOGRAM:
        return _histogram(described, samples)
    kind = CounterMetricFamily if described.kind is Kind.COUNTER else GaugeMetricFamily
    family = kind(described.name, described.help, labels=described.labels)
    for labels, (value,) in sorted(samples.items()):
        family.add_metric(labels, value)
    return family


def _histogram(described: Described, samples: Samples) -> HistogramMetricFamily:
    family = HistogramMetricFamily(described.name, described.help, labels=described.labels)
    bounds = [*map(floatToGoString, described.buckets), "+Inf"]
    for labels, (total, *counts) in sorted(samples.items()):
        # Prometheus' buckets hold all values up to their bound.
        family.add_metric(labels, list(zip(bounds, accumulate(counts), strict=True)), total)
    return family
