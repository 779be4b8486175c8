"""Spans as a collector gets them, from a service on a real socket."""

from __future__ import annotations

import pytest

from tests.http.logged import logged_service
from tests.http.service import running_service
from tests.tracing.calls import HEADERS, ON, PARENT, TRACE, run_one, submit
from tests.tracing.collector import Collector


async def test_a_submit_is_a_child_of_its_caller_and_the_attempt_a_child_of_the_submit(collector: Collector) -> None:
    async with running_service(ON) as service:
        body = await run_one(service, HEADERS)
    (request,), (attempt,) = collector.named("POST /tasks/task"), collector.named("attempt")
    assert (request.trace_id, request.parent_id, request.tracestate) == (TRACE, PARENT, "vendor=a")
    assert (attempt.trace_id, attempt.parent_id) == (TRACE, request.span_id)
    assert (request.is_server, attempt.is_server) == (True, False)
    assert request.told == {
        "http.request.method": "POST",
        "http.route": "/tasks/task",
        "http.response.status_code": 202,
        "dms.task.id": body["task_id"],
        "dms.user.id": "alice",
    }
    wait, owner = attempt.told.pop("dms.queue.wait_seconds"), attempt.told.pop("dms.attempt.owner")
    assert float(wait) >= 0
    assert attempt.told == {
        "dms.task.id": body["task_id"],
        "dms.user.id": "alice",
        "dms.service": "sync",
        "dms.priority": "low",
        "dms.attempt.number": 1,
        "dms.attempt.outcome": "completed",
    }
    assert attempt.resource["service.name"] == "dms-scheduler"
    assert attempt.resource["service.instance.id"] == owner
    assert request.begun_ns <= attempt.begun_ns <= attempt.ended_ns
    assert [request.is_error, attempt.is_error] == [False, False]


async def test_the_span_of_an_attempt_has_the_times_of_the_ledger(collector: Collector) -> None:
    async with running_service(ON) as service:
        body = await run_one(service)
        task = (await service.snapshot(body)).task
    assert task is not None
    (attempt,) = task.attempts
    (span,) = collector.named("attempt")
    assert attempt.ended_at is not None
    # Compared in microseconds, the ledger's own unit.
    assert span.begun_ns // 1000 == round(attempt.started_at.timestamp() * 1_000_000)
    assert span.ended_ns // 1000 == round(attempt.ended_at.timestamp() * 1_000_000)


async def test_a_call_without_a_trace_begins_one_that_the_log_names(collector: Collector) -> None:
    async with logged_service(ON) as (service, lines):
        await run_one(service)
        (request_line,), (attempt_line,) = lines(event="request"), lines(event="attempt over")
    (request,), (attempt,) = collector.named("POST /tasks/task"), collector.named("attempt")
    assert request.parent_id == ""
    assert attempt.parent_id == request.span_id
    assert {request.trace_id, attempt.trace_id} == {request_line["trace_id"]} == {attempt_line["trace_id"]}


async def test_what_its_caller_did_not_sample_is_not_exported_and_still_named_in_the_log(collector: Collector) -> None:
    async with logged_service(ON) as (service, lines):
        await run_one(service, {"traceparent": f"00-{TRACE}-{PARENT}-00"})
        (attempt_line,) = lines(event="attempt over")
        body = await run_one(service, HEADERS)
    assert attempt_line["trace_id"] == TRACE
    assert {span.told["dms.task.id"] for span in collector.spans} == {body["task_id"]}


async def test_a_cancel_and_a_retry_are_told_apart_by_their_outcomes(collector: Collector) -> None:
    async with running_service(ON) as service:
        service.executor.gate.clear()
        body = await submit(service, HEADERS)
        await service.becomes(body, "running")
        await service.cancel(body)
        await service.becomes(body, "cancelled")
        await service.admin("POST", f"/tasks/{body['task_id']}/retry")
        service.executor.gate.set()
        await service.becomes(body, "completed")
    first, second = collector.named("attempt")
    assert (first.told["dms.attempt.outcome"], second.told["dms.attempt.outcome"]) == ("cancelled", "completed")
    assert (first.told["dms.attempt.number"], second.told["dms.attempt.number"]) == (1, 2)
    assert first.trace_id == second.trace_id == TRACE
    (cancel,) = collector.named("POST /tasks/cancel")
    assert cancel.told["http.response.status_code"] == 202
    assert cancel.trace_id != TRACE  # the cancel came without one


async def test_a_bug_is_an_error_and_a_refusal_is_none(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_service(ON) as service:
        await service.client.post("/tasks/cancel", json={"task_id": "7", "service": "sync", "user_id": "alice"})
        await service.client.get("/tasks/task")

        def broken(*_: object) -> None:
            raise RuntimeError("a bug")

        monkeypatch.setattr(service.executor, "check", broken)
        await submit(service)
    shown = [(span.told["http.response.status_code"], span.is_error) for span in collector.spans]
    assert sorted(shown) == [(404, False), (405, False), (500, True)]


async def test_only_the_frontends_calls_become_spans(collector: Collector) -> None:
    async with running_service(ON) as service:
        for path in ("/healthz", "/metrics", "/nope"):
            await service.client.get(path, headers=HEADERS)
        await service.admin("GET", "/queue")
        await submit(service)
    assert {span.name for span in collector.spans} <= {"POST /tasks/task", "attempt"}


@pytest.mark.parametrize("tracestate", ["=,=", "a" * 6000, "k=\xe9", "a=1,a=2", ",".join(f"k{n}=v" for n in range(99))])
async def test_a_strange_tracestate_does_no_harm(collector: Collector, tracestate: str) -> None:
    async with logged_service(ON) as (service, lines):
        body = await service.register()
        headers = [(b"traceparent", HEADERS["traceparent"].encode()), (b"tracestate", tracestate.encode("latin-1"))]
        answer = await service.client.post("/tasks/task", json=body, headers=headers)
        assert answer.status_code == 202
        assert not [line for line in lines(level="warning") if line["logger"].startswith("opentelemetry")]
    assert collector.named("POST /tasks/task")[0].trace_id == TRACE


async def test_the_standard_variables_name_the_service_and_sample(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "mover")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=test")
    async with running_service(ON) as service:
        await run_one(service)
    assert {span.resource["service.name"] for span in collector.spans} == {"mover"}
    assert {span.resource["deployment.environment"] for span in collector.spans} == {"test"}
    collector.spans.clear()
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_always_off")
    async with running_service(ON) as service:
        await run_one(service)
    assert collector.spans == []
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    async with logged_service(ON) as (service, lines):
        await run_one(service, HEADERS)
        assert {line["trace_id"] for line in lines(event="attempt over")} == {TRACE}
    assert collector.spans == []
