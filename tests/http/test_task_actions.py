"""`POST /admin/tasks/{id}/cancel` and `…/retry`: every outcome, and what the task's log says of it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.http.service import PARAMETERS, Service


async def act(service: Service, body: dict[str, object], action: str, **options: Any) -> httpx.Response:
    return await service.admin("POST", f"/tasks/{body['task_id']}/{action}", **options)


async def submitted(service: Service, *statuses: str, user: str = "alice") -> dict[str, object]:
    body = await service.register(user)
    await service.submit(body)
    await service.becomes(body, *statuses)
    return body


async def cancelled(service: Service) -> dict[str, object]:
    service.executor.gate.clear()
    body = await submitted(service, "running")
    await service.cancel(body)
    await service.becomes(body, "cancelled")
    service.executor.gate.set()
    return body


async def messages(service: Service, body: dict[str, object]) -> list[str]:
    return [line.partition(",")[2] for line in (await service.record(body)).logs]


def assert_error(answer: httpx.Response, status: int, words: str) -> None:
    assert answer.status_code == answer.json()["status_code"] == status
    assert words in answer.json()["detail"]


# --- cancel -------------------------------------------------------------------------------------------------------


async def test_an_operator_stops_running_work_and_the_log_says_who_and_why(service: Service) -> None:
    service.executor.gate.clear()
    body = await submitted(service, "running")
    answer = await act(service, body, "cancel", json={"reason": "the disk is full"})
    assert answer.status_code == 202
    assert answer.json()["status"] in ("cancel_requested", "cancelled")
    await service.becomes(body, "cancelled")
    assert "Cancellation requested by operator: the disk is full" in await messages(service, body)


async def test_without_a_reason_and_a_body(service: Service) -> None:
    body = await service.register()
    answer = await act(service, body, "cancel")
    assert (answer.status_code, answer.json()) == (202, {"task_id": body["task_id"], "status": "cancelled"})
    assert await messages(service, body) == [
        "Cancellation requested by operator",
        "Cancelled before it was submitted",
    ]
    assert (await service.submit(body)).status_code == 409
    assert service.executor.started == []


async def test_a_cancel_of_what_has_ended_tells_how(service: Service) -> None:
    body = await submitted(service, "completed")
    for _ in range(2):
        answer = await act(service, body, "cancel")
        assert (answer.status_code, answer.json()["status"]) == (202, "completed")
    assert "Completed" in (await messages(service, body))[-1]


async def test_a_task_whose_record_was_deleted_is_still_known(service: Service) -> None:
    body = await submitted(service, "completed")
    await service.delete_record(body)
    answer = await act(service, body, "cancel")
    assert (answer.status_code, answer.json()["status"]) == (202, "completed")


@pytest.mark.parametrize("action", ["cancel", "retry"])
async def test_an_unknown_task_is_404(service: Service, action: str) -> None:
    assert_error(await act(service, {"task_id": "4711"}, action), 404, "not registered")


@pytest.mark.parametrize("action", ["cancel", "retry"])
@pytest.mark.parametrize("reason", ["two\nlines", "nul\0", "a" * 501, 5, None])
async def test_a_reason_is_one_line_of_text(memory_service: Service, action: str, reason: object) -> None:
    body = await memory_service.register()
    answer = await act(memory_service, body, action, json={"reason": reason})
    assert answer.status_code == answer.json()["status_code"] == 400
    assert (await memory_service.snapshot(body)).task is None


@pytest.mark.parametrize("action", ["cancel", "retry"])
async def test_a_body_must_be_json(memory_service: Service, action: str) -> None:
    body = await memory_service.register()
    answer = await act(memory_service, body, action, content=b"reason=x")
    assert answer.status_code == 415


# --- retry --------------------------------------------------------------------------------------------------------


async def test_a_cancelled_task_runs_again_as_a_new_generation_of_the_same_record(service: Service) -> None:
    body = await cancelled(service)
    answer = await act(service, body, "retry", json={"reason": "there is room now"})
    assert (answer.status_code, answer.json()) == (
        202,
        {"task_id": body["task_id"], "generation": 2, "status": "pending"},
    )
    record = await service.becomes(body, "completed")
    assert "Retried by operator: there is room now" in await messages(service, body)
    assert record.parameters == PARAMETERS
    assert [order.attempt for order in service.executor.started] == [1, 2]


async def test_the_frontends_late_word_of_the_old_cancel_does_not_reach_the_new_generation(service: Service) -> None:
    body = await cancelled(service)
    service.executor.gate.clear()
    await act(service, body, "retry")
    await service.becomes(body, "running")
    await service.change_record(body, status="cancelled")
    await service.becomes(body, "running")
    service.executor.gate.set()
    await service.becomes(body, "completed")


async def test_a_new_cancel_reaches_the_new_generation(service: Service) -> None:
    body = await cancelled(service)
    service.executor.gate.clear()
    await act(service, body, "retry")
    await service.becomes(body, "running")
    assert (await service.cancel(body)).status_code == 202
    await service.becomes(body, "cancelled")


async def test_what_lives_is_409(service: Service) -> None:
    service.executor.gate.clear()
    body = await submitted(service, "running")
    before = (await service.snapshot(body)).task
    assert_error(await act(service, body, "retry"), 409, "only a failed or cancelled task can be retried; wait")
    after = (await service.snapshot(body)).task
    assert before is not None
    assert after is not None
    assert after.generation == before.generation == 1


async def test_what_is_done_is_409(service: Service) -> None:
    body = await submitted(service, "completed")
    assert_error(await act(service, body, "retry"), 409, "is completed, and only a failed or cancelled task")


async def test_what_was_not_submitted_is_404(service: Service) -> None:
    body = await service.register()
    assert_error(await act(service, body, "retry"), 404, "was not submitted yet")


async def test_a_task_whose_record_was_deleted_is_404(service: Service) -> None:
    body = await cancelled(service)
    await service.delete_record(body)
    assert_error(await act(service, body, "retry"), 404, "not registered")


async def test_what_cannot_be_run_ends_failed_again_as_a_submit_of_it_would(service: Service) -> None:
    body = await service.register("alice", "hotcold", path="/x")
    await service.submit(body)
    for generation in (2, 3):
        assert_error(await act(service, body, "retry"), 400, "'hotcold' is unknown")
        snapshot = await service.snapshot(body)
        assert snapshot.task is not None
        assert snapshot.record is not None
        assert (snapshot.task.status, snapshot.task.generation) == ("failed", generation)
        assert snapshot.record.status == "failed"
        assert snapshot.record.logs[-1].endswith("Refused: service 'hotcold' is unknown; use sync")
    assert service.executor.started == []


async def test_blocks_keep_no_operator_from_a_retry(service: Service) -> None:
    body = await cancelled(service)
    await service.admin("POST", "/users/alice/block")
    assert (await act(service, body, "retry")).status_code == 202
    await service.becomes(body, "completed")
