"""How task 10 ended, as far as it must not depend on the faults on the way."""

from domain.task import Task
from domain.values import TaskStatus
from tests.redis import queue_keys
from tests.redis.desk import Desk, task_of
from tests.redis.interference import undisturbed
from tests.redis.lives import Life, live

Signature = tuple[TaskStatus, int, list[str]]


def signature(task: Task) -> Signature:
    """Its status, its generation, and how each attempt ended."""
    return task.status, task.generation, [attempt.outcome for attempt in task.attempts]


async def outcome(desk: Desk) -> Signature:
    """How task 10 ended; its record and the queue must tell the same."""
    task, shown = task_of(await desk.load("10")), await desk.shown("10")
    assert (shown["status"], shown["logs"]) == (task.status, list(task.lines))
    assert await queue_keys.found(desk.redis) == queue_keys.expected([task])
    return signature(task)


async def undisturbed_outcome(desk: Desk, life: Life) -> Signature:
    """How it ends where nothing goes wrong."""
    await live(life, desk, undisturbed())
    return await outcome(desk)
