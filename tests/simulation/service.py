"""The service address: each call goes to some replica, whether it lives or not, and may break on its way."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from domain.operators import Decision
from domain.values import Priority
from tests.frontend.standin import Answer, SchedulerUnavailable
from tests.frontend.standin.client import TIMEOUT_S, Body
from tests.simulation import desk
from tests.simulation.calls import Call
from tests.simulation.decisions import Weights
from tests.simulation.process import Handler, Process
from tests.simulation.world import World

CALLS = Weights([6.0, 3.0, 2.0, 1.0, 0.5])
"""How likely each pace is; with the last one, the caller gives up while the call goes on."""
PACES_S = (0.0, 0.002, 0.03, 0.4, 0.0)
GIVES_UP = len(PACES_S) - 1
GIVES_UP_AFTER_S = (0.0, 0.02, 0.3, 2.0)


class ServiceAddress:
    """Implements the stand-in's ``SchedulerClient``, and lets operators in too."""

    base_url = "http://dms-scheduler"

    def __init__(self, world: World, processes: Sequence[Process]) -> None:
        """``processes`` are those that run now, one per replica."""
        self._world = world
        self._processes = processes
        self._calls: Counter[str] = Counter()

    async def submit(self, body: Body) -> Answer:
        return await self._call("submit", str(body["task_id"]), body)

    async def cancel(self, body: Body) -> Answer:
        return await self._call("cancel", str(body["task_id"]), body)

    async def change_priority(self, task_id: str, priority: Priority) -> Answer:
        """An operator changes a priority. Raises SchedulerUnavailable."""
        return await self._send("priority", task_id, lambda at: desk.change_priority(at, task_id, priority))

    async def retry(self, task_id: str, by: Decision) -> Answer:
        """An operator runs a task again. Raises SchedulerUnavailable."""
        return await self._send("retry", task_id, lambda at: desk.retry(at, task_id, by))

    async def stop(self, task_id: str, by: Decision) -> Answer:
        """An operator cancels a task. Raises SchedulerUnavailable."""
        return await self._send("stop", task_id, lambda at: desk.stop(at, task_id, by))

    async def block(self, user_id: str, blocked: bool) -> Answer:
        """An operator blocks or enables a user. Raises SchedulerUnavailable."""
        return await self._send("block", user_id, lambda at: desk.block(at, user_id, blocked))

    async def _call(self, what: str, task_id: str, body: Body) -> Answer:
        sent: dict[str, Any] = json.loads(json.dumps(dict(body)))
        handle = desk.submit if what == "submit" else desk.cancel
        return await self._send(what, task_id, lambda at: handle(at, sent))

    async def _send(self, what: str, about: str, handler: Handler) -> Answer:
        world, decisions = self._world, self._world.decisions
        self._calls[f"{what} {about}"] += 1
        question = f"call {what} {about} ({self._calls[f'{what} {about}']})"
        how = decisions.weigh(question, CALLS)
        await asyncio.sleep(PACES_S[how])
        process = self._processes[decisions.number(f"{question} goes to", len(self._processes))]
        call = world.judge.calls.begins(what, about, process.life, world.loop.time())
        answer = process.take(handler)
        answer.add_done_callback(lambda done: self._note(call, done))
        patience_s = TIMEOUT_S
        if how == GIVES_UP:
            patience_s = GIVES_UP_AFTER_S[decisions.number(f"{question} waits", len(GIVES_UP_AFTER_S))]
        await asyncio.wait({answer}, timeout=patience_s)
        if not answer.done():
            world.story.tell("CALL", f"{what} {about}: the caller gives up")
            raise SchedulerUnavailable("timed out")
        result = answer.result()
        await asyncio.sleep(PACES_S[how])
        return result

    def _note(self, call: Call, done: asyncio.Future[Answer]) -> None:
        if done.cancelled():
            return
        call.at_s = self._world.loop.time()
        who = f"{call.what} {call.task_id} at {call.life.name}"
        if (error := done.exception()) is not None:
            self._world.story.tell("CALL", f"{who}: {error}")
            return
        answer = done.result()
        call.status, call.body = answer.status, answer.body
        self._world.story.tell("CALL", f"{who}: {answer.status} {answer.body}")
