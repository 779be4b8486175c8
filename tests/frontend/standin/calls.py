"""The frontend's two kinds of background work: a submit and a cancel, with every branch of the contract (§3)."""

from __future__ import annotations

from collections.abc import Mapping

from tests.frontend.standin.client import Answer, SchedulerClient, SchedulerUnavailable
from tests.frontend.standin.document import Identity
from tests.frontend.standin.editor import Editor
from tests.frontend.standin.journal import Journal
from tests.frontend.standin.steps import Step, Steps


class SchedulerCalls:
    """Calls the scheduler and writes to the record what became of the call."""

    def __init__(self, editor: Editor, scheduler: SchedulerClient, journal: Journal, steps: Steps) -> None:
        self._editor = editor
        self._scheduler = scheduler
        self._journal = journal
        self._steps = steps

    async def submit(self, identity: Identity, parameters: Mapping[str, object]) -> None:
        """Announce, call, and note the answer. An error that can't be written to the record goes to the journal."""
        task_id = identity.task_id
        try:
            await self._submit(identity, parameters)
        except SchedulerUnavailable:
            await self._note(task_id, "submit.failed", self._unavailable, status="failed")
        except Exception as error:
            await self._note(task_id, "submit.failed", str(error), status="failed")

    async def _submit(self, identity: Identity, parameters: Mapping[str, object]) -> None:
        task_id = identity.task_id
        await self._editor.change(
            task_id, "submit.dispatching", status="dispatching", message="Dispatching to scheduler"
        )
        await self._steps.at(Step("submit.post", task_id))
        try:
            answer = await self._scheduler.submit({**identity.body(), "parameters": dict(parameters)})
        except SchedulerUnavailable:
            self._journal.called(identity, "submit", None)
            raise
        self._journal.called(identity, "submit", answer)
        if answer.is_success:
            # Two saves, as the contract has it: the second may be based on a read from before the first.
            await self._editor.change(task_id, "submit.acknowledged", message="Scheduler acknowledged submission")
            await self._editor.change(task_id, "submit.running", status="running")
        elif answer.status == 403:
            await self._editor.change(task_id, "submit.failed", status="failed", message=_refusal(answer))

    async def cancel(self, identity: Identity) -> None:
        """Call, and note the answer. An error that can't be written to the record goes to the journal."""
        try:
            await self._cancel(identity)
        except SchedulerUnavailable:
            await self._note(identity.task_id, "cancel.unavailable", self._unavailable)
        except Exception as error:
            await self._note(identity.task_id, "cancel.error", f"Cancellation error: {error}")

    async def _cancel(self, identity: Identity) -> None:
        task_id = identity.task_id
        await self._steps.at(Step("cancel.post", task_id))
        try:
            answer = await self._scheduler.cancel(identity.body())
        except SchedulerUnavailable:
            self._journal.called(identity, "cancel", None)
            raise
        self._journal.called(identity, "cancel", answer)
        if answer.status == 404:
            return
        if answer.status == 403:
            await self._editor.change(task_id, "cancel.failed", status="failed", message=_refusal(answer))
        else:
            await self._editor.change(
                task_id,
                "cancel.cancelled",
                status="cancelled",
                message="Cancellation acknowledged by scheduler",
            )

    @property
    def _unavailable(self) -> str:
        return f"Scheduler unavailable at {self._scheduler.base_url}"

    async def _note(self, task_id: str, why: str, message: str, status: str | None = None) -> None:
        try:
            await self._editor.change(task_id, why, status=status, message=message)
        except Exception as error:
            self._journal.errors.append(error)


def _refusal(answer: Answer) -> str:
    return f"Scheduler returned 403: {answer.body}"
