"""How task 10 ended, as far as it must not depend on the faults on the way."""

from adapters.redis.tallies import RedisTallies
from domain.tally import Tally, total
from domain.task import Task
from domain.values import TaskStatus
from tests.redis import queue_keys
from tests.redis.desk import Desk, task_of
from tests.redis.interference import undisturbed
from tests.redis.lives import Life, live

Signature = tuple[TaskStatus, int, list[str]]

Outcome = tuple[Signature, Tally]
"""The same, and what was counted: nothing is counted twice."""


def signature(task: Task) -> Signature:
    """Its status, its generation, and how each attempt ended."""
    return task.status, task.generation, [attempt.outcome for attempt in task.attempts]


async def counted(desk: Desk) -> Tally:
    """What the last hours' commits have counted."""
    minute = int(desk.clock.now().timestamp()) // 60
    return total((await RedisTallies(desk.endpoints).by_minute(range(minute - 120, minute + 60))).values())


async def outcome(desk: Desk) -> Outcome:
    """How task 10 ended; its record and the queue must tell the same."""
    task, shown = task_of(await desk.load("10")), await desk.shown("10")
    assert (shown["status"], shown["logs"]) == (task.status, list(task.lines))
    assert await queue_keys.found(desk.redis) == queue_keys.expected([task])
    return signature(task), await counted(desk)


async def undisturbed_outcome(desk: Desk, life: Life) -> Outcome:
    """How it ends where nothing goes wrong."""
    await live(life, desk, undisturbed())
    return await outcome(desk)
