"""The operations whose cost must not grow with what waits, each on a task of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from itertools import count
from typing import cast

from adapters.redis.endpoints import RedisEndpoints
from adapters.redis.listing import RedisTaskListing
from adapters.redis.queue_positions import RedisQueuePositions
from adapters.redis.replica_board import RedisReplicaBoard
from application.dispatcher import Dispatcher
from application.explain import ExplainTask
from application.submit import SubmitTask
from domain.admission import Submission
from domain.ports import TaskFilter
from tests.redis.desk import Desk, document, task_of, token_of
from tests.redis.office import PARAMETERS, Office, Room

Operation = Callable[[str], Awaitable[None]]
"""Takes the id of a task that waits; a submit and a claim take it as a new one."""

LISTED = 50


class Operations:
    """Everything that a scheduler does to one task, beside whatever waits on the server."""

    def __init__(self, endpoints: RedisEndpoints, log_lines: int = 1) -> None:
        """``log_lines``: so many has each record that is submitted."""
        self._desk = Desk(endpoints)
        self._office = office = Office(self._desk)
        config = replace(office.tools.config, most_waiting=10**9)
        self._submit_task = SubmitTask(
            self._desk.store, office.ledger, office.executor, self._desk.clock, Room(), config
        )
        self._listing = RedisTaskListing(endpoints)
        dispatcher = Dispatcher(office.queue, office.tools)
        positions, board = RedisQueuePositions(endpoints), RedisReplicaBoard(endpoints)
        self._explain = ExplainTask(office.ledger, positions, board, dispatcher, self._desk.clock, config)
        self._ids = count(1)
        line = "2026-03-12T10:00:{:02}.{:06}+09:00,Line of a frontend"
        self._logs = [line.format(number // 1000 % 60, number) for number in range(log_lines)]

    @property
    def named(self) -> Mapping[str, Operation]:
        """All of them."""
        return {
            "submit": self._submit,
            "claim": self._claim,
            "priority change": self._office.change_priority,
            "cancel": self._cancel,
            "one task's view": self._view,
            "why": self._why,
            "queue overview": self._overview,
            "page of the listing": self._page,
        }

    async def prepare(self, name: str) -> str:
        """Return the id of a task for one such operation. It stands behind all that waits."""
        task_id = str(next(self._ids))
        await self._desk.put(task_id, document(task_id, user_id="user-0", logs=self._logs))
        if name != "submit":
            await self._submit(task_id)
        return task_id

    async def clean_up(self, name: str, task_id: str) -> None:
        """Leave as many tasks waiting as there were."""
        if name == "claim":
            for claimed in self._claimed:
                back = task_of(claimed).hand_back(token_of(claimed), self._desk.clock.now(), "measured")
                await self._desk.change(claimed, back)
        if name != "cancel":
            await self._cancel(task_id)

    async def _submit(self, task_id: str) -> None:
        await self._submit_task(Submission(task_id, "sync", "user-0", cast(Mapping[str, object], PARAMETERS)))

    async def _cancel(self, task_id: str) -> None:
        await self._office.cancel(task_id, user_id="user-0")

    async def _claim(self, _: str) -> None:
        self._claimed = await self._desk.claim()

    async def _view(self, task_id: str) -> None:
        await self._desk.load(task_id)

    async def _why(self, task_id: str) -> None:
        await self._explain(task_id)

    async def _overview(self, _: str) -> None:
        await self._desk.queue.overview()

    async def _page(self, _: str) -> None:
        await self._listing.page(TaskFilter(), None, LISTED)
