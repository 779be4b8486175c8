"""What operators do from the console's forms."""

from __future__ import annotations

import re

from domain.values import Priority, TaskStatus
from tests.console.operator import Operator
from tests.console.test_pages import running
from tests.http.service import Service


async def test_cancel_then_retry_on_each_store(service: Service) -> None:
    operator = Operator(service)
    await operator.log_in()
    task_id = await running(operator)
    answer = await operator.send(f"/tasks/{task_id}/cancel", reason="the source is wrong")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/console/tasks/{task_id}")
    await service.becomes({"task_id": task_id}, TaskStatus.CANCELLED)
    page = await operator.see(f"/tasks/{task_id}")
    assert "Cancellation requested by operator: the source is wrong" in page
    service.executor.gate.set()
    assert (await operator.send(f"/tasks/{task_id}/retry", reason="mended")).status_code == 303
    await service.becomes({"task_id": task_id}, TaskStatus.COMPLETED)
    page = await operator.see(f"/tasks/{task_id}")
    assert "Retried by operator: mended" in page
    assert "there is nothing to do" in page


async def test_priority(operator: Operator) -> None:
    task_id = await running(operator)
    assert (await operator.send(f"/tasks/{task_id}/priority", priority="high")).status_code == 303
    assert (await operator.service.record({"task_id": task_id})).priority is Priority.HIGH
    assert "<option selected>high</option>" in await operator.see(f"/tasks/{task_id}")


async def test_what_is_not_possible_is_said(operator: Operator) -> None:
    task_id = await running(operator)
    for path, fields, status, said in (
        (f"/tasks/{task_id}/retry", {}, 409, "wait for its end"),
        (f"/tasks/{task_id}/priority", {"priority": "urgent"}, 400, "high or low"),
        (f"/tasks/{task_id}/cancel", {"reason": "two\nlines"}, 400, "one line"),
        ("/tasks/99/cancel", {}, 404, "not registered"),
    ):
        answer = await operator.send(path, **fields)
        assert (answer.status_code, said in answer.text) == (status, True), (path, answer.text)


async def test_a_blocked_user_is_told_the_reason_and_can_be_enabled(service: Service) -> None:
    operator = Operator(service)
    await operator.log_in()
    user = 'al"ice & co'
    body = await service.register(user)
    assert (await operator.send("/users/block", user=user, reason="a full disk")).headers[
        "Location"
    ] == "/console/users"
    refused = await service.submit(body)
    assert refused.status_code == 403
    assert "a full disk" in refused.text
    page = await operator.see("/users")
    assert "refused</span>: <bdi>a full disk" in page
    assert 'value="al&#34;ice &amp; co"' in page
    assert (await operator.send("/users/enable", user=user)).status_code == 303
    assert (await service.submit(body)).status_code == 202


async def test_everybody(operator: Operator) -> None:
    service = operator.service
    body = await service.register()
    await operator.send("/users/block-everybody", reason="the storage moves")
    assert "the storage moves" in (await service.submit(body)).text
    assert "Submits of everybody are refused: <bdi>the storage moves" in await operator.see("/users")
    await operator.send("/users/enable-everybody")
    assert (await service.submit(body)).status_code == 202


async def test_every_action_is_in_the_audit(operator: Operator) -> None:
    task_id = await running(operator)
    await operator.send(f"/tasks/{task_id}/priority", priority="high")
    await operator.send(f"/tasks/{task_id}/retry")
    await operator.send(f"/tasks/{task_id}/cancel", reason="<b>why</b>")
    await operator.send("/users/block", user="bob")
    page = await operator.see("/audit")
    for said in (
        f">task {task_id}</a>",
        "priority <bdi>high",
        "refused: task 1 is running",
        "&lt;b&gt;why&lt;/b&gt;",
        "user <bdi>bob",
        "<bdi>127.0.0.1",
    ):
        assert said in page


async def test_a_block_may_end_by_itself(operator: Operator) -> None:
    assert (await operator.send("/users/block", user="bob", reason="a pause", hours="12")).status_code == 303
    page = await operator.see("/users")
    assert re.search(r"refused</span> until 20[0-9-]{8} [0-9:]{8} UTC: <bdi>a pause", page)
    for hours in ("0", "-1", "1.5", "10000", "soon", "²"):
        answer = await operator.send("/users/block", user="carol", hours=hours)
        assert answer.status_code == 400, hours
    assert "carol" not in await operator.see("/users")
