"""The stand-in's cancel and delete, row by row of the contract's table (§3), over real HTTP and with a real Redis."""

import pytest

from tests.frontend.conftest import OpenDesk
from tests.frontend.http_server import Misbehaviour
from tests.frontend.scripted import CANCEL, Desk
from tests.frontend.standin import Answer, RecordMissing
from tests.frontend.standin.journal import Call
from tests.support.ports import free_port

REQUESTED = "Cancellation requested at frontend"
ACKNOWLEDGED = "Cancellation acknowledged by scheduler"


async def running_task(desk: Desk) -> str:
    """A task that another writer runs."""
    task_id = await desk.frontend.register("sync", "alice", {"src": "/a"})
    await desk.put(task_id, status="running")
    return task_id


async def cancelled(desk: Desk) -> str:
    task_id = await running_task(desk)
    assert await desk.frontend.cancel(task_id)
    await desk.frontend.settled()
    return task_id


async def test_the_line_is_written_before_the_call(desk: Desk) -> None:
    desk.gates.shut("cancel.post")
    task_id = await running_task(desk)
    await desk.frontend.cancel(task_id)
    await desk.gates.reached("cancel.post")
    assert (await desk.status(task_id), await desk.messages(task_id)) == ("running", [REQUESTED])
    assert desk.scheduler.calls == []
    desk.gates.open("cancel.post")
    await desk.frontend.settled()
    assert desk.scheduler.calls == [(CANCEL, {"task_id": task_id, "service": "sync", "user_id": "alice"})]


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled", "cancel_requested"])
async def test_what_is_over_or_asked_for_is_not_cancelled(desk: Desk, status: str) -> None:
    task_id = await running_task(desk)
    await desk.put(task_id, status=status)
    assert not await desk.frontend.cancel(task_id)
    await desk.frontend.settled()
    assert desk.scheduler.calls == []
    assert (await desk.status(task_id), await desk.messages(task_id)) == (status, [])


async def test_404_changes_nothing(desk: Desk) -> None:
    desk.scheduler.replies[CANCEL] = Answer(404, "")
    task_id = await cancelled(desk)
    assert (await desk.status(task_id), await desk.messages(task_id)) == ("running", [REQUESTED])


async def test_403_fails_the_task_with_the_body(desk: Desk) -> None:
    desk.scheduler.replies[CANCEL] = Answer(403, "not yours")
    task_id = await cancelled(desk)
    assert await desk.status(task_id) == "failed"
    assert await desk.messages(task_id) == [REQUESTED, "Scheduler returned 403: not yours"]


@pytest.mark.parametrize("status", [200, 202, 302, 400, 409, 422, 500, 503])
async def test_any_other_answer_cancels_the_task(desk: Desk, status: int) -> None:
    desk.scheduler.replies[CANCEL] = Answer(status, "")
    task_id = await cancelled(desk)
    assert (await desk.status(task_id), await desk.messages(task_id)) == ("cancelled", [REQUESTED, ACKNOWLEDGED])
    assert desk.journal.histories[task_id].calls == [Call("cancel", Answer(status, ""))]


async def test_no_connection_adds_a_line_only(open_desk: OpenDesk) -> None:
    async with open_desk(base_url=f"http://127.0.0.1:{free_port()}") as desk:
        task_id = await cancelled(desk)
        assert await desk.status(task_id) == "running"
        assert await desk.messages(task_id) == [REQUESTED, f"Scheduler unavailable at {desk.base_url}"]


@pytest.mark.parametrize("reply", Misbehaviour)
async def test_no_answer_adds_a_line_only(open_desk: OpenDesk, reply: Misbehaviour) -> None:
    async with open_desk(timeout_s=0.3) as desk:
        desk.scheduler.replies[CANCEL] = reply
        task_id = await cancelled(desk)
        assert await desk.status(task_id) == "running"
        assert await desk.messages(task_id) == [REQUESTED, f"Scheduler unavailable at {desk.base_url}"]


@pytest.mark.parametrize("step", ["cancel.post", "cancel.cancelled.read", "cancel.cancelled.write"])
async def test_any_other_failure_adds_a_line_only(desk: Desk, step: str) -> None:
    desk.gates.fail(step, ConnectionError("Redis went away"))
    task_id = await cancelled(desk)
    assert await desk.status(task_id) == "running"
    assert await desk.messages(task_id) == [REQUESTED, "Cancellation error: Redis went away"]


async def test_a_cancel_of_nothing_calls_nobody(desk: Desk) -> None:
    with pytest.raises(RecordMissing):
        await desk.frontend.cancel("10")
    await desk.frontend.settled()
    assert desk.scheduler.calls == []


async def test_a_delete_does_not_wait_for_its_cancel_call(desk: Desk) -> None:
    desk.gates.shut("cancel.post")
    task_id = await running_task(desk)
    await desk.frontend.delete(task_id)
    assert await desk.redis.exists(f"task:{task_id}") == 0
    assert desk.scheduler.calls == []
    desk.gates.open("cancel.post")
    await desk.frontend.settled()
    assert desk.scheduler.paths == [CANCEL]
    # The worker found no record to write to.
    assert await desk.redis.exists(f"task:{task_id}") == 0
    assert [type(error) for error in desk.journal.errors] == [RecordMissing]


async def test_a_delete_of_what_is_over_calls_nobody(desk: Desk) -> None:
    task_id = await running_task(desk)
    await desk.put(task_id, status="completed")
    await desk.frontend.delete(task_id)
    await desk.frontend.settled()
    assert desk.scheduler.calls == []
    assert await desk.redis.exists(f"task:{task_id}") == 0


async def test_a_record_comes_back_when_its_delete_races_a_write(desk: Desk) -> None:
    desk.gates.shut("cancel.cancelled.write")
    task_id = await running_task(desk)
    await desk.frontend.cancel(task_id)
    await desk.gates.reached("cancel.cancelled.write")
    await desk.put(task_id, status="completed")
    await desk.frontend.delete(task_id)
    assert await desk.redis.exists(f"task:{task_id}") == 0
    desk.gates.open("cancel.cancelled.write")
    await desk.frontend.settled()
    assert await desk.status(task_id) == "cancelled"
    assert await desk.redis.sismember("index:tasks", task_id)
