"""One frontend process: its API handlers and its background workers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType

from tests.frontend.standin.access import RecordAccess
from tests.frontend.standin.calls import SchedulerCalls
from tests.frontend.standin.client import SchedulerClient
from tests.frontend.standin.clock import Clock, SystemClock
from tests.frontend.standin.document import TERMINAL, Dialect, FrontendRecord, Identity
from tests.frontend.standin.editor import Editor
from tests.frontend.standin.journal import Journal
from tests.frontend.standin.pauses import NoPauses
from tests.frontend.standin.steps import Steps

WORKERS = 4
"""`DMS_EVENT_WORKER_COUNT`'s default."""

Job = Callable[[], Awaitable[None]]


class Frontend:
    """Use it as an async context: its workers live as long. Several frontends may share records and a journal.

    A handler returns when the frontend would answer the user; the calls to the scheduler are made in the background,
    in any order that the workers come to.
    """

    def __init__(
        self,
        records: RecordAccess,
        scheduler: SchedulerClient,
        *,
        clock: Clock | None = None,
        journal: Journal | None = None,
        steps: Steps | None = None,
        workers: int = WORKERS,
        dialect: Dialect = Dialect.TODAY,
    ) -> None:
        self._records = records
        self._clock = clock or SystemClock()
        self.journal = journal if journal is not None else Journal()
        steps = steps or NoPauses()
        self._editor = Editor(records, self._clock, self.journal, steps, dialect)
        self._calls = SchedulerCalls(self._editor, scheduler, self.journal, steps)
        self._jobs: asyncio.Queue[tuple[Job, asyncio.Future[None]]] = asyncio.Queue()
        self._under_way: dict[str, list[asyncio.Future[None]]] = {}
        self._worker_count = workers
        self._workers: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Frontend:
        self._workers = [asyncio.create_task(self._work()) for _ in range(self._worker_count)]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the workers, whatever they do."""
        pending = set(self._workers)
        while pending:
            # Once is not enough: before Python 3.12 `asyncio.wait_for`, which redis-py uses for each command, loses a
            # cancellation that comes together with its result.
            for worker in pending:
                worker.cancel()
            _, pending = await asyncio.wait(pending, timeout=0.01)

    # --- what users ask for ------------------------------------------------------------------------------------

    async def create(
        self,
        service: str = "sync",
        user_id: str = "alice",
        parameters: Mapping[str, object] | None = None,
        priority: str = "low",
    ) -> str:
        """Register a task, have it submitted in the background, and return its id."""
        task_id = await self.register(service, user_id, parameters, priority)
        self.submit(task_id)
        return task_id

    async def register(
        self,
        service: str = "sync",
        user_id: str = "alice",
        parameters: Mapping[str, object] | None = None,
        priority: str = "low",
    ) -> str:
        """Save a record as `pending`, call nobody, and return its id."""
        identity = Identity(await self._records.next_id(), service, user_id)
        now = self._clock.now().isoformat()
        record = FrontendRecord(
            identity=identity,
            parameters=dict(parameters or {}),
            created_at=now,
            updated_at=now,
            priority=priority,
        )
        await self._editor.create(record)
        return identity.task_id

    def submit(self, task_id: str) -> None:
        """Have a registered task submitted in the background."""
        record = self.journal.histories[task_id].registered
        self._start(task_id, lambda: self._calls.submit(record.identity, record.parameters))

    async def cancel(self, task_id: str) -> bool:
        """Cancel unless the record says that it is over or asked for already; return whether it was asked for now.

        Raises RecordMissing where the read endpoint shows no record.
        """
        record = await self._editor.read(task_id, "cancel.check")
        if record.status in TERMINAL or record.status == "cancel_requested":
            return False
        await self._editor.change(task_id, "cancel.requested", message="Cancellation requested at frontend")
        self._start(task_id, lambda: self._calls.cancel(record.identity))
        return True

    async def delete(self, task_id: str) -> None:
        """Cancel as above, and at once delete record, metadata and index entries. Raises RecordMissing as above."""
        await self.cancel(task_id)
        await self._editor.delete(self.journal.histories[task_id].registered.identity)

    # --- the background ----------------------------------------------------------------------------------------

    async def quiet(self, task_id: str) -> None:
        """Return when all that was begun in the background for this task has ended."""
        await asyncio.gather(*self._under_way.get(task_id, ()))

    async def settled(self) -> None:
        """Return when all that was begun in the background has ended."""
        await self._jobs.join()

    def _start(self, task_id: str, job: Job) -> None:
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._under_way.setdefault(task_id, []).append(ended)
        self._jobs.put_nowait((job, ended))

    async def _work(self) -> None:
        while True:
            job, ended = await self._jobs.get()
            try:
                await job()
            finally:
                self._jobs.task_done()
                if not ended.done():
                    ended.set_result(None)
