"""What operators do with tasks whose records are broken or gone: the ledger is the truth."""

import pytest

from application.operator_cancel import CancelByOperator
from application.retry import Retry, RetryTask
from domain.errors import MalformedRecord, NotRegistered
from domain.operators import Decision
from domain.values import TaskStatus
from tests.redis.desk import Desk, document, task_of
from tests.redis.office import Office

KIM = Decision("kim", "10.0.0.7", "quota")
BROKEN = b'{"task_id": 5'


@pytest.mark.parametrize("record", [BROKEN, None])
async def test_work_is_stopped_whose_record_is_broken_or_gone(desk: Desk, record: bytes | None) -> None:
    await desk.at_work("10")
    if record is None:
        await desk.redis.delete("task:10")
    else:
        await desk.put("10", record)
    assert await CancelByOperator(Office(desk).ledger)("10", KIM) is TaskStatus.CANCEL_REQUESTED
    task = task_of(await desk.load("10"))
    assert task.lines[-1].endswith(",Cancellation requested by operator kim: quota")
    assert await desk.raw("10") == record


async def test_a_broken_record_without_a_ledger_is_left_alone(desk: Desk) -> None:
    await desk.put("10", BROKEN)
    with pytest.raises(MalformedRecord):
        await CancelByOperator(Office(desk).ledger)("10", KIM)
    assert await desk.raw("10") == BROKEN
    assert await desk.redis.exists("dms:scheduler:task:10") == 0


async def test_a_task_is_not_run_again_while_nobody_could_see_it(desk: Desk) -> None:
    office = Office(desk)
    await desk.put("10", document("10"))
    await office.submit("10")
    await office.cancel("10")
    retry_task, retry = RetryTask(office.ledger, office.executor), Retry("10", KIM)
    good = await desk.raw("10")
    assert good is not None
    await desk.put("10", BROKEN)
    with pytest.raises(MalformedRecord):
        await retry_task(retry)
    await desk.redis.delete("task:10")
    with pytest.raises(NotRegistered):
        await retry_task(retry)
    assert task_of(await desk.load("10")).generation == 1
    await desk.put("10", good)
    assert (await retry_task(retry)).generation == 2
    assert await office.work() == 1
    assert (await desk.shown("10"))["status"] == "completed"
