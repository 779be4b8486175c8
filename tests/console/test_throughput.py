"""Charts of what was done, failures by kind, and bytes by user."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from application.throughput import Span
from domain.failures import FailureKind
from domain.tally import Tally
from domain.values import TaskStatus
from entrypoints.console.charts import HEIGHT, bytes_chart, tasks_chart
from tests.console.operator import Operator
from tests.console.test_pages import HOSTILE, running
from tests.http.service import Service

START = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)


def span(*steps: Tally) -> Span:
    return Span(START, START + timedelta(minutes=len(steps)), 60, steps)


def test_bars_are_stacked_from_the_ground_and_the_highest_fills_the_picture() -> None:
    chart = tasks_chart("n", "Tasks", span(Tally(2, 1, {FailureKind.STORAGE: 1}), Tally(), Tally(2)))
    (first, last) = chart.bars
    assert [(part.kind, part.y, part.height) for part in first.parts] == [
        ("completed", 50.0, 50.0),
        ("cancelled", 25.0, 25.0),
        ("failed", 0.0, 25.0),
    ]
    assert [(part.x, part.height) for part in last.parts] == [(20, 50.0)]
    assert first.words == "09:00: 2 completed, 1 failed, 1 cancelled"
    assert chart.headline == "2.0 tasks/min"
    assert chart.words == "4 completed, 1 failed, 1 cancelled since 09:00; at most 4 in one minute."


def test_a_single_task_beside_thousands_is_seen() -> None:
    chart = tasks_chart("n", "Tasks", span(Tally(10_000), Tally(1), Tally(10_000, 1)))
    assert all(part.height >= 2 and 0 <= part.y <= HEIGHT for bar in chart.bars for part in bar.parts)


def test_bytes_have_a_chart_and_nothing_has_none() -> None:
    chart = bytes_chart("n", "Bytes", span(Tally(bytes_done=120 * 2**20), Tally()))
    assert (chart.headline, chart.top, len(chart.bars)) == ("1.0 MiB/s", "120.0 MiB in one minute", 1)
    assert bytes_chart("n", "Bytes", span(Tally())).bars == []


async def test_the_overview_shows_what_was_done(service: Service) -> None:
    operator = Operator(service)
    await operator.log_in()
    body = await service.register()
    await service.submit(body)
    await service.becomes(body, TaskStatus.COMPLETED)
    task_id = await running(operator)
    await service.submit(await service.register(service="mv"))
    page = await operator.see()
    assert "1 completed, 1 failed, 0 cancelled since" in page
    assert 'class="bar completed"' in page
    assert 'class="bar bytes"' in page, task_id
    assert "512 B moved since" in page
    assert 'href="/console/tasks?failure=refused"' in page
    assert page.count("<desc ") == 4


async def test_the_live_part_does_not_read_what_was_done(operator: Operator) -> None:
    client = operator.service.client
    part = (await client.get("/console", headers={"HX-Request": "true", "HX-Target": "live"})).text
    assert 'id="live"' in part
    assert 'id="throughput"' not in part
    lately = (await client.get("/console/throughput")).text
    assert lately.lstrip().startswith('<div id="throughput"')
    assert "<html" not in lately


async def test_failed_tasks_are_found_by_the_kind_of_their_failure(operator: Operator) -> None:
    await operator.service.submit(await operator.service.register(service="mv"))
    assert 'href="/console/tasks/1"' in await operator.see("/tasks?failure=refused")
    assert "No task of this kind" in await operator.see("/tasks?failure=no_space")


async def test_users_are_sorted_by_what_was_moved_for_them(operator: Operator) -> None:
    service = operator.service
    await running(operator, user=HOSTILE)
    for _ in range(2):
        await service.submit(await service.register("bob", "mv"))
    waiting = await service.register("bob")
    await service.submit(waiting)
    await service.becomes(waiting, TaskStatus.RUNNING)
    page = await operator.see("/users?sort=week")
    assert '<td data-name="Moved, day">512 B</td>' in page
    assert re.search(r'aria-sort="descending">Moved, week<', page)
    assert 'href="/console/users?sort=tasks"' in page
    assert "<script>alert" not in page


async def test_an_unknown_order_is_refused(operator: Operator) -> None:
    answer = await operator.service.client.get("/console/users", params={"sort": "<b>"})
    assert answer.status_code == 400
    assert "<b>" not in answer.text
