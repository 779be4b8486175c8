"""What callers were answered 503 to, kept until it is settled: to the frontend that answer is final (design §5)."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import datetime

from application.cancel import Cancellation, CancelTask
from application.ledger import Ledger
from domain.admission import Submission, admit
from domain.blocks import BlockFlags
from domain.errors import AlreadyEnded, DomainError
from domain.ports import Clock, Snapshot, StoreUnavailable
from domain.task import Task
from domain.values import TaskStatus, valid_task_id

log = logging.getLogger(__name__)

MOST_KEPT = 10_000
"""Intents that are kept at once; what comes on top of that is only logged."""

STORE_RETRY_S = 1.0
"""Pause before an intent is tried again while the store is away."""


@dataclass(frozen=True, slots=True)
class RefusedSubmit:
    """A submit that was not accepted, and why."""

    request: Submission
    reason: str


Intent = RefusedSubmit | Cancellation


class Unsettled:
    """Settles intents in the order in which they came, as soon as the store is there.

    A submit that was refused would leave its record ``dispatching`` for ever: it ends ``failed``, saying to submit
    again, unless it was accepted after all. A cancel is shown as ``cancelled`` by then, so it is applied, unless an
    operator has retried the task since. What was kept is forgotten when this process ends.
    """

    def __init__(self, ledger: Ledger, cancel_task: CancelTask, clock: Clock) -> None:
        self._ledger = ledger
        self._cancel_task = cancel_task
        self._clock = clock
        self._intents: dict[tuple[type[Intent], str], Intent] = {}
        self._something = asyncio.Event()

    def __len__(self) -> int:
        return len(self._intents)

    def refused(self, request: Submission, reason: str) -> None:
        """Remember that a submit was refused for ``reason``, in words that end with what to do."""
        self._keep(request.task_id, RefusedSubmit(request, reason))

    def unheard(self, request: Cancellation) -> None:
        """Remember a cancel that could not be kept in the store."""
        self._keep(request.task_id, replace(request, kept_at=self._clock.now()))

    def accepted(self, task_id: str) -> None:
        """A submit of this task was accepted, so that an earlier refusal is void."""
        self._intents.pop((RefusedSubmit, task_id), None)

    async def run(self) -> None:
        """Settle until cancelled."""
        while True:
            await self._something.wait()
            try:
                await self()
            except StoreUnavailable:
                await self._clock.sleep(STORE_RETRY_S)

    async def __call__(self) -> None:
        """Settle all that is kept. Raises StoreUnavailable; what is not settled by then stays."""
        while self._intents:
            key, intent = next(iter(self._intents.items()))
            await self._settle(intent)
            if self._intents.get(key) is intent:
                del self._intents[key]
        self._something.clear()

    def _keep(self, task_id: str, intent: Intent) -> None:
        about = {"task_id": task_id, "intent": type(intent).__name__}
        key = (type(intent), task_id)
        if key not in self._intents and len(self._intents) >= MOST_KEPT:
            log.error("too much is unsettled: this is not kept", extra=about)
            return
        log.warning("kept until it can be settled", extra=about)
        self._intents[key] = intent
        self._something.set()

    async def _settle(self, intent: Intent) -> None:
        try:
            if isinstance(intent, RefusedSubmit):
                await self._refuse(intent)
            else:
                await self._cancel_task(intent)
        except StoreUnavailable:
            raise
        except DomainError as error:
            log.info("nothing to settle", extra={"reason": str(error)})
        except Exception:
            # One intent that a bug breaks must not keep the others from being settled.
            log.exception("an intent broke")

    async def _refuse(self, refusal: RefusedSubmit) -> None:
        valid_task_id(refusal.request.task_id)
        await self._ledger.change(refusal.request.task_id, lambda snapshot, at: _refused(refusal, snapshot, at))


def _refused(refusal: RefusedSubmit, snapshot: Snapshot, at: datetime) -> Task | None:
    snapshot.check_readable()
    try:
        # Whoever sends something else than what is registered must not end somebody's record.
        found = admit(refusal.request, snapshot.task, snapshot.record, BlockFlags())
    except AlreadyEnded:
        return _given_up(refusal, snapshot, at)
    if isinstance(found, Task):
        return found
    return Task.refuse(found, refusal.reason, at, refusal.request.traceparent)


def _given_up(refusal: RefusedSubmit, snapshot: Snapshot, at: datetime) -> Task | None:
    """Put down in a ledger what the frontend wrote by itself: a late write of its own may take it back."""
    record = snapshot.record
    if snapshot.own_task is not None or record is None:
        return snapshot.task
    match record.status:
        case TaskStatus.CANCELLED:
            return Task.cancel_unsubmitted(record, at)
        case TaskStatus.FAILED:
            return Task.refuse(record, refusal.reason, at, refusal.request.traceparent)
        case _:
            return snapshot.task
