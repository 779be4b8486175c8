"""A scheduler that reads, changes and writes whole records, as the replaced one does: no ledger, no comparison.

It exists to lose: a stand-in under which it does well would be too soft to show anything about a better one.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.frontend.standin.client import Answer
from tests.frontend.standin.clock import Clock
from tests.frontend.standin.document import TERMINAL, log_line
from tests.frontend.standin.pauses import NoPauses
from tests.frontend.standin.steps import Step, Steps
from tests.frontend.standin.verdict import Truth


class WholeRecords(Protocol):
    """Documents to get and to put, from the write endpoint."""

    async def get(self, task_id: str) -> bytes | None:
        """The document of a task, None where there is none."""
        ...

    async def put(self, task_id: str, document: bytes) -> None:
        """Write a document, whatever stands there and whether anything does."""
        ...


@dataclass(slots=True)
class Account:
    """What the naive scheduler did with a task, in a memory that nobody overwrites."""

    status: str = "pending"
    lines: list[str] = field(default_factory=list)
    pod_status: str | None = None
    launcher_output: str | None = None
    stopping: bool = False

    @property
    def truth(self) -> Truth:
        """What its record should say."""
        return Truth(self.status, tuple(self.lines), self.pod_status, self.launcher_output)


class NaiveScheduler:
    """Its work takes no time; with `work_ends=False` it never ends."""

    def __init__(
        self, records: WholeRecords, clock: Clock, *, steps: Steps | None = None, work_ends: bool = True
    ) -> None:
        self.accounts: dict[str, Account] = {}
        self._records = records
        self._clock = clock
        self._steps = steps or NoPauses()
        self._work_ends = work_ends
        self._works: list[asyncio.Task[None]] = []

    async def submit(self, body: dict[str, Any]) -> Answer:
        """Accept a registered task and begin its work in the background."""
        task_id = body["task_id"]
        if await self._read(task_id, "submit.read") is None:
            return Answer(404, "not registered")
        self.accounts.setdefault(task_id, Account())
        self._works.append(asyncio.create_task(self._work(task_id), name=f"work {task_id}"))
        return Answer(202, json.dumps({"task_id": task_id, "status": "dispatching"}))

    async def cancel(self, body: dict[str, Any]) -> Answer:
        """Have the work stopped, unless the record says that it is over."""
        task_id = body["task_id"]
        record = await self._read(task_id, "cancel.read", reads_only=False)
        if record is None:
            return Answer(404, "not registered")
        if record["status"] not in TERMINAL:
            self.accounts.setdefault(task_id, Account()).stopping = True
        return Answer(202, json.dumps({"task_id": task_id, "status": record["status"]}))

    async def settled(self) -> None:
        """Return when no work goes on; raise what a work raised."""
        while self._works:
            await self._works.pop()

    async def _work(self, task_id: str) -> None:
        account = self.accounts[task_id]
        await self._change(task_id, "running", "Started")
        if not self._work_ends:
            return
        if account.stopping:
            await self._change(task_id, "cancelled", "Stopped")
            return
        account.pod_status, account.launcher_output = "Succeeded", f"Handled task {task_id}"
        await self._change(task_id, "completed", "Completed")

    async def _change(self, task_id: str, status: str, message: str) -> None:
        account = self.accounts[task_id]
        record = await self._read(task_id, f"{status}.read")
        now = self._clock.now()
        line = log_line(now, message)
        account.status = status
        account.lines.append(line)
        if record is None:
            return
        record["status"] = status
        record["logs"] = [*record["logs"], line]
        record["result"] = {"pod_status": account.pod_status, "launcher_output": account.launcher_output}
        record["updated_at"] = now.isoformat()
        await self._steps.at(Step(f"naive.{status}.write", task_id))
        await self._records.put(task_id, json.dumps(record).encode())

    async def _read(self, task_id: str, step: str, *, reads_only: bool = True) -> dict[str, Any] | None:
        await self._steps.at(Step(f"naive.{step}", task_id, reads_only))
        document = await self._records.get(task_id)
        return None if document is None else json.loads(document)
