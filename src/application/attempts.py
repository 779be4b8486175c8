"""One claimed task in the hands of this process: dispatch, run, report, and bring its outcome home."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from application.ledger import Ledger, Rule
from application.settings import SchedulerConfig
from application.waiting import happens_within
from domain.errors import StaleLease
from domain.execution import Failed, Outcome, Report, Stopped, Succeeded, work_order
from domain.ports import Clock, Entropy, Execution, Executor, Snapshot, StoreUnavailable
from domain.recovery import recover
from domain.task import OWNER_LOST, Task
from domain.values import Lease, TaskResult, TaskStatus

log = logging.getLogger(__name__)

STORE_RETRY_S = 0.5
"""Pause before a change that the store could not take is tried again, at first; it doubles each time."""
MOST_STORE_RETRY_S = 4.0


@dataclass(frozen=True, slots=True)
class Tools:
    """What every attempt of a process shares."""

    ledger: Ledger
    executor: Executor
    clock: Clock
    entropy: Entropy
    config: SchedulerConfig


@dataclass(frozen=True, slots=True)
class Started:
    """The executor confirmed: the workload ``job`` is at work."""

    job: str


Happening = Started | Report | Outcome


class Attempt:
    """Runs one task under one lease.

    What happens to the work is collected and written in batches: an outcome that is there when the start is
    written goes into the same commit, so a quick task costs one round trip less. Once the lease is lost, the work
    is stopped and nothing more is written.
    """

    def __init__(
        self, snapshot: Snapshot, lease: Lease, until: float, tools: Tools, execution: Execution | None = None
    ) -> None:
        """``until`` is when the lease ends, by the monotonic clock; ``execution`` is work that was found again."""
        assert snapshot.task is not None
        self.task_id = snapshot.task_id
        self.about = {"task_id": snapshot.task_id, "user_id": snapshot.task.user_id}
        """What every log line about this attempt carries."""
        self.lease = lease
        self._until = until
        self._snapshot = snapshot
        self._tools = tools
        self._execution = execution
        self._priority = snapshot.task.priority
        self._happenings: list[Happening] = []
        self._happened = asyncio.Event()
        self._urgent = asyncio.Event()
        self._stopping = False
        self._saw_cancel = False
        self._detaching = False
        self._lost = False
        self._found: Task | None = None
        """The ledger as it was read when the lease seemed to be lost."""
        self._started = asyncio.Event()
        """Whether the executor has answered that the work is at work, or why not."""
        self._hand_back_reason = ""

    async def run(self) -> None:
        """Return when the outcome is stored, the work was let go, or the lease is lost and the work has stopped."""
        try:
            if self._execution is None:
                await self._change(self._open)
            elif self.task.status is TaskStatus.CANCEL_REQUESTED:
                await self._ask_to_stop()  # whoever had this work may have died before it heard of the cancel
        except StaleLease:
            log.warning("lease lost before the work began", extra=self.about)
            return
        if not self._is_ours(self.task):
            return
        follower = asyncio.create_task(self._follow(), name=f"follow task {self.task_id}")
        try:
            await self._bring_home()
            log.info("attempt over", extra={**self.about, "status": str(self.task.status)})
        except StaleLease:
            if self._goes_on_elsewhere:
                await self._let_go()
                log.warning("lease lost, the work was left to its new owner", extra=self.about)
                return
            await self._ask_to_stop()
            await follower
            log.warning("lease lost, the work was stopped", extra=self.about)
        except Exception:
            # Work that nobody brings home must not go on.
            await self._ask_to_stop()
            await follower
            raise
        finally:
            follower.cancel()

    # --- what others tell --------------------------------------------------------------------------------------

    async def see(self, task: Task | None) -> None:
        """Take in the ledger as somebody read it: a cancel, another priority, or a lease that is not ours."""
        if not self._is_ours(task):
            # That read may be older than our claim; one that begins now is not.
            await self.look_again()
            return
        assert task is not None
        if task.status is TaskStatus.CANCEL_REQUESTED:
            self._saw_cancel = True
            await self._ask_to_stop()
        elif task.priority is not self._priority and self._execution is not None:
            self._priority = task.priority
            await self._execution.change_priority(task.priority)

    async def look_again(self) -> None:
        """The lease seems to be somebody else's: look, and stop the work if it is. Raises StoreUnavailable.

        In a recovery window the store may have lost the lease: it is then written again.
        """
        if not await self._is_held():
            self.lose(self._found)

    async def renewed(self, until: float) -> None:
        """The lease holds until then; local work is told, or it would stop by itself."""
        self._until = until
        if self._execution is not None:
            await self._execution.extend(until)

    def lose(self, found: Task | None = None) -> None:
        """The lease is another one now; ``found`` is the ledger that says so, where it was seen."""
        self._found = found or self._found
        self._lost = True
        self._wake_up(urgent=True)

    async def hand_back(self, reason: str) -> None:
        """Stop the work and give the task back to the queue, where it keeps its place."""
        self._hand_back_reason = reason
        await self._ask_to_stop()

    async def detach(self) -> None:
        """Let go of the work without stopping it, so that another replica finds it again.

        Work that is being started is let go of when it has started: nobody could find it before.
        """
        self._detaching = True
        self._wake_up(urgent=True)

    # --- the work ----------------------------------------------------------------------------------------------

    async def _follow(self) -> None:
        try:
            if self._execution is None:
                if self._stopping:
                    self._happen(Stopped())
                    return
                begun = await self._tools.executor.start(work_order(self.task), self._until)
                if isinstance(begun, Failed):
                    self._happen(begun)
                    return
                self._execution = begun
                await begun.extend(self._until)  # it may have been renewed while the work was being started
            self._started.set()
            self._happen(Started(self._execution.name))
            if self._stopping:
                await self._execution.stop()
            async for told in self._execution.reports():
                self._happen(told)
        except Exception as error:
            log.exception("the executor broke", extra=self.about)
            await self._ask_to_stop()
            self._happen(Failed(f"the executor broke: {type(error).__name__}: {error}"))
        finally:
            self._started.set()

    async def _let_go(self) -> None:
        await self._started.wait()
        if self._execution is not None:
            await self._execution.detach()

    async def _ask_to_stop(self) -> None:
        self._stopping = True
        if self._execution is not None:
            await self._execution.stop()

    def _happen(self, happening: Happening) -> None:
        self._happenings.append(happening)
        self._wake_up(urgent=not isinstance(happening, Report))

    def _wake_up(self, *, urgent: bool) -> None:
        self._happened.set()
        if urgent:
            self._urgent.set()

    # --- the ledger --------------------------------------------------------------------------------------------

    @property
    def task(self) -> Task:
        """The ledger as this owner last wrote it."""
        assert self._snapshot.task is not None
        return self._snapshot.task

    async def _bring_home(self) -> None:
        while True:
            await self._happened.wait()
            await self._pace()
            if self._lost:
                raise StaleLease(self.task_id)
            if self._detaching and self._execution is not None:
                await self._let_go()
                return
            batch, self._happenings = self._happenings, []
            self._happened.clear()
            self._urgent.clear()
            await self._change(partial(self._apply_all, batch))
            if batch and isinstance(batch[-1], Succeeded | Failed | Stopped):
                return

    async def _pace(self) -> None:
        """Hold mere progress back for a while; what is urgent cuts the wait short."""
        if not self._urgent.is_set():
            await happens_within(self._urgent, self._tools.config.lifetimes.report_s, self._tools.clock)

    async def _change(self, rule: Rule) -> None:
        """Commit ``rule``, however long the store is away. Raises StaleLease when the task is no longer ours."""
        start: Snapshot | str = self._snapshot
        pause_s = STORE_RETRY_S
        while not self._lost:
            try:
                self._snapshot = await self._tools.ledger.change(start, partial(self._upon_our_word, rule))
                return
            except StoreUnavailable as error:
                log.warning("what happened is kept for later", extra={**self.about, "reason": str(error)})
                await self._tools.clock.sleep(pause_s * (0.5 + self._tools.entropy.jitter() / 2))
                pause_s = min(2 * pause_s, MOST_STORE_RETRY_S)
            except StaleLease:
                if not await self._is_held_for_certain():
                    raise
            start = self.task_id
        raise StaleLease(self.task_id)

    def _upon_our_word(self, rule: Rule, snapshot: Snapshot, at: datetime) -> Task | None:
        """Apply ``rule`` to the ledger, or to what we wrote where a fail-over of the store has lost that.

        While the lease is ours nobody else has written about the work, so this holds after a recovery window too.
        """
        lost = recover(self.task, snapshot.task, at) if self._is_ours(snapshot.task) else None
        return rule(snapshot if lost is None else replace(snapshot, task=lost), at)

    async def _is_held(self) -> bool:
        """Whether the lease is still ours, or is again: a fail-over of the store may have lost it."""
        self._found = (await self._tools.ledger.restore(self.task)).task
        return self._is_ours(self._found)

    async def _is_held_for_certain(self) -> bool:
        while not self._lost:
            try:
                return await self._is_held()
            except StoreUnavailable:
                await self._tools.clock.sleep(STORE_RETRY_S)
        return False

    @property
    def _goes_on_elsewhere(self) -> bool:
        """Whether the owner that came after us has found the work again, or may do so: it is not ours to stop then."""
        found, task = self._found, self.task
        return (
            self._tools.executor.outlives_us
            and found is not None
            and found.incarnation.is_same_as(task.incarnation)
            and found.is_attempted
            and found.attempt == task.attempt
        )

    def _is_ours(self, task: Task | None) -> bool:
        return task is not None and task.lease is not None and task.lease.token == self.lease.token

    def _open(self, snapshot: Snapshot, at: datetime) -> Task:
        task = _held(snapshot)
        if task.status is TaskStatus.CANCEL_REQUESTED:
            return task.confirm_cancel(self.lease.token, at)
        if task.status is TaskStatus.DISPATCHING:
            return task  # written before, though the answer got lost
        if self._detaching:
            return task.hand_back(self.lease.token, at, "the scheduler shuts down")
        return task.dispatch(self.lease.token, at)

    def _apply_all(self, batch: Sequence[Happening], snapshot: Snapshot, at: datetime) -> Task:
        task = _held(snapshot)
        if batch and isinstance(batch[-1], Succeeded | Failed | Stopped) and self._has_ended(task):
            return task  # written before, though the answer got lost
        if self._saw_cancel and task.is_attempted and self._is_ours(task):
            # A fail-over of the store may have lost it since.
            task = task.request_cancel(at)
        for happening in batch:
            task = self._apply(task, happening, at)
        return task

    def _has_ended(self, task: Task) -> bool:
        ours = (self.task.attempt, self.lease.owner)
        ended = [each for each in task.attempts if (each.number, each.owner) == ours and each.ended_at is not None]
        return any(each.outcome != OWNER_LOST for each in ended)  # that is the word of whoever took the task over

    def _apply(self, task: Task, happening: Happening, at: datetime) -> Task:
        token = self.lease.token
        match happening:
            case Started(job):
                written = task.status is TaskStatus.RUNNING and task.active_jobs == (job,)
                return task if written else task.start(token, job, at)
            case Report(progress, result):
                return task.report(token, at, progress, result)
            case Succeeded(result):
                return task.complete(token, result, at)
            case Failed():
                return self._fail(task, happening, at)
            case Stopped(result):
                return self._stopped(task, result, at)

    def _fail(self, task: Task, failed: Failed, at: datetime) -> Task:
        token, policy = self.lease.token, self._tools.config.retry
        if failed.transient and task.status is not TaskStatus.CANCEL_REQUESTED:
            delay = policy.delay(task.failures + 1, self._tools.entropy.jitter())
            if delay is not None:
                return task.retry_later(token, failed.reason, at + delay, at)
            reason = f"{failed.reason} (given up after {task.failures + 1} attempts)"
            return task.fail(token, reason, at, failed.result)
        return task.fail(token, failed.reason, at, failed.result)

    def _stopped(self, task: Task, result: TaskResult | None, at: datetime) -> Task:
        if task.status is TaskStatus.CANCEL_REQUESTED:
            return task.confirm_cancel(self.lease.token, at, result)
        reason = self._hand_back_reason or "its work was stopped"
        if task.is_attempted and not self._tools.executor.is_repeatable(task.service):
            return task.fail(self.lease.token, f"{reason}, and {task.service} may not be repeated", at, result)
        return task.hand_back(self.lease.token, at, reason)


def _held(snapshot: Snapshot) -> Task:
    """Return the ledger's task; none at all is as good as another owner's."""
    if snapshot.task is None:
        raise StaleLease(snapshot.task_id)
    return snapshot.task
