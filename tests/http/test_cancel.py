"""`POST /tasks/cancel`: every outcome of the issue's table."""

from __future__ import annotations

import pytest

from tests.http.service import PARAMETERS, Service, until

NOBODY: dict[str, object] = {"task_id": "4711", "service": "sync", "user_id": "alice"}


async def test_a_running_task_is_stopped(service: Service) -> None:
    service.executor.gate.clear()
    body = await service.register()
    await service.submit(body)
    await service.becomes(body, "running")
    answer = await service.cancel(body)
    assert answer.status_code == 202
    assert answer.json()["task_id"] == body["task_id"]
    assert answer.json()["status"] in ("cancel_requested", "cancelled")
    record = await service.becomes(body, "cancelled")
    assert any("512 of 1024 bytes" in line for line in record.logs)


async def test_a_waiting_task_ends_at_once(service: Service) -> None:
    service.executor.gate.clear()
    held = [await service.register() for _ in range(16)]
    for body in held:
        await service.submit(body)
        await service.becomes(body, "running")
    waiting = await service.register()
    await service.submit(waiting)
    answer = await service.cancel(waiting)
    assert (answer.status_code, answer.json()) == (202, {"task_id": waiting["task_id"], "status": "cancelled"})
    assert (await service.record(waiting)).status == "cancelled"


@pytest.mark.parametrize("changes", [{"user_id": "mallory"}, {"service": "rm"}])
async def test_somebody_elses_cancel_is_403_and_changes_nothing(service: Service, changes: dict[str, object]) -> None:
    service.executor.gate.clear()
    body = await service.register()
    await service.submit(body)
    await service.becomes(body, "running")
    before = await service.snapshot(body)
    answer = await service.cancel(body, **changes)
    assert answer.status_code == answer.json()["status_code"] == 403
    assert next(iter(changes)) in answer.json()["detail"]
    assert await service.snapshot(body) == before


async def test_a_cancel_that_overtakes_its_submit_is_remembered(service: Service) -> None:
    body = await service.register()
    answer = await service.cancel(body)
    assert (answer.status_code, answer.json()["status"]) == (202, "cancelled")
    assert (await service.submit(body)).status_code == 409
    assert service.executor.started == []
    snapshot = await service.snapshot(body)
    assert snapshot.task is not None
    assert snapshot.task.status == "cancelled"


async def test_a_task_whose_record_is_gone_is_stopped_and_404(service: Service) -> None:
    service.executor.gate.clear()
    body = await service.register()
    await service.submit(body)
    await service.becomes(body, "running")
    await service.delete_record(body)
    answer = await service.cancel(body)
    assert (answer.status_code, answer.json()["status_code"]) == (404, 404)
    snapshot = await until(lambda: service.snapshot(body), lambda seen: seen.task is None or seen.task.is_terminal)
    assert snapshot.task is not None
    assert snapshot.task.status == "cancelled"
    assert snapshot.record is None


async def test_an_unknown_task_is_404(service: Service) -> None:
    answer = await service.cancel(NOBODY)
    assert answer.status_code == 404
    assert "not registered" in answer.json()["detail"]


async def test_an_ended_task_answers_202_with_its_real_status(service: Service) -> None:
    body = await service.register()
    await service.submit(body)
    await service.becomes(body, "completed")
    answer = await service.cancel(body)
    assert (answer.status_code, answer.json()) == (202, {"task_id": body["task_id"], "status": "completed"})
    assert (await service.record(body)).status == "completed"


async def test_a_record_that_ended_without_us_answers_202_with_its_status(service: Service) -> None:
    body = await service.register()
    await service.change_record(body, status="failed")
    answer = await service.cancel(body)
    assert (answer.status_code, answer.json()["status"]) == (202, "failed")


async def test_cancels_pass_blocks(service: Service) -> None:
    service.executor.gate.clear()
    body = await service.register()
    await service.submit(body)
    await service.admin("POST", "/block")
    await service.admin("POST", "/users/alice/block")
    assert (await service.cancel(body)).status_code == 202
    await service.becomes(body, "cancelled")


async def test_a_cancel_may_be_repeated(service: Service) -> None:
    service.executor.gate.clear()
    body = await service.register()
    await service.submit(body)
    await service.becomes(body, "running")
    assert [(await service.cancel(body)).status_code for _ in range(3)] == [202, 202, 202]
    record = await service.becomes(body, "cancelled")
    assert sum("Cancellation requested" in line for line in record.logs) == 1


async def test_parameters_of_a_cancel_are_ignored(service: Service) -> None:
    body = await service.register()
    assert (await service.cancel(body, parameters=PARAMETERS, reason="no longer needed")).status_code == 202
