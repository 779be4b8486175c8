"""`POST /tasks/task`: every outcome of the issue's table, and the order of its checks."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from domain.values import Priority
from tests.http.executor import RESULT
from tests.http.service import PARAMETERS, Service

UNKNOWN_ID = "4711"


async def test_a_submitted_task_is_accepted_and_runs(service: Service) -> None:
    body = await service.register()
    answer = await service.submit(body)
    assert (answer.status_code, answer.json()) == (202, {"task_id": body["task_id"], "status": "dispatching"})
    record = await service.becomes(body, "completed")
    assert record.result == RESULT
    assert [order.task_id for order in service.executor.started] == [body["task_id"]]


async def test_an_unregistered_task_is_404(service: Service) -> None:
    answer = await service.submit({"task_id": UNKNOWN_ID, "service": "sync", "user_id": "a", "parameters": {}})
    assert_error(answer, 404, f"task {UNKNOWN_ID} is not registered")


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"service": "rm"}, "service"),
        ({"user_id": "mallory"}, "user_id"),
        ({"parameters": {**PARAMETERS, "options": "--delete"}}, "parameters"),
        ({"parameters": {}}, "parameters"),
        ({"service": "rm", "user_id": "mallory"}, "service, user_id"),
    ],
)
async def test_what_differs_from_the_record_is_400_and_changes_nothing(
    service: Service, changes: dict[str, object], named: str
) -> None:
    body = await service.register()
    before = await service.record(body)
    assert_error(await service.submit({**body, **changes}), 400, f"{named} of task")
    after = await service.snapshot(body)
    assert (after.task, after.record) == (None, before)


@pytest.mark.parametrize(("registered", "sent"), [(1, True), (1, "1"), ([], {}), (None, 0), ("a", ["a"])])
async def test_parameters_of_another_type_differ(service: Service, registered: object, sent: object) -> None:
    body = await service.register(src="/a", dst="/b", extra=registered)
    assert_error(
        await service.submit({**body, "parameters": {"src": "/a", "dst": "/b", "extra": sent}}), 400, "parameters"
    )


async def test_parameters_may_hold_anything_that_json_holds(service: Service) -> None:
    extra: dict[str, object] = {
        "none": None,
        "empty": [],
        "object": {},
        "large": 2**63,
        "float": 1e300,
        "text": "\0\n\u2028 ü 🙂",
        "yes": True,
    }
    body = await service.register(src="/a", dst="/b", extra=extra)
    assert (await service.submit(body)).status_code == 202
    assert (await service.becomes(body, "completed")).parameters == body["parameters"]


async def test_a_live_task_may_be_submitted_again_and_runs_once(service: Service) -> None:
    service.executor.gate.clear()
    body = await service.register()
    assert (await service.submit(body)).status_code == 202
    await service.becomes(body, "running")
    again = await service.submit(body)
    assert (again.status_code, again.json()["status"]) == (202, "dispatching")
    service.executor.gate.set()
    await service.becomes(body, "completed")
    assert len(service.executor.started) == 1


async def test_many_submits_at_once_run_it_once(service: Service) -> None:
    body = await service.register()
    answers = await asyncio.gather(*(service.submit(body) for _ in range(20)))
    assert {answer.status_code for answer in answers} <= {202, 409}  # 409 where it had ended already
    await service.becomes(body, "completed")
    assert len(service.executor.started) == 1


async def test_an_ended_task_is_409(service: Service) -> None:
    body = await service.register()
    await service.submit(body)
    await service.becomes(body, "completed")
    assert_error(await service.submit(body), 409, "has already ended as completed")
    assert len(service.executor.started) == 1


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
async def test_a_record_that_has_ended_without_us_is_409(service: Service, status: str) -> None:
    body = await service.register()
    await service.change_record(body, status=status)
    assert_error(await service.submit(body), 409, f"has already ended as {status}")
    assert (await service.snapshot(body)).task is None


@pytest.mark.parametrize(("path", "scope"), [("/block", "everybody"), ("/users/alice/block", "user")])
async def test_a_block_is_403_and_says_whose(service: Service, path: str, scope: str) -> None:
    body = await service.register()
    before = await service.record(body)
    await service.admin("POST", path)
    answer = await service.submit(body)
    assert_error(answer, 403, "submits are blocked")
    assert answer.json()["extra"] == {"scope": scope}
    assert (await service.snapshot(body)).task is None
    assert await service.record(body) == before


async def test_with_both_blocks_everybody_is_named(service: Service) -> None:
    body = await service.register()
    await service.admin("POST", "/users/alice/block")
    await service.admin("POST", "/block")
    assert (await service.submit(body)).json()["extra"] == {"scope": "everybody"}


@pytest.mark.parametrize(
    ("name", "parameters", "reason"),
    [("hotcold", {"path": "/x"}, "unknown"), ("sync", {"src": "/a"}, "src and dst are required")],
)
async def test_what_cannot_be_run_is_400_and_the_record_failed(
    service: Service, name: str, parameters: dict[str, object], reason: str
) -> None:
    body = await service.register("alice", name, **parameters)
    assert_error(await service.submit(body), 400, reason)
    record = await service.record(body)
    assert record.status == "failed"
    assert any(reason in line for line in record.logs)
    assert service.executor.started == []


async def test_the_record_priority_is_taken_at_acceptance(service: Service) -> None:
    service.executor.gate.clear()
    body = await service.register()
    await service.change_record(body, priority=Priority.HIGH)
    await service.submit(body)
    task = (await service.snapshot(body)).task
    assert task is not None
    assert task.priority is Priority.HIGH


async def test_fields_of_a_newer_frontend_are_ignored(service: Service) -> None:
    body = await service.register()
    answer = await service.submit({**body, "priority": "high", "new": {"a": [1]}})
    assert answer.status_code == 202


class TestOrderOfChecks:
    """Of several things that are wrong, the earlier one of the table is answered."""

    async def test_not_registered_before_block_and_service(self, service: Service) -> None:
        await service.admin("POST", "/block")
        body = {"task_id": UNKNOWN_ID, "service": "nope", "user_id": "alice", "parameters": {}}
        assert (await service.submit(body)).status_code == 404

    async def test_identity_before_ended(self, service: Service) -> None:
        body = await service.register()
        await service.submit(body)
        await service.becomes(body, "completed")
        assert (await service.submit({**body, "user_id": "mallory"})).status_code == 400

    async def test_identity_before_block(self, service: Service) -> None:
        body = await service.register()
        await service.admin("POST", "/block")
        assert (await service.submit({**body, "user_id": "mallory"})).status_code == 400

    async def test_accepted_before_block(self, service: Service) -> None:
        service.executor.gate.clear()
        body = await service.register()
        await service.submit(body)
        await service.admin("POST", "/block")
        assert (await service.submit(body)).status_code == 202
        service.executor.gate.set()
        await service.becomes(body, "completed")
        assert (await service.submit(body)).status_code == 409

    async def test_block_before_bad_parameters(self, service: Service) -> None:
        body = await service.register(service="nope")
        await service.admin("POST", "/block")
        assert (await service.submit(body)).status_code == 403
        assert (await service.record(body)).status == "pending"


def assert_error(answer: httpx.Response, status: int, text: str) -> None:
    told = answer.json()
    assert answer.status_code == told["status_code"] == status, told
    assert text in told["detail"]
    assert told.keys() <= {"status_code", "detail", "extra"}
