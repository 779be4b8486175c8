"""One task's work on the cluster, as its owner sees it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from adapters.executors.kubernetes import failures
from adapters.executors.kubernetes.board import Followed
from adapters.executors.kubernetes.cluster import Cluster
from adapters.executors.kubernetes.judging import Parts, has_succeeded, parts_of, pod_status
from adapters.executors.kubernetes.kinds import Phase
from adapters.executors.kubernetes.logs import LauncherLog
from adapters.executors.kubernetes.names import WorkKey
from adapters.executors.kubernetes.objects import Workload
from adapters.executors.kubernetes.overdue import overdue, time_left_s
from adapters.executors.kubernetes.priorities import reprioritise
from adapters.executors.kubernetes.removal import Removal
from application.waiting import happens_within
from domain.execution import Failed, Outcome, Report, Stopped, Succeeded
from domain.values import Priority, TaskResult

LOG_END_S = 10.0
"""How long the end of the work waits for the rest of its log."""
PODS_END_S = 2.0
"""How long it waits for the watch of the pods to say what that of the workloads has said."""
LONGEST_WAIT_S = 3600.0
"""Work that has no limit is looked at this often, though nothing may have changed."""


class KubernetesExecution:
    """Implements :class:`domain.ports.Execution`. Whoever leaves off following the reports leaves the work alone."""

    def __init__(self, key: WorkKey, followed: Followed, cluster: Cluster) -> None:
        """``followed`` knows the workload, which was found or made."""
        self.name = followed.name
        self._key = key
        self._followed = followed
        self._cluster = cluster
        self._log = LauncherLog(cluster.api, cluster.clock, cluster.backoff, self._heard)
        self._removal = Removal(cluster.api, cluster.clock, cluster.backoff())
        self._found_deleted = self._workload.is_deleted
        """Whether somebody, perhaps the owner before us, had it deleted before we came."""
        self._stopping = False
        self._doomed: Failed | None = None
        """Why we delete the work ourselves."""
        self._priority: Priority | None = None
        """One that the engine has not been told yet."""
        self._looks_soon: asyncio.TimerHandle | None = None

    async def reports(self) -> AsyncIterator[Report | Outcome]:
        told = Report()
        try:
            while True:
                self._followed.changed.clear()
                parts = self._look()
                if (outcome := await self._outcome(parts)) is not None:
                    break
                await self._act()
                if (report := self._report(parts)) != told:
                    told = report
                    yield report
                await happens_within(self._followed.changed, self._wait_s(parts), self._cluster.clock)
            progress = self._log.output.progress
            if progress is not None and progress != told.progress:
                yield Report(progress)
            yield outcome
        finally:
            self._close()

    async def stop(self) -> None:
        self._stopping = True
        self._followed.changed.set()

    async def extend(self, until: float) -> None:
        """The work does not hang on its owner's lease."""

    async def change_priority(self, priority: Priority) -> None:
        self._priority = priority
        self._followed.changed.set()

    async def detach(self) -> None:
        self._close()

    @property
    def _workload(self) -> Workload:
        assert self._followed.workload is not None
        return self._followed.workload

    def _parts(self) -> Parts:
        return parts_of(self._workload, self._followed.last_pods.values())

    def _look(self) -> Parts:
        parts = self._parts()
        if parts.launchers:
            self._log.see(parts.launchers[0])
        return parts

    # --- how it ends -------------------------------------------------------------------------------------------

    async def _outcome(self, parts: Parts) -> Outcome | None:
        is_gone = (self._followed.is_gone or self._removal.found_nothing) and not self._followed.pods
        if has_succeeded(self._workload, parts, is_gone=is_gone):
            return Succeeded(await self._last_words())
        if is_gone:
            return self._end_of_what_is_gone(await self._last_words())
        if self._stopping or self._doomed is not None or self._followed.is_gone:
            return None  # until the pods are gone too
        if self._workload.condition.phase is Phase.FAILED:
            result = await self._last_words()
            parts = self._parts()
            found = failures.failed(self._workload, parts.launchers, parts.others, self._log.output.errors)
            return Failed(found.reason, found.transient, result)
        self._doomed = failures.hopeless(parts.all) or await overdue(self._cluster, self._workload, parts)
        return None

    def _end_of_what_is_gone(self, result: TaskResult) -> Outcome:
        if self._doomed is not None:
            return Failed(self._doomed.reason, self._doomed.transient, result)
        if self._stopping:
            return Stopped(result)
        if self._found_deleted:
            return Failed(f"its workload {self.name} was being deleted when it was found again", True, result)
        return Failed(f"its workload {self.name} was deleted by somebody else", result=result)

    async def _last_words(self) -> TaskResult:
        """Return the result once log and pods have told how the work ended."""
        waited_until = self._cluster.clock.monotonic() + PODS_END_S
        while not self._pods_have_ended() and (left_s := waited_until - self._cluster.clock.monotonic()) > 0:
            self._followed.changed.clear()
            await happens_within(self._followed.changed, left_s, self._cluster.clock)
        self._look()
        await self._log.finish(LOG_END_S)
        return self._result(self._parts())

    def _pods_have_ended(self) -> bool:
        """Whether the launchers have been seen to end, or to go."""
        there = self._followed.pods
        launchers = self._parts().launchers
        ended = all(pod.phase in ("Succeeded", "Failed") or pod.name not in there for pod in launchers)
        return ended and (bool(launchers) or self._followed.is_gone)

    # --- meanwhile ---------------------------------------------------------------------------------------------

    async def _act(self) -> None:
        if self._stopping or self._doomed is not None:
            await self._removal.press_on(self._workload)
            if self._removal.found_nothing:
                self._followed.changed.set()
        elif self._priority is not None and self._workload.condition.phase is Phase.WAITING:
            priority, self._priority = self._priority, None
            await reprioritise(self._cluster, self._workload, priority)

    def _report(self, parts: Parts) -> Report:
        return Report(self._log.output.progress, self._result(parts))

    def _result(self, parts: Parts) -> TaskResult:
        said = self._log.output.text()
        if said is None and (why := failures.waits_because(parts.all)):
            said = f"Waiting: {why}"
        return TaskResult(pod_status(parts.all), said)

    def _wait_s(self, parts: Parts) -> float:
        if self._stopping or self._doomed is not None:
            left_s = self._removal.wait_s
        else:
            left_s = time_left_s(self._cluster, self._workload, parts)
        return LONGEST_WAIT_S if left_s is None else min(max(0.0, left_s), LONGEST_WAIT_S)

    def _heard(self) -> None:
        """Lines have come: look at them soon, together with those that come until then."""
        if self._looks_soon is None:
            loop = asyncio.get_running_loop()
            self._looks_soon = loop.call_later(self._cluster.report_every_s, self._look_now)

    def _look_now(self) -> None:
        self._looks_soon = None
        self._followed.changed.set()

    def _close(self) -> None:
        if self._looks_soon is not None:
            self._looks_soon.cancel()
        self._log.close()
        self._cluster.board.unfollow(self._key, self._followed)
