"""Users who submit and cancel through frontends, and an operator."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import quote

from redis.exceptions import RedisError

from domain.values import Priority
from tests.chaos.address import ServiceAddress
from tests.chaos.errands import USERS, Errand
from tests.chaos.evidence import boot_time
from tests.chaos.shape import Shape
from tests.frontend.standin import Frontend, RecordMissing

TRY_AGAIN_S = 0.5


@dataclass
class Deeds:
    """What operators did, as far as the service confirmed it."""

    priorities: dict[str, Priority] = field(default_factory=dict)
    """The priority that each of these tasks must have."""
    blocked: list[tuple[str, float, float]] = field(default_factory=list)
    """Who was surely blocked, from when to when by :func:`~tests.chaos.evidence.boot_time`."""
    not_created: int = 0
    """How often a frontend could not save a new task, so that its user tried again."""
    not_sent: int = 0
    """How often a frontend failed a task by itself, so that its user made another one."""


class Users:
    """All who use the service."""

    def __init__(self, frontends: Sequence[Frontend], address: ServiceAddress, shape: Shape, seed: int) -> None:
        self.deeds = Deeds()
        self._frontends = frontends
        self._address = address
        self._shape = shape
        self._dice = random.Random(f"blocks of {seed}")

    async def run(self, errands: Sequence[Errand]) -> None:
        """Return when all is asked for and answered."""
        began = boot_time()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._block_now_and_then(began))
            for errand in errands:
                group.create_task(self._run(errand, began))
        for frontend in self._frontends:
            await frontend.settled()

    async def _run(self, errand: Errand, began: float) -> None:
        await _until(began + errand.at_s)
        frontend = self._frontends[errand.number % len(self._frontends)]
        task_id = await self._create(frontend, errand)
        await self._meddle(frontend, errand, task_id)
        await frontend.quiet(task_id)
        while not (errand.is_given_up or self._was_sent(task_id)):
            self.deeds.not_sent += 1
            await asyncio.sleep(TRY_AGAIN_S)
            task_id = await self._create(frontend, errand)
            await frontend.quiet(task_id)

    async def _meddle(self, frontend: Frontend, errand: Errand, task_id: str) -> None:
        async with asyncio.TaskGroup() as group:
            if errand.cancel_after_s is not None:
                group.create_task(self._cancel(frontend, task_id, errand.cancel_after_s))
            if errand.delete_after_s is not None:
                group.create_task(self._delete(frontend, task_id, errand.delete_after_s))
            if errand.other_priority_after_s is not None:
                other = Priority.LOW if errand.priority is Priority.HIGH else Priority.HIGH
                group.create_task(self._move(task_id, other, errand.other_priority_after_s))

    def _was_sent(self, task_id: str) -> bool:
        return any(call.what == "submit" for call in self._frontends[0].journal.histories[task_id].calls)

    async def _create(self, frontend: Frontend, errand: Errand) -> str:
        while True:
            try:
                return await frontend.create(
                    errand.service, errand.user_id, errand.parameters, priority=str(errand.priority)
                )
            except (RedisError, OSError):
                self.deeds.not_created += 1
                await asyncio.sleep(TRY_AGAIN_S)

    async def _cancel(self, frontend: Frontend, task_id: str, after_s: float) -> None:
        await asyncio.sleep(after_s)
        # The user is told that it did not work, and leaves it at that.
        with suppress(RecordMissing, RedisError, OSError):
            await frontend.cancel(task_id)

    async def _delete(self, frontend: Frontend, task_id: str, after_s: float) -> None:
        await asyncio.sleep(after_s)
        try:
            await frontend.delete(task_id)
        except RecordMissing:
            return
        except (RedisError, OSError):
            frontend.journal.deleted(task_id)  # perhaps it is, perhaps it is not

    async def _move(self, task_id: str, priority: Priority, after_s: float) -> None:
        await asyncio.sleep(after_s)
        # Before that the priority is the record's, and a save of the frontend may undo the change.
        accepted = task_id in self._address.accepted
        status = await self._address.operate("/admin/priority", {"task_id": task_id, "priority": str(priority)})
        if accepted and status == 202:
            self.deeds.priorities[task_id] = priority

    async def _block_now_and_then(self, began: float) -> None:
        moments = sorted(self._dice.uniform(0, self._shape.span_s) for _ in range(self._shape.blocks))
        for moment in moments:
            await _until(began + moment)
            await self._block(self._dice.choice(USERS), self._dice.uniform(0.5, 2))

    async def _block(self, user_id: str, for_s: float) -> None:
        path = f"/admin/users/{quote(user_id, safe='')}"
        await self._insist(f"{path}/block")
        since = boot_time()
        await asyncio.sleep(for_s)
        self.deeds.blocked.append((user_id, since, boot_time()))
        await self._insist(f"{path}/enable")

    async def _insist(self, path: str) -> None:
        while True:
            if await self._address.operate(path) == 200:
                return
            await asyncio.sleep(TRY_AGAIN_S)


async def _until(moment: float) -> None:
    await asyncio.sleep(max(0.0, moment - boot_time()))
