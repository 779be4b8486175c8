"""`GET /admin/tasks/{id}/events`: what happened to a task, and who made it happen."""

from __future__ import annotations

from typing import Any

import pytest

from tests.http.service import Service


async def events(service: Service, body: dict[str, object], **parameters: Any) -> dict[str, Any]:
    answer = await service.admin("GET", f"/tasks/{body['task_id']}/events", params=parameters)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_life_with_a_cancel_and_a_retry(service: Service) -> None:
    service.executor.gate.clear()
    body = await service.register()
    await service.submit(body)
    await service.becomes(body, "running")
    await service.admin("POST", f"/tasks/{body['task_id']}/cancel", json={"reason": "too large"})
    await service.becomes(body, "cancelled")
    service.executor.gate.set()
    await service.admin("POST", f"/tasks/{body['task_id']}/retry")
    await service.becomes(body, "completed")
    told = await events(service, body)
    assert (told["task_id"], told["earlier"]) == (body["task_id"], 0)
    steps = [(event["kind"], event["attempt"], event["generation"]) for event in told["events"]]
    actions = [event["text"] for event in told["events"] if event["kind"] == "operator"]
    assert [step for step in steps if step[0] != "operator"] == [
        ("accepted", 0, 1),
        ("dispatched", 1, 1),
        ("running", 1, 1),
        ("cancel_requested", 1, 1),
        ("cancelled", 1, 1),
        ("retried", 1, 2),
        ("dispatched", 2, 2),
        ("running", 2, 2),
        ("completed", 2, 2),
    ]
    assert actions == ["cancel by operator: too large (done)", "retry by operator (done)"]
    statuses = [event["status"] for event in told["events"] if event["status"]]
    assert (statuses[0], statuses[-1]) == ("pending", "completed")
    times = [event["at"] for event in told["events"]]
    assert times == sorted(times)


async def test_the_latest_are_shown_and_it_is_said_how_many_are_not(service: Service) -> None:
    body = await service.register()
    await service.submit(body)
    await service.becomes(body, "completed")
    told = await events(service, body, limit=1)
    assert ([event["kind"] for event in told["events"]], told["earlier"]) == (["completed"], 3)


async def test_what_was_not_submitted_or_is_unknown_is_404(service: Service) -> None:
    body = await service.register()
    for path in (f"/tasks/{body['task_id']}/events", "/tasks/4711/events"):
        answer = await service.admin("GET", path)
        assert answer.status_code == answer.json()["status_code"] == 404


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "cursor=1", "limit=1&limit=2"])
async def test_other_parameters_are_400(memory_service: Service, query: str) -> None:
    answer = await memory_service.admin("GET", f"/tasks/1/events?{query}")
    assert answer.status_code == answer.json()["status_code"] == 400
