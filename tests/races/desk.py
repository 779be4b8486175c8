"""The scheduler's two calls, answered as its HTTP layer answers them, and what it promised in its answers."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from application.cancel import Cancellation
from domain.admission import Submission
from domain.errors import AlreadyEnded, Blocked, IdentityMismatch, InvalidRequest, NotRegistered
from entrypoints.http.patience import Patience
from tests.application.replica import Process
from tests.frontend.standin import Answer
from tests.races.work import WorkLog

T = TypeVar("T")


class Desk:
    """Submits go to one replica and cancels to another, where there are two."""

    def __init__(self, replicas: list[Process], log: WorkLog, patience: Patience | None = None) -> None:
        """With ``patience`` calls are made again where the store did not answer."""
        self._submits_go_to, self._cancels_go_to = replicas[0], replicas[-1]
        self._log = log
        self._patience = patience
        self.accepted: set[str] = set()
        """Tasks whose submit was accepted, whether or not the frontend heard of it."""
        self.runs_when_cancelled: dict[str, int] = {}
        """How often the work of a task had begun when its cancel was answered with `cancelled`."""

    async def submit(self, body: dict[str, Any]) -> Answer:
        """`POST /tasks/task`."""
        task_id = body["task_id"]
        request = Submission(task_id, body["service"], body["user_id"], body["parameters"])
        try:
            task = await self._insist(lambda: self._submits_go_to.submit_task(request))
        except NotRegistered as error:
            return Answer(404, str(error))
        except (IdentityMismatch, InvalidRequest) as error:
            return Answer(400, str(error))
        except AlreadyEnded as error:
            return Answer(409, str(error))
        except Blocked as error:
            return Answer(403, str(error))
        self.accepted.add(task_id)
        return Answer(202, json.dumps({"task_id": task.task_id, "status": "dispatching"}))

    async def cancel(self, body: dict[str, Any]) -> Answer:
        """`POST /tasks/cancel`."""
        task_id = body["task_id"]
        request = Cancellation(task_id, body["service"], body["user_id"])
        try:
            status = await self._insist(lambda: self._cancels_go_to.cancel_task(request))
        except NotRegistered as error:
            return Answer(404, str(error))
        except IdentityMismatch as error:
            return Answer(403, str(error))
        if status == "cancelled":
            self.runs_when_cancelled.setdefault(task_id, len(self._log.runs[task_id]))
        return Answer(202, json.dumps({"task_id": task_id, "status": status}))

    async def _insist(self, action: Callable[[], Awaitable[T]]) -> T:
        return await (action() if self._patience is None else self._patience.insist(action))
