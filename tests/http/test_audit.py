"""`GET /admin/audit`, and operators who have names."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from entrypoints.http.guard import TOKEN_HEADER
from tests.http.service import TOKEN, Service, running_service, settings

KIM, LEE = "kims-own-token", "lees-own-token"


@pytest.fixture
async def named(tmp_path: Path) -> AsyncIterator[Service]:
    """A service with two operators who have names, beside the token that all share."""
    file = tmp_path / "tokens"
    file.write_text(f"# on duty\n\nkim:{KIM}\nlee@site:{LEE}\n")
    async with running_service(settings(operator_tokens_file=str(file))) as service:
        yield service


async def audit(service: Service, **parameters: Any) -> dict[str, Any]:
    answer = await service.admin("GET", "/audit", params=parameters)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def post(service: Service, token: str, path: str, **options: Any) -> httpx.Response:
    return await service.client.post(f"/admin{path}", headers={TOKEN_HEADER: token}, **options)


async def test_every_action_is_written_down_with_its_outcome(service: Service) -> None:
    service.executor.gate.clear()
    body = await service.register("alice")
    await service.submit(body)
    await service.becomes(body, "running")
    task_id = body["task_id"]
    await service.admin("POST", "/priority", json={"task_id": task_id, "priority": "high", "reason": "deadline"})
    await service.admin("POST", f"/tasks/{task_id}/retry")
    await service.admin("POST", f"/tasks/{task_id}/cancel", json={"reason": "too large"})
    await service.admin("POST", "/users/alice/block", json={"reason": "quota"})
    await service.admin("POST", "/users/alice/enable")
    await service.admin("POST", "/block", json={"reason": "upgrade"})
    await service.admin("POST", "/enable")
    found = await audit(service)
    told = [(e["action"], e["task_id"], e["user_id"], e["detail"], e["reason"]) for e in reversed(found["events"])]
    assert told == [
        ("priority", task_id, None, "high", "deadline"),
        ("retry", task_id, None, "", ""),
        ("cancel", task_id, None, "", "too large"),
        ("block", None, "alice", "", "quota"),
        ("enable", None, "alice", "", ""),
        ("block", None, None, "", "upgrade"),
        ("enable", None, None, "", ""),
    ]
    outcomes = [event["outcome"] for event in reversed(found["events"])]
    assert outcomes[1].startswith(f"refused: task {task_id} is ")
    assert {outcome for number, outcome in enumerate(outcomes) if number != 1} == {"done"}
    assert {(event["operator"], event["address"]) for event in found["events"]} == {("operator", "127.0.0.1")}
    assert found["cursor"] is None
    assert TOKEN not in str(found)


async def test_the_audit_comes_in_pages(service: Service) -> None:
    for number in range(5):
        await service.admin("POST", f"/users/user{number}/block")
    users: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = await audit(service, limit=2, **cursor)
        users += [event["user_id"] for event in page["events"]]
        if page["cursor"] is None:
            break
        cursor = {"cursor": page["cursor"]}
    assert users == [f"user{number}" for number in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize("parameters", [{"cursor": "x"}, {"limit": "0"}, {"usr": "a"}])
async def test_bad_parameters_are_400(service: Service, parameters: dict[str, str]) -> None:
    answer = await service.admin("GET", "/audit", params=parameters)
    assert answer.status_code == answer.json()["status_code"] == 400


async def test_what_is_refused_before_anything_is_asked_is_no_event(service: Service) -> None:
    await service.admin("POST", "/users/%00/block")
    await service.admin("POST", "/tasks/abc/cancel")
    await service.client.post("/admin/block", headers={TOKEN_HEADER: "wrong"})
    assert (await audit(service))["events"] == []


async def test_operators_are_told_apart_by_their_tokens(named: Service) -> None:
    for token, user in ((KIM, "alice"), (LEE, "bob"), (TOKEN, "carol")):
        assert (await post(named, token, f"/users/{user}/block")).status_code == 200
    who = {event["user_id"]: event["operator"] for event in (await audit(named))["events"]}
    assert who == {"alice": "kim", "bob": "lee@site", "carol": "operator"}
    body = await named.register()
    await post(named, KIM, f"/tasks/{body['task_id']}/cancel")
    assert (await named.record(body)).logs[0].endswith(",Cancellation requested by operator kim")


@pytest.mark.parametrize("token", ["kim", f"kim:{KIM}", KIM + "x", KIM[:-1], "", "# on duty"])
async def test_what_is_no_token_is_403(named: Service, token: str) -> None:
    assert (await post(named, token, "/block")).status_code == 403


async def test_the_default_that_everybody_knows_does_not_count_beside_named_operators(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    file.write_text(f"kim:{KIM}")
    async with running_service(settings(operator_tokens_file=str(file), operator_token="changeme")) as service:
        assert (await post(service, "changeme", "/block")).status_code == 403
        assert (await post(service, KIM, "/block")).status_code == 200
