"""`POST /admin/priority`: every outcome of the issue's table."""

from __future__ import annotations

from tests.http.service import Service


async def test_a_waiting_task_moves_at_once(service: Service) -> None:
    service.executor.gate.clear()
    held = [await service.register() for _ in range(16)]
    for body in held:
        await service.submit(body)
        await service.becomes(body, "running")
    first, second = await service.register(), await service.register()
    await service.submit(first)
    await service.submit(second)
    answer = await service.admin("POST", "/priority", json={"task_id": second["task_id"], "priority": "high"})
    assert (answer.status_code, answer.json()) == (202, {"task_id": second["task_id"], "priority": "high"})
    assert (await service.record(second)).priority == "high"
    heads = (await service.admin("GET", "/queue")).json()["heads"]
    assert heads[0]["task_id"] == second["task_id"]
    # One slot, no more: two tasks that are claimed together start side by side, in either order.
    await service.cancel(held[0])
    await service.becomes(second, "running")
    waiting = (await service.snapshot(first)).task
    assert waiting is not None
    assert waiting.status == "pending"
    service.executor.gate.set()
    await service.becomes(first, "completed")


async def test_a_task_that_was_not_submitted_gets_it_in_its_record(service: Service) -> None:
    body = await service.register()
    answer = await service.admin("POST", "/priority", json={"task_id": body["task_id"], "priority": "high"})
    assert (answer.status_code, answer.json()["priority"]) == (202, "high")
    snapshot = await service.snapshot(body)
    assert snapshot.task is None
    assert (await service.record(body)).priority == "high"
    await service.submit(body)
    task = (await service.snapshot(body)).task
    assert task is not None
    assert task.priority == "high"


async def test_a_running_task_goes_on(service: Service) -> None:
    service.executor.gate.clear()
    body = await service.register()
    await service.submit(body)
    await service.becomes(body, "running")
    answer = await service.admin("POST", "/priority", json={"task_id": body["task_id"], "priority": "high"})
    assert answer.status_code == 202
    record = await service.record(body)
    assert (record.status, record.priority) == ("running", "high")


async def test_an_ended_task_is_409(service: Service) -> None:
    body = await service.register()
    await service.submit(body)
    await service.becomes(body, "completed")
    answer = await service.admin("POST", "/priority", json={"task_id": body["task_id"], "priority": "high"})
    assert answer.status_code == answer.json()["status_code"] == 409


async def test_an_unknown_task_is_404(service: Service) -> None:
    answer = await service.admin("POST", "/priority", json={"task_id": "4711", "priority": "high"})
    assert answer.status_code == answer.json()["status_code"] == 404


async def test_another_word_is_400_and_names_what_is_accepted(memory_service: Service) -> None:
    body = await memory_service.register()
    answer = await memory_service.admin("POST", "/priority", json={"task_id": body["task_id"], "priority": "urgent"})
    assert answer.status_code == 400
    assert answer.json()["detail"] == "priority: 'urgent' is not accepted; use high or low"
