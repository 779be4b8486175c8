"""The stand-in's submit, row by row of the contract's table (§3), over real HTTP and with a real Redis."""

import asyncio
from typing import Any

import pytest

from tests.frontend.conftest import OpenDesk
from tests.frontend.http_server import Misbehaviour
from tests.frontend.scripted import CANCEL, SUBMIT, Desk
from tests.frontend.standin import Answer
from tests.frontend.standin.journal import Call
from tests.support.ports import free_port

DISPATCHING = "Dispatching to scheduler"
ACKNOWLEDGED = "Scheduler acknowledged submission"


async def submitted(desk: Desk) -> str:
    task_id = await desk.frontend.create("sync", "alice", {"src": "/a"})
    await desk.frontend.settled()
    return task_id


async def test_the_user_is_answered_before_anybody_is_called(desk: Desk) -> None:
    desk.gates.shut("submit.dispatching.read")
    task_id = await desk.frontend.create()
    assert await desk.status(task_id) == "pending"
    assert desk.scheduler.calls == []


async def test_the_record_says_dispatching_when_the_call_arrives(desk: Desk) -> None:
    seen: list[tuple[str, list[str]]] = []

    async def look(path: str, body: dict[str, Any]) -> None:
        seen.append((await desk.status(body["task_id"]), await desk.messages(body["task_id"])))

    desk.scheduler.before_answer = look
    task_id = await submitted(desk)
    assert seen == [("dispatching", [DISPATCHING])]
    body = {"task_id": task_id, "service": "sync", "user_id": "alice", "parameters": {"src": "/a"}}
    assert desk.scheduler.calls == [(SUBMIT, body)]


@pytest.mark.parametrize("status", [200, 202, 204])
async def test_2xx_is_acknowledged_and_only_then_running(desk: Desk, status: int) -> None:
    desk.scheduler.replies[SUBMIT] = Answer(status, "")
    desk.gates.shut("submit.running.read")
    task_id = await desk.frontend.create()
    await desk.gates.reached("submit.running.read")
    assert await desk.status(task_id) == "dispatching"
    assert await desk.messages(task_id) == [DISPATCHING, ACKNOWLEDGED]
    desk.gates.open("submit.running.read")
    await desk.frontend.settled()
    assert await desk.status(task_id) == "running"
    assert await desk.messages(task_id) == [DISPATCHING, ACKNOWLEDGED]


async def test_403_fails_the_task_with_the_body(desk: Desk) -> None:
    desk.scheduler.replies[SUBMIT] = Answer(403, '{"detail": "blocked"}')
    task_id = await submitted(desk)
    assert await desk.status(task_id) == "failed"
    assert await desk.messages(task_id) == [DISPATCHING, 'Scheduler returned 403: {"detail": "blocked"}']


@pytest.mark.parametrize("status", [302, 400, 404, 409, 422, 500, 503])
async def test_any_other_error_leaves_the_task_dispatching(desk: Desk, status: int) -> None:
    desk.scheduler.replies[SUBMIT] = Answer(status, "why")
    task_id = await submitted(desk)
    assert await desk.status(task_id) == "dispatching"
    assert await desk.messages(task_id) == [DISPATCHING]
    assert desk.journal.histories[task_id].calls == [Call("submit", Answer(status, "why"))]


async def test_no_connection_fails_the_task(open_desk: OpenDesk) -> None:
    async with open_desk(base_url=f"http://127.0.0.1:{free_port()}") as desk:
        task_id = await submitted(desk)
        assert await desk.status(task_id) == "failed"
        assert await desk.messages(task_id) == [DISPATCHING, f"Scheduler unavailable at {desk.base_url}"]


async def test_silence_fails_the_task(open_desk: OpenDesk) -> None:
    async with open_desk(timeout_s=0.3) as desk:
        desk.scheduler.replies[SUBMIT] = Misbehaviour.SILENT
        task_id = await submitted(desk)
        assert await desk.status(task_id) == "failed"
        assert await desk.messages(task_id) == [DISPATCHING, f"Scheduler unavailable at {desk.base_url}"]
        assert desk.journal.histories[task_id].calls == [Call("submit", None)]


async def test_a_broken_answer_fails_a_task_that_was_accepted(desk: Desk) -> None:
    desk.scheduler.replies[SUBMIT] = Misbehaviour.BREAKS_OFF
    task_id = await submitted(desk)
    assert desk.scheduler.paths == [SUBMIT]
    assert await desk.status(task_id) == "failed"
    assert await desk.messages(task_id) == [DISPATCHING, f"Scheduler unavailable at {desk.base_url}"]


@pytest.mark.parametrize("step", ["submit.acknowledged.read", "submit.acknowledged.write", "submit.running.write"])
async def test_a_redis_error_after_2xx_fails_the_task(desk: Desk, step: str) -> None:
    desk.gates.fail(step, ConnectionError("Redis went away"))
    task_id = await submitted(desk)
    assert desk.scheduler.paths == [SUBMIT]
    assert await desk.status(task_id) == "failed"
    assert (await desk.messages(task_id))[-1] == "Redis went away"


async def test_a_redis_error_before_the_call_fails_the_task_too(desk: Desk) -> None:
    desk.gates.fail("submit.dispatching.write", ConnectionError("Redis went away"))
    task_id = await submitted(desk)
    assert desk.scheduler.calls == []
    assert (await desk.status(task_id), await desk.messages(task_id)) == ("failed", ["Redis went away"])


async def test_a_failure_that_cannot_be_written_goes_to_the_journal(desk: Desk) -> None:
    error = ConnectionError("Redis is still away")
    desk.gates.fail("submit.running.read", ConnectionError("Redis went away"))
    desk.gates.fail("submit.failed.read", error)
    task_id = await submitted(desk)
    assert await desk.status(task_id) == "dispatching"
    assert desk.journal.errors == [error]


async def test_four_calls_are_under_way_at_once_and_no_fifth(desk: Desk) -> None:
    go_on = asyncio.Event()
    four = asyncio.Event()

    async def wait(path: str, body: dict[str, Any]) -> None:
        if len(desk.scheduler.calls) == 4:
            four.set()
        await go_on.wait()

    desk.scheduler.before_answer = wait
    ids = [await desk.frontend.create() for _ in range(6)]
    await four.wait()
    assert {await desk.status(task_id) for task_id in ids[4:]} == {"pending"}
    assert len(desk.scheduler.calls) == 4
    go_on.set()
    await desk.frontend.settled()
    assert len(desk.scheduler.calls) == 6


async def test_a_cancel_can_overtake_its_submit(desk: Desk) -> None:
    desk.gates.shut("submit.post")
    task_id = await desk.frontend.create()
    await desk.gates.reached("submit.post")
    assert await desk.frontend.cancel(task_id)
    desk.gates.shut("cancel.cancelled.read")
    await desk.gates.reached("cancel.cancelled.read")
    desk.gates.open("submit.post")
    desk.gates.open("cancel.cancelled.read")
    await desk.frontend.settled()
    assert desk.scheduler.paths == [CANCEL, SUBMIT]
