"""Names, units and labels are as Prometheus wants them."""

from __future__ import annotations

import re

import pytest

from adapters.metrics.catalogue import METRICS, PREFIX, Kind, Metric
from tests.metrics.told import Told, told_after_tasks

MOST_VALUES = 20
"""A label with more than so many values makes too many series."""

UNBOUNDED = {"user", "user_id", "task", "task_id", "path", "host", "owner"}


@pytest.fixture
async def told(redis_url: str) -> Told:
    """What a service told after tasks of different ends."""
    return await told_after_tasks(redis_url)


async def test_all_metrics_are_told_and_no_others(told: Told) -> None:
    assert [family.name for family in told.families] == [metric.name.removesuffix("_total") for metric in METRICS]
    assert [family.documentation for family in told.families] == [metric.help for metric in METRICS]
    assert [family.type for family in told.families] == [metric.kind for metric in METRICS]


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name.removeprefix(PREFIX))
class TestMetric:
    """One of the catalogue's."""

    def test_its_name_follows_the_rules(self, metric: Metric) -> None:
        assert re.fullmatch(PREFIX + "[a-z][a-z_]*[a-z]", metric.name)
        assert metric.name.endswith("_total") == (metric.kind is Kind.COUNTER)
        if metric.kind is Kind.HISTOGRAM:
            assert metric.name.endswith(("_seconds", "_bytes"))
        # Base units only, and no kind in a name.
        assert not re.search(r"_(ms|millis|minutes|hours|kb|mib|counter|gauge|histogram)(_|\b)", metric.name)

    def test_its_help_is_a_sentence(self, metric: Metric) -> None:
        assert re.fullmatch(r"[A-Z].*\.", metric.help)

    def test_its_labels_are_of_few_values(self, metric: Metric) -> None:
        assert not UNBOUNDED & set(metric.labels)

    def test_its_buckets_rise(self, metric: Metric) -> None:
        assert list(metric.buckets) == sorted(set(metric.buckets))
        assert bool(metric.buckets) == (metric.kind is Kind.HISTOGRAM)


async def test_what_is_told_has_few_values_for_each_label(told: Told) -> None:
    for name in told.names:
        for label, values in told.labels_of(name).items():
            assert len(values) <= MOST_VALUES, (name, label, values)
