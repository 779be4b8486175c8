"""Dashboard and alerts ask for what a service at work tells."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.metrics.catalogue import PREFIX
from tests.deploy.files import DEPLOY
from tests.deploy.kustomizing import example_with, kustomize, of_kind
from tests.deploy.queries import groupings, parsed, selections
from tests.deploy.schemas import check
from tests.metrics.told import Told, told_after_tasks

MONITORING = DEPLOY / "monitoring"
DASHBOARD: dict[str, Any] = json.loads((MONITORING / "dashboard.json").read_text())
RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load((MONITORING / "alerts.yaml").read_text())["groups"] for rule in group["rules"]
]
PANELS: list[dict[str, Any]] = DASHBOARD["panels"]
OF_PLACES = {"instance", "job"}
"""Labels that the scraper adds."""


def queries() -> Iterator[tuple[str, str]]:
    """Every query with what it is for."""
    for rule in RULES:
        yield rule["alert"], rule["expr"]
    for panel in PANELS:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


@pytest.fixture
async def told(redis_url: str) -> Told:
    """What a service told after tasks of different ends."""
    return await told_after_tasks(redis_url)


async def test_every_query_asks_for_series_and_labels_that_there_are(told: Told) -> None:
    for purpose, query in queries():
        tree = parsed(query)
        assert selections(tree), purpose
        for selected in selections(tree):
            assert selected.name in told.names, (purpose, selected.name)
            assert selected.labels <= told.labels_of(selected.name).keys(), (purpose, selected)
        for grouped in groupings(tree):
            known = [told.labels_of(each.name).keys() | OF_PLACES for each in grouped.selected]
            assert all(grouped.labels <= labels for labels in known), (purpose, grouped)


async def test_every_label_that_is_asked_for_has_that_value_at_times(told: Told) -> None:
    asked = {(each.name, *pair) for _, query in queries() for each in selections(parsed(query)) for pair in each.values}
    assert len(asked) >= 6
    for name, label, value in asked - {(PREFIX + "http_request_duration_seconds_count", "status", "5xx")}:
        assert value in told.labels_of(name)[label], (name, label, value)


async def test_legends_name_labels_that_the_query_keeps(told: Told) -> None:
    for panel in PANELS:
        for target in panel["targets"]:
            kept = {label for grouped in groupings(parsed(target["expr"])) for label in grouped.labels}
            assert set(re.findall(r"{{(\w+)}}", target["legendFormat"])) <= kept, panel["title"]


async def test_every_metric_is_on_the_dashboard(told: Told) -> None:
    expressions = [target["expr"] for panel in PANELS for target in panel["targets"]]
    shown = {each.name for expression in expressions for each in selections(parsed(expression))}
    for family in told.families:
        assert any(each.name in shown for each in family.samples), family.name


def test_every_alert_says_what_is_wrong_and_what_to_do() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert re.fullmatch(r"DmsScheduler[A-Za-z]+", rule["alert"])
        assert re.fullmatch(r"[0-9]+m", rule["for"])
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert rule["annotations"].keys() == {"summary", "description"}
        assert all(text.strip().endswith(".") for text in rule["annotations"].values())


def test_the_panels_have_ids_places_and_the_chosen_source() -> None:
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    taken: set[tuple[int, int]] = set()
    for panel in PANELS:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells
        assert all(each["datasource"]["uid"] == "${datasource}" for each in (panel, *panel["targets"]))
    assert [each["name"] for each in DASHBOARD["templating"]["list"]] == ["datasource"]


def test_a_site_that_names_the_component_has_its_pods_scraped(tmp_path: Path) -> None:
    site = example_with("job", tmp_path)
    chosen = site / "kustomization.yaml"
    chosen.write_text(chosen.read_text().replace("components:\n", "components:\n  - ../../monitoring\n"))
    made = kustomize(site)
    (deployment,), (monitor,) = of_kind(made, "Deployment"), of_kind(made, "PodMonitor")
    (policy,) = [each for each in of_kind(made, "NetworkPolicy") if each["metadata"]["name"].endswith("-metrics")]
    check(policy)
    assert monitor["metadata"]["namespace"] == deployment["metadata"]["namespace"]
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert monitor["spec"]["selector"]["matchLabels"] == policy["spec"]["podSelector"]["matchLabels"] == labels
    (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
    assert endpoint == {"port": "http", "path": "/metrics"}
    ((port,),) = [way["ports"] for way in policy["spec"]["ingress"]]
    assert port == {"port": endpoint["port"]}
