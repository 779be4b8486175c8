"""The service's calls, answered as its HTTP layer answers them (``entrypoints.http.errors``)."""

from __future__ import annotations

import json
from typing import Any

from application.cancel import Cancellation
from application.retry import Retry
from domain.admission import Submission
from domain.blocks import Block
from domain.errors import (
    AlreadyEnded,
    Blocked,
    IdentityMismatch,
    InvalidRequest,
    NotRegistered,
    NotRetryable,
    NotSubmitted,
    Overloaded,
)
from domain.operators import Decision
from domain.ports import ConcurrentChange, StoreUnavailable
from domain.values import Priority
from tests.frontend.standin import Answer
from tests.simulation.process import Desk

UNAVAILABLE = (StoreUnavailable, Overloaded, ConcurrentChange)


async def submit(desk: Desk, body: dict[str, Any]) -> Answer:
    """`POST /tasks/task`."""
    request = Submission(body["task_id"], body["service"], body["user_id"], body["parameters"])
    try:
        task = await desk.front.submit(request)
    except NotRegistered as error:
        return Answer(404, str(error))
    except (IdentityMismatch, InvalidRequest) as error:
        return Answer(400, str(error))
    except AlreadyEnded as error:
        return Answer(409, str(error))
    except Blocked as error:
        return Answer(403, str(error))
    except UNAVAILABLE as error:
        return Answer(503, str(error))
    return Answer(202, json.dumps({"task_id": task.task_id, "status": "dispatching"}))


async def cancel(desk: Desk, body: dict[str, Any]) -> Answer:
    """`POST /tasks/cancel`."""
    request = Cancellation(body["task_id"], body["service"], body["user_id"])
    try:
        status = await desk.front.cancel(request)
    except NotRegistered as error:
        return Answer(404, str(error))
    except IdentityMismatch as error:
        return Answer(403, str(error))
    except UNAVAILABLE as error:
        return Answer(503, str(error))
    return Answer(202, json.dumps({"task_id": body["task_id"], "status": status}))


async def change_priority(desk: Desk, task_id: str, priority: Priority) -> Answer:
    """`POST /admin/priority`."""
    try:
        await desk.patience.insist(lambda: desk.priority(task_id, priority))
    except NotRegistered as error:
        return Answer(404, str(error))
    except AlreadyEnded as error:
        return Answer(409, str(error))
    except UNAVAILABLE as error:
        return Answer(503, str(error))
    return Answer(202)


async def retry(desk: Desk, task_id: str, by: Decision) -> Answer:
    """`POST /admin/tasks/{task_id}/retry`."""
    wish = Retry(task_id, by)
    try:
        task = await desk.patience.insist(lambda: desk.retry(wish))
    except (NotRegistered, NotSubmitted) as error:
        return Answer(404, str(error))
    except NotRetryable as error:
        return Answer(409, str(error))
    except InvalidRequest as error:
        return Answer(400, str(error))
    except UNAVAILABLE as error:
        return Answer(503, str(error))
    return Answer(202, json.dumps({"task_id": task_id, "generation": task.generation, "status": task.status}))


async def stop(desk: Desk, task_id: str, by: Decision) -> Answer:
    """`POST /admin/tasks/{task_id}/cancel`."""
    try:
        status = await desk.patience.insist(lambda: desk.stop(task_id, by))
    except NotRegistered as error:
        return Answer(404, str(error))
    except UNAVAILABLE as error:
        return Answer(503, str(error))
    return Answer(202, json.dumps({"task_id": task_id, "status": status}))


async def block(desk: Desk, user_id: str, blocked: bool) -> Answer:
    """`POST /admin/block` and `/admin/enable`."""
    try:
        await desk.patience.insist(lambda: desk.blocks.user(user_id, Block() if blocked else None))
    except UNAVAILABLE as error:
        return Answer(503, str(error))
    return Answer(202)
