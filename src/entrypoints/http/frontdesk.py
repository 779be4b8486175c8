"""The frontend's two calls: bounded, patient with a store that is away, and settled later where they were refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from application.cancel import Cancellation, CancelTask
from application.meter import UNMETERED, Meter, SubmitResult
from application.settings import SchedulerConfig
from application.submit import SubmitTask
from application.unsettled import Unsettled
from domain.admission import Submission
from domain.errors import (
    AlreadyEnded,
    Blocked,
    IdentityMismatch,
    InvalidRequest,
    InvalidTaskId,
    MalformedRecord,
    NotRegistered,
    Overloaded,
    Refused,
)
from domain.ports import StoreUnavailable
from domain.task import Task
from entrypoints.http.patience import Patience

STORE_AWAY = "the scheduler's store did not answer; submit it again"
TOO_MANY = "too many requests are under way in the scheduler; submit it again in a few seconds"

_RESULTS: Mapping[type[Refused], SubmitResult] = {
    AlreadyEnded: SubmitResult.ENDED,
    Blocked: SubmitResult.BLOCKED,
    IdentityMismatch: SubmitResult.MISMATCH,
    InvalidRequest: SubmitResult.INVALID,
    InvalidTaskId: SubmitResult.NOT_REGISTERED,
    MalformedRecord: SubmitResult.UNREADABLE,
    NotRegistered: SubmitResult.NOT_REGISTERED,
    Overloaded: SubmitResult.OVERLOADED,
}


class SubmitRefused(StoreUnavailable):
    """The store did not answer in time; the task's record ends ``failed`` as soon as it does."""


class FrontDesk:
    """Takes submits and cancels. A 503 is final to the frontend, so what is answered so is settled afterwards."""

    def __init__(
        self,
        submit_task: SubmitTask,
        cancel_task: CancelTask,
        unsettled: Unsettled,
        patience: Patience,
        config: SchedulerConfig,
        meter: Meter = UNMETERED,
    ) -> None:
        self._submit_task = submit_task
        self._cancel_task = cancel_task
        self._unsettled = unsettled
        self._patience = patience
        self._most_at_once = config.most_requests
        self._meter = meter
        self._under_way = 0

    async def submit(self, request: Submission) -> Task:
        """Accept a task as :class:`~application.submit.SubmitTask` does.

        Raises:
            SubmitRefused, Overloaded: the record ends ``failed``, unless the task is accepted after all.
        """
        if self._under_way >= self._most_at_once:
            self._unsettled.refused(request, TOO_MANY)
            self._meter.submit_answered(SubmitResult.OVERLOADED)
            raise Overloaded(TOO_MANY)
        try:
            with self._one_more():
                task = await self._patience.insist(lambda: self._submit_task(request))
        except StoreUnavailable as error:
            self._unsettled.refused(request, STORE_AWAY)
            self._meter.submit_answered(SubmitResult.UNAVAILABLE)
            raise SubmitRefused(str(error)) from error
        except Refused as refusal:
            self._meter.submit_answered(next(_RESULTS[kind] for kind in type(refusal).__mro__ if kind in _RESULTS))
            raise
        self._unsettled.accepted(request.task_id)
        self._meter.submit_answered(SubmitResult.ACCEPTED)
        return task

    async def cancel(self, request: Cancellation) -> str:
        """Cancel as :class:`~application.cancel.CancelTask` does.

        Raises:
            StoreUnavailable, Overloaded: the cancel is kept, and applied as soon as that is possible.
        """
        if self._under_way >= self._most_at_once:
            self._unsettled.unheard(request)
            raise Overloaded("too many requests are under way; the cancel is kept, and applied in a moment")
        try:
            with self._one_more():
                return await self._patience.insist(lambda: self._cancel_task(request))
        except StoreUnavailable:
            self._unsettled.unheard(request)
            raise

    @contextmanager
    def _one_more(self) -> Iterator[None]:
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
