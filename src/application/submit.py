"""The use case of accepting a task."""

from __future__ import annotations

from asyncio import CancelledError

from application.ledger import MOST_TRIES, Ledger, overtaken
from application.ports import Claims
from application.seen_lines import SeenLines
from application.settings import SchedulerConfig
from domain.admission import Submission, admit
from domain.errors import InvalidRequest, Overloaded, Refused
from domain.ports import Admission, Clock, ConcurrentChange, Executor, QueueFull, Snapshot, StoreUnavailable, TaskStore
from domain.reconcile import reconcile
from domain.record import Record
from domain.task import Task
from domain.values import valid_task_id


class SubmitTask:
    """Accept a registered task once, however often it is submitted.

    A task that cannot be run as registered ends ``failed`` with the reason, for the frontend would leave it hanging;
    every other refusal changes nothing.
    """

    def __init__(
        self,
        store: TaskStore,
        ledger: Ledger,
        executor: Executor,
        clock: Clock,
        claims: Claims,
        config: SchedulerConfig,
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._executor = executor
        self._clock = clock
        self._claims = claims
        self._config = config

    async def __call__(self, request: Submission) -> Task:
        """Return the accepted task, live.

        Raises:
            InvalidTaskId, NotRegistered, IdentityMismatch, MalformedRecord, AlreadyEnded, Blocked: nothing changed.
            InvalidRequest, Overloaded: the record now says ``failed``.
            StoreUnavailable: it is not known whether the task was accepted; submitting it again is safe.
        """
        valid_task_id(request.task_id)
        seen = SeenLines()
        with self._ledger.keeping(request.task_id, seen):
            return await self._submit(request, seen)

    async def _submit(self, request: Submission, seen: SeenLines) -> Task:
        for _ in range(MOST_TRIES):
            snapshot, blocks = await self._store.load_for_submit(request.task_id, request.user_id)
            snapshot.check_readable()
            snapshot = await self._ledger.recovered(snapshot)
            try:
                found = admit(request, snapshot.task, snapshot.record, blocks)
            except Refused:
                await self._ledger.keep(snapshot, seen)
                raise
            if isinstance(found, Task):
                await self._ledger.keep(snapshot, seen)
                # Its first submit may have been refused only because too few replicas of the store had it in time.
                await self._store.secure()
                return found
            try:
                return await self._accept(request, snapshot, found, seen)
            except (ConcurrentChange, StoreUnavailable, CancelledError) as error:
                seen.note(snapshot)
                if not isinstance(error, ConcurrentChange):
                    raise
        raise overtaken(request.task_id)

    async def _accept(self, request: Submission, snapshot: Snapshot, record: Record, seen: SeenLines) -> Task:
        try:
            self._executor.check(record.service, record.parameters)
        except InvalidRequest as refusal:
            await self._refuse(request, snapshot, record, str(refusal), seen)
            raise
        at = self._clock.now()
        accepted = reconcile(seen.teach(Task.accept(record, at, traceparent=request.traceparent)), record, at)
        admission = Admission(record.user_id, self._config.most_waiting)
        try:
            committed = await self._ledger.commit(
                snapshot,
                accepted.task,
                accepted.record,
                admission=admission,
                announce=not self._claims.has_room,
            )
        except QueueFull:
            reason = f"{admission.most_waiting} tasks wait already, as many as may; submit it again later"
            await self._refuse(request, snapshot, record, reason, seen)
            raise Overloaded(reason) from None
        self._claims.wake()
        assert committed.task is not None
        return committed.task

    async def _refuse(
        self, request: Submission, snapshot: Snapshot, record: Record, reason: str, seen: SeenLines
    ) -> None:
        at = self._clock.now()
        task = Task.refuse(record, reason, at, request.traceparent)
        refused = reconcile(seen.teach(task), record, at)
        await self._ledger.commit(snapshot, refused.task, refused.record)
