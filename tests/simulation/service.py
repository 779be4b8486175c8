"""The service address: each call goes to some replica, whether it lives or not, and may break on its way."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain.values import Priority
from tests.frontend.standin import Answer, SchedulerUnavailable
from tests.frontend.standin.client import TIMEOUT_S, Body
from tests.simulation import desk
from tests.simulation.decisions import Weights
from tests.simulation.loop import Life
from tests.simulation.process import Handler, Process
from tests.simulation.world import World

CALLS = Weights([6.0, 3.0, 2.0, 1.0, 0.5])
"""How likely each pace is; with the last one, the caller gives up while the call goes on."""
PACES_S = (0.0, 0.002, 0.03, 0.4, 0.0)
GIVES_UP = len(PACES_S) - 1
GIVES_UP_AFTER_S = (0.0, 0.02, 0.3, 2.0)


@dataclass(frozen=True, slots=True)
class Call:
    """A call that was answered by a process, whether or not the answer reached its caller."""

    what: str
    task_id: str
    life: Life
    status: int
    body: str
    at_s: float


class ServiceAddress:
    """Implements the stand-in's ``SchedulerClient``, and lets operators in too."""

    base_url = "http://dms-scheduler"

    def __init__(self, world: World, processes: Sequence[Process]) -> None:
        """``processes`` are those that run now, one per replica."""
        self.answered: list[Call] = []
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
        answer = process.take(handler)
        answer.add_done_callback(lambda done: self._note(what, about, process.life, done))
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

    def _note(self, what: str, about: str, life: Life, done: asyncio.Future[Answer]) -> None:
        if done.cancelled():
            return
        if (error := done.exception()) is not None:
            self._world.story.tell("CALL", f"{what} {about} at {life.name}: {error}")
            return
        answer, now = done.result(), self._world.loop.time()
        self._world.story.tell("CALL", f"{what} {about} at {life.name}: {answer.status} {answer.body}")
        self.answered.append(Call(what, about, life, answer.status, answer.body, now))
