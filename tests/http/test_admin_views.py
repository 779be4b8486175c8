"""What operators see: tasks in pages, one task, the queue."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.http.service import PARAMETERS, STUCK_S, Service, until


async def finished(service: Service, user: str = "alice") -> dict[str, object]:
    body = await service.register(user)
    await service.submit(body)
    await service.becomes(body, "completed")
    return body


async def running(service: Service, user: str = "alice") -> dict[str, object]:
    service.executor.gate.clear()
    body = await service.register(user)
    await service.submit(body)
    await service.becomes(body, "running")
    return body


async def ids(service: Service, /, **wanted: object) -> list[str]:
    """Read a whole listing, page by page."""
    found: list[str] = []
    cursor: str | None = None
    async with asyncio.timeout(STUCK_S):
        while True:
            parameters = {**wanted, **({} if cursor is None else {"cursor": cursor})}
            page = (await service.admin("GET", "/tasks", params=parameters)).json()
            found += [task["task_id"] for task in page["tasks"]]
            cursor = page["cursor"]
            if cursor is None:
                return found


async def test_tasks_are_listed_and_filtered(service: Service) -> None:
    done = [await finished(service, "alice"), await finished(service, "bob")]
    live = await running(service, "alice")
    await service.register("carol")  # not submitted: no ledger
    assert set(await ids(service)) == {body["task_id"] for body in (*done, live)}
    assert await ids(service, status="running") == [live["task_id"]]
    assert await ids(service, status="completed", user="bob") == [done[1]["task_id"]]
    assert await ids(service, user="alice", service="sync", status="running") == [live["task_id"]]
    assert await ids(service, service="rm") == []


async def test_a_long_listing_comes_in_pages_each_task_once(service: Service) -> None:
    made = [await finished(service) for _ in range(25)]
    page = (await service.admin("GET", "/tasks", params={"limit": 10})).json()
    assert len(page["tasks"]) == 10
    assert page["cursor"] is not None
    found = await ids(service, limit=10)
    assert sorted(found) == sorted(str(body["task_id"]) for body in made)


async def test_a_line_of_the_listing_tells_what_matters(service: Service) -> None:
    body = await finished(service)
    (line,) = (await service.admin("GET", "/tasks")).json()["tasks"]
    assert line.keys() == {
        *("task_id", "service", "user_id", "status", "priority", "attempt", "accepted_at", "updated_at", "progress")
    }
    told = (line["task_id"], line["service"], line["user_id"], line["status"], line["priority"], line["attempt"])
    assert told == (body["task_id"], "sync", "alice", "completed", "low", 1)
    assert line["accepted_at"].endswith("+09:00")


async def test_an_unknown_status_is_400_and_names_those_that_are_known(memory_service: Service) -> None:
    answer = await memory_service.admin("GET", "/tasks", params={"status": "done"})
    assert answer.status_code == answer.json()["status_code"] == 400
    assert answer.json()["detail"] == (
        "status: 'done' is not accepted; use pending or dispatching or running or cancel_requested or completed or "
        "failed or cancelled"
    )


@pytest.mark.parametrize(
    "parameters",
    [
        *({"limit": "0"}, {"limit": "1001"}, {"limit": "x"}, {"cursor": "not one of ours"}, {"cursor": "a" * 2000}),
        *({"user": "a" * 1025}, {"status": ""}),
    ],
)
async def test_other_bad_parameters_are_400(service: Service, parameters: dict[str, str]) -> None:
    answer = await service.admin("GET", "/tasks", params=parameters)
    assert answer.status_code == answer.json()["status_code"] == 400
    assert next(iter(parameters)) in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/tasks", "/blocks"])
async def test_a_misspelt_parameter_is_400(memory_service: Service, path: str) -> None:
    answer = await memory_service.admin("GET", path, params={"usr": "alice"})
    assert answer.status_code == answer.json()["status_code"] == 400
    assert answer.json()["detail"].startswith("there is no parameter 'usr'; use ")


@pytest.mark.parametrize("path", ["/tasks", "/blocks"])
async def test_a_parameter_that_stands_twice_is_400(memory_service: Service, path: str) -> None:
    answer = await memory_service.admin("GET", f"{path}?limit=1&limit=2")
    assert answer.status_code == answer.json()["status_code"] == 400
    assert "'limit' stands more than once" in answer.json()["detail"]


async def test_a_running_task_is_shown_with_its_progress(service: Service) -> None:
    body = await running(service)

    async def show() -> dict[str, Any]:
        return dict((await service.admin("GET", f"/tasks/{body['task_id']}")).json())

    shown = await until(show, lambda shown: shown["progress"] is not None)
    assert (shown["status"], shown["record"], shown["parameters"]) == ("running", "present", PARAMETERS)
    assert shown["progress"] == {
        "bytes_done": 512,
        "bytes_total": 1024,
        "files_done": 1,
        "files_total": 2,
        "rate_bps": 128.0,
        "eta_s": 4.0,
    }
    assert (shown["generation"], shown["failures"], shown["attempt"]) == (1, 0, 1)
    (attempt,) = shown["attempts"]
    assert (attempt["number"], attempt["generation"], attempt["ended_at"], attempt["outcome"]) == (1, 1, None, "")
    assert shown["active_jobs"] == [f"dms-{body['task_id']}-1"]
    assert shown["queue"] | {"order": 0} == {
        "state": "at work",
        "order": 0,
        "retry_at": None,
        "owner": attempt["owner"],
    }


async def test_an_ended_task_is_shown_with_its_result_and_history(service: Service) -> None:
    body = await finished(service)
    shown = (await service.admin("GET", f"/tasks/{body['task_id']}")).json()
    assert shown["result"] == {"pod_status": "test: Succeeded", "launcher_output": "done"}
    assert [line.partition(",")[2] for line in shown["logs"]] == [
        "Accepted by scheduler",
        "Dispatching attempt 1 to the executor",
        f"Running as dms-{body['task_id']}-1",
        "Completed",
    ]
    assert shown["attempts"][0]["outcome"] == "completed"
    assert shown["queue"]["state"] == "ended"


async def test_no_fencing_token_is_shown(service: Service) -> None:
    body = await running(service)
    snapshot = await service.snapshot(body)
    assert snapshot.task is not None
    assert snapshot.task.lease is not None
    answer = await service.admin("GET", f"/tasks/{body['task_id']}")
    assert snapshot.task.lease.nonce not in answer.text


async def test_a_task_whose_record_was_deleted_is_still_shown(service: Service) -> None:
    body = await finished(service)
    await service.delete_record(body)
    shown = (await service.admin("GET", f"/tasks/{body['task_id']}")).json()
    assert (shown["record"], shown["status"]) == ("deleted", "completed")


async def test_a_task_that_was_not_submitted_is_404_and_says_so(service: Service) -> None:
    body = await service.register()
    answer = await service.admin("GET", f"/tasks/{body['task_id']}")
    assert answer.status_code == answer.json()["status_code"] == 404
    assert answer.json()["detail"] == f"task {body['task_id']} is registered but was not submitted yet"


async def test_an_unknown_task_is_404(service: Service) -> None:
    answer = await service.admin("GET", "/tasks/4711")
    assert answer.status_code == answer.json()["status_code"] == 404
    assert "not known here" in answer.json()["detail"]


@pytest.mark.parametrize("task_id", ["abc", "01", "id:sequence", "1%2F2", "%00", "%FF", "1" * 21])
async def test_an_id_of_another_form_is_400(service: Service, task_id: str) -> None:
    answer = await service.admin("GET", f"/tasks/{task_id}")
    assert answer.status_code == answer.json()["status_code"] == 400


async def test_the_queue_shows_what_waits_and_runs(service: Service) -> None:
    held = [await running(service, f"user{number}") for number in range(16)]
    waiting = [await service.register("zoe"), await service.register("zoe")]
    for body in waiting:
        await service.submit(body)
    seen = (await service.admin("GET", "/queue")).json()
    assert seen["waiting"] == [{"priority": "low", "service": "sync", "count": 2}]
    assert (seen["at_work"], seen["delayed"]) == ({"sync": 16}, 0)
    assert seen["heads"][0] == {
        "task_id": waiting[0]["task_id"],
        "priority": "low",
        "service": "sync",
        "user_id": "zoe",
        "running_of_user": 0,
    }
    assert seen["replica"]["slots"] == 16
    assert sorted(seen["replica"]["at_work"]) == sorted(str(body["task_id"]) for body in held)


async def test_an_empty_queue(service: Service) -> None:
    seen = (await service.admin("GET", "/queue")).json()
    assert (seen["waiting"], seen["at_work"], seen["delayed"], seen["heads"]) == ([], {}, 0, [])


async def test_what_is_at_work_is_listed_with_its_progress(service: Service) -> None:
    service.executor.gate.clear()
    body = await service.register()
    await service.submit(body)

    async def listed() -> list[dict[str, Any]]:
        return list((await service.admin("GET", "/tasks/at-work", params={"limit": 10})).json()["tasks"])

    (task,) = await until(listed, lambda tasks: bool(tasks) and tasks[0]["progress"] is not None)
    assert (task["task_id"], task["progress"]["bytes_done"]) == (body["task_id"], 512)
    assert (await service.admin("GET", "/tasks/at-work", params={"limit": 0})).status_code == 400
    service.executor.gate.set()
    await service.becomes(body, "completed")
    assert await listed() == []
