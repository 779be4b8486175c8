"""What pages show, of tasks that mean well and of others."""

from __future__ import annotations

import re
from typing import Any

import pytest

from domain.values import TaskStatus
from tests.console.operator import Operator
from tests.http.service import Service

HOSTILE = "/data/<script>alert(1)</script>\"'&\x1b[31m\u202e"
SEEN = "/data/&lt;script&gt;alert(1)&lt;/script&gt;&#34;&#39;&amp;␛[31m⟨U+202E⟩"


async def running(operator: Operator, **parameters: Any) -> str:
    """Return the id of a task that is half way and goes on."""
    service = operator.service
    service.executor.gate.clear()
    body = await service.register(**parameters)
    assert (await service.submit(body)).status_code == 202
    await service.becomes(body, TaskStatus.RUNNING)
    return str(body["task_id"])


async def test_an_empty_service_says_so(operator: Operator) -> None:
    page = await operator.see()
    for said in ("Nothing is at work", "Nothing waits", "No failed task is known"):
        assert said in page
    assert "No task of this kind" in await operator.see("/tasks")


async def test_the_overview_works_on_each_store(service: Service) -> None:
    operator = Operator(service)
    await operator.log_in()
    task_id = await running(operator)
    page = await operator.see()
    assert f'href="/console/tasks/{task_id}"' in page
    assert 'value="512" max="1024"' in page
    assert ">4 s</td>" in page


async def test_failures_are_counted_by_reason(operator: Operator) -> None:
    for _ in range(2):
        await operator.service.submit(await operator.service.register(service="mv"))
    page = await operator.see()
    assert "the latest first: 2." in page
    assert "service &#39;mv&#39; is unknown; use sync" in page
    assert '<a id="failed-2"' in page


async def test_what_users_chose_is_shown_as_text(operator: Operator) -> None:
    task_id = await running(operator, src=HOSTILE, dst="/data/b", **{HOSTILE: [HOSTILE]})
    body = await operator.service.register(HOSTILE, HOSTILE)
    await operator.service.submit(body)
    for path in ("", "/tasks", f"/tasks/{task_id}", f"/tasks/{body['task_id']}"):
        page = await operator.see(path)
        assert "<script>alert" not in page
        assert "\x1b" not in page
        assert "\u202e" not in page
        assert SEEN in page or path == ""


async def test_no_page_has_scripts_or_styles_inside(operator: Operator) -> None:
    task_id = await running(operator)
    for path in ("", "/tasks", f"/tasks/{task_id}", "/login"):
        page = await operator.see(path)
        assert re.findall(r"<script[^>]*>(?!</script>)", page) == []
        assert " style=" not in page
        assert not re.search(r"\son[a-z]+=", page)
        for url in re.findall(r'(?:src|href)="([^"#]+)"', page):
            assert url.startswith("/console")
            assert (await operator.service.client.get(url)).status_code in (200, 303)


async def test_a_task_page_tells_all_of_it(operator: Operator) -> None:
    task_id = await running(operator)
    page = await operator.see(f"/tasks/{task_id}")
    for said in ("it is running (attempt 1", "Running as", "/data/a", "50 %", "time left: 4 s", "Cancel the task"):
        assert said in page
    assert "Run it again" not in page


async def test_a_page_asks_on_until_its_task_has_ended(operator: Operator) -> None:
    task_id = await running(operator)
    asking = {"HX-Request": "true"}
    client = operator.service.client
    assert "HX-Refresh" not in (await client.get(f"/console/tasks/{task_id}", headers=asking)).headers
    assert "hx-get" in await operator.see(f"/tasks/{task_id}")
    await operator.service.cancel({"task_id": task_id, "service": "sync", "user_id": "alice"})
    await operator.service.becomes({"task_id": task_id}, TaskStatus.CANCELLED)
    assert (await client.get(f"/console/tasks/{task_id}", headers=asking)).headers["HX-Refresh"] == "true"
    page = await operator.see(f"/tasks/{task_id}")
    assert "hx-get" not in page
    assert "Run it again" in page


async def test_tasks_are_filtered_and_paged(operator: Operator) -> None:
    service = operator.service
    service.executor.gate.clear()
    for number in range(55):
        await service.submit(await service.register(f"user {number % 2}&"))
    page = await operator.see("/tasks?status=&user=user+1%26&service=sync")
    assert page.count('<th scope="row">') == 27
    assert "Next page" not in page
    first = await operator.see("/tasks?service=sync")
    following = re.search(r'href="/console([^"]+)" rel="next"', first)
    assert following
    second = await operator.see(following[1].replace("&amp;", "&"))
    assert (first.count('<th scope="row">'), second.count('<th scope="row">')) == (50, 5)
    assert 'href="/console/tasks?service=sync">First page' in second


@pytest.mark.parametrize("path", ["/tasks?status=lost", "/tasks?cursor=mine", "/tasks/x", "/tasks/99", "/static/x"])
async def test_errors_are_pages_too(operator: Operator, path: str) -> None:
    answer = await operator.service.client.get(f"/console{path}")
    assert answer.status_code in (400, 404)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert 'role="alert"' in answer.text
