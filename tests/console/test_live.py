"""What a page hears of what happens."""

from __future__ import annotations

import pytest

from tests.console.operator import Operator
from tests.http.events import Stream
from tests.http.service import Service


async def test_a_page_hears_of_its_task(operator: Operator) -> None:
    client = operator.service.client
    mine, other = await operator.service.register(), await operator.service.register()
    async with client.stream("GET", f"/console/events?task={mine['task_id']}") as response:
        assert response.headers["Content-Type"] == "text/event-stream"
        stream = Stream(response)
        await stream.begins()
        for body in (other, mine):
            await operator.service.submit(body)
        assert (await stream.next("task")).data["task_id"] == mine["task_id"]
        last_id = stream.last_id
    headers = {"Last-Event-ID": last_id}
    async with client.stream("GET", f"/console/events?task={mine['task_id']}", headers=headers) as response:
        assert (await Stream(response).next("task")).data["task_id"] == mine["task_id"]


async def test_without_a_session_nothing_is_told(memory_service: Service) -> None:
    answer = await memory_service.client.get("/console/events")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/console/login")
    with_token = await memory_service.client.get("/console/events", headers=memory_service.operator)
    assert with_token.status_code == 303


@pytest.mark.parametrize("query", ["?task=x", "?task=%3Cscript%3E"])
async def test_what_is_not_accepted_is_400(operator: Operator, query: str) -> None:
    answer = await operator.service.client.get(f"/console/events{query}")
    assert answer.status_code == 400
    assert "<script>" not in answer.text


async def test_pages_that_show_what_changes_say_where_it_is_told(operator: Operator) -> None:
    operator.service.executor.gate.clear()
    body = await operator.service.register()
    await operator.service.submit(body)
    task_id = body["task_id"]
    assert 'data-events="/console/events"' in await operator.see()
    assert f'data-events="/console/events?task={task_id}"' in await operator.see(f"/tasks/{task_id}")
    operator.service.executor.gate.set()
    await operator.service.becomes(body, "completed")
    assert "data-events" not in await operator.see(f"/tasks/{task_id}")
    assert "data-events" not in await operator.see("/users")
