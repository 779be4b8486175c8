"""`GET /admin/tasks/{id}/why`: the reason, by situation."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest

from entrypoints.settings import ServiceLimits, StoreKind
from tests.http.service import Service, running_service, settings, until


@pytest.fixture(params=["memory", "redis"])
async def narrow(request: pytest.FixtureRequest) -> AsyncIterator[Service]:
    """A service with two slots and limits, whose work goes on until the gate opens."""
    chosen = settings(slots=2, limit_per_user=1, limit_per_service=ServiceLimits(named=(("rm", 1),)))
    if request.param == "redis":
        url = request.getfixturevalue("redis_url")
        chosen = settings(slots=2, limit_per_user=1, store=StoreKind.REDIS, redis_write_url=url, redis_read_url=url)
    async with running_service(chosen) as service:
        service.executor.gate.clear()
        yield service


async def why(service: Service, body: dict[str, object]) -> dict[str, Any]:
    answer = await service.admin("GET", f"/tasks/{body['task_id']}/why")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def submitted(service: Service, user: str, *statuses: str) -> dict[str, object]:
    body = await service.register(user)
    await service.submit(body)
    if statuses:
        await service.becomes(body, *statuses)
    return body


async def test_a_user_at_the_limit(narrow: Service) -> None:
    await submitted(narrow, "alice", "running")
    body = await submitted(narrow, "alice")
    told = await why(narrow, body)
    assert (told["kind"], told["facts"]) == ("user_limit", {"user_id": "alice", "running": 1, "limit": 1})
    assert told["sentence"] == (
        f"task {body['task_id']} waits: user alice has as many tasks at work as a user may have (1 of 1)"
    )
    assert told["position"] == {"earlier_own": 0, "users_before": 0}


async def test_full_slots_other_users_own_tasks_and_high_priority(narrow: Service) -> None:
    for user in ("alice", "bob"):
        await submitted(narrow, user, "running")
    first, second, third = [await submitted(narrow, user) for user in ("carol", "dave", "dave")]
    told = await why(narrow, first)
    assert (told["kind"], told["facts"]) == ("no_free_slot", {"at_work": 2, "slots": 2, "free": 0})
    told = await why(narrow, second)
    assert (told["kind"], told["facts"]["next_task_id"]) == ("other_users_first", first["task_id"])
    assert (told["facts"]["users_before"], told["facts"]["earlier"]) == (1, 0)
    told = await why(narrow, third)
    assert (told["kind"], told["position"]) == ("other_users_first", {"earlier_own": 1, "users_before": 1})
    await narrow.cancel(first)
    told = await why(narrow, third)
    assert (told["kind"], told["facts"]) == ("own_tasks_first", {"next_task_id": second["task_id"], "earlier": 1})
    await narrow.admin("POST", "/priority", json={"task_id": third["task_id"], "priority": "high"})
    told = await why(narrow, second)
    assert (told["kind"], told["facts"]["next_task_id"]) == ("high_priority_first", third["task_id"])
    assert told["facts"]["waiting"] == 1


@pytest.mark.parametrize("replica", [None, socket.gethostname()])
async def test_a_drain(service: Service, replica: str | None) -> None:
    await service.admin("POST", "/drain", json={"replica": replica})
    await until(lambda: service.admin("GET", "/queue"), lambda answer: answer.json()["replica"]["draining"])
    body = await submitted(service, "alice")
    told = await why(service, body)
    assert (told["kind"], told["facts"]) == (
        "drained",
        {"everything": replica is None, "replicas": [replica] if replica else []},
    )
    assert "nothing is claimed: operators drain" in told["sentence"]


async def test_a_running_one_and_the_ends(service: Service) -> None:
    service.executor.gate.clear()
    body = await submitted(service, "alice", "running")
    told = await why(service, body)
    assert (told["kind"], told["status"], told["position"]) == ("running", "running", None)
    await service.admin("POST", f"/tasks/{body['task_id']}/cancel", json={"reason": "too large"})
    await service.becomes(body, "cancelled")
    told = await why(service, body)
    assert (told["kind"], told["facts"]["asked"]) == (
        "cancelled",
        "Cancellation requested by operator: too large",
    )
    service.executor.gate.set()
    assert (await why(service, await submitted(service, "alice", "completed")))["kind"] == "completed"
    refused = await service.register("alice", "hotcold", path="/x")
    await service.submit(refused)
    told = await why(service, refused)
    assert (told["kind"], told["facts"]) == (
        "failed",
        {"failure": "service 'hotcold' is unknown; use sync", "attempts": 0},
    )


async def test_what_was_not_submitted_or_is_unknown_is_404(service: Service) -> None:
    body = await service.register()
    answer = await service.admin("GET", f"/tasks/{body['task_id']}/why")
    assert answer.status_code == answer.json()["status_code"] == 404
    assert "was not submitted yet" in answer.json()["detail"]
    assert (await service.admin("GET", "/tasks/4711/why")).status_code == 404
