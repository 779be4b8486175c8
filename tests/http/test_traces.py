"""The caller's trace, from its header to the log lines of the request and of the task that it submits."""

from __future__ import annotations

from typing import Any

import pytest

from tests.http.logged import logged_service
from tests.http.service import Service, settings

TRACE, OTHER = "0af7651916cd43dd8448eb211c80319c", "1af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE}-b7ad6b7169203331-01"
HEADERS = {"traceparent": TRACEPARENT, "tracestate": "vendor=a"}


async def submit(service: Service, headers: Any = HEADERS, **options: Any) -> dict[str, object]:
    body = await service.register(**options)
    await service.client.post("/tasks/task", json=body, headers=headers)
    return body


async def test_the_lines_of_a_submit_and_of_its_attempt_name_the_trace() -> None:
    async with logged_service() as (service, lines):
        body = await submit(service)
        await service.becomes(body, "completed")
        (request,) = lines(event="request")
        (attempt,) = lines(event="attempt over")
        task = (await service.snapshot(body)).task
    assert request["trace_id"] == attempt["trace_id"] == TRACE
    assert attempt["task_id"] == body["task_id"]
    assert task is not None
    assert task.traceparent == TRACEPARENT


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("traceparent", "")],
        [("traceparent", "00-nonsense-b7ad6b7169203331-01")],
        [("traceparent", TRACEPARENT), ("traceparent", TRACEPARENT)],
        [("traceparent", b"\xff\xfe" * 27)],
        [("traceparent", "0" * 6000)],
        [("tracestate", "vendor=a")],
    ],
)
async def test_without_a_valid_one_the_task_runs_and_no_line_names_a_trace(headers: list[tuple[str, Any]]) -> None:
    async with logged_service() as (service, lines):
        body = await submit(service, headers)
        await service.becomes(body, "completed")
        assert not [line for line in lines() if "trace_id" in line]
        task = (await service.snapshot(body)).task
    assert task is not None
    assert task.traceparent is None


async def test_the_first_submit_says_whose_trace_a_task_belongs_to() -> None:
    async with logged_service() as (service, lines):
        service.executor.gate.clear()
        body = await submit(service)
        await service.becomes(body, "running")
        again = {"traceparent": TRACEPARENT.replace(TRACE, OTHER)}
        assert (await service.client.post("/tasks/task", json=body, headers=again)).status_code == 202
        service.executor.gate.set()
        await service.becomes(body, "completed")
        (attempt,) = lines(event="attempt over")
        assert [line["trace_id"] for line in lines(event="request")] == [TRACE, OTHER]
    assert attempt["trace_id"] == TRACE


async def test_an_operators_retry_goes_on_with_the_trace_of_the_submit() -> None:
    async with logged_service() as (service, lines):
        service.executor.gate.clear()
        body = await submit(service)
        await service.becomes(body, "running")
        theirs = {**service.operator, "traceparent": TRACEPARENT.replace(TRACE, OTHER)}
        for action, status in (("cancel", "cancelled"), ("retry", "running")):
            answer = await service.client.post(f"/admin/tasks/{body['task_id']}/{action}", headers=theirs)
            assert answer.status_code in (200, 202)
            await service.becomes(body, status)
        service.executor.gate.set()
        await service.becomes(body, "completed")
        assert [line["trace_id"] for line in lines(event="attempt over")] == [TRACE, TRACE]
        assert [line["trace_id"] for line in lines(event="operator action")] == [OTHER, OTHER]


async def test_what_is_refused_names_the_trace_too(monkeypatch: pytest.MonkeyPatch) -> None:
    async with logged_service() as (service, lines):
        body = await submit(service, src="/data/a")  # and no dst
        task = (await service.snapshot(body)).task
        assert task is not None
        assert (task.status, task.traceparent) == ("failed", TRACEPARENT)
        await service.client.get("/nope", headers=HEADERS)
        await service.client.post("/tasks/cancel", content=b"{", headers=HEADERS)
        requests = lines(event="request")
        assert [line["status"] for line in requests] == [400, 404, 415]
        assert {line["trace_id"] for line in requests} == {TRACE}

        def broken(*_: object) -> None:
            raise RuntimeError("a bug")

        monkeypatch.setattr(service.executor, "check", broken)
        await submit(service)
        (bug,) = lines(event="a request broke")
        assert bug["trace_id"] == TRACE


async def test_a_refusal_for_want_of_room_keeps_the_trace() -> None:
    async with logged_service(settings(most_waiting=0)) as (service, _):
        body = await submit(service)
        task = (await service.snapshot(body)).task
    assert task is not None
    assert (task.status, task.traceparent) == ("failed", TRACEPARENT)


async def test_the_trace_of_one_request_does_not_stick_to_the_next() -> None:
    async with logged_service() as (service, lines):
        for headers in (HEADERS, {}, HEADERS, {}):
            await service.client.get("/help", headers=headers)
        assert [line.get("trace_id") for line in lines(event="request")] == [TRACE, None, TRACE, None]
