"""One task's work on this machine, as its owner sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator

from adapters.executors.local.process import SupervisedProcess
from adapters.executors.local.run import Run
from application.waiting import happens_within
from domain.execution import Outcome, Report
from domain.ports import Clock
from domain.values import Priority


class LocalExecution:
    """Implements :class:`domain.ports.Execution`. Whoever leaves off following the reports ends the work."""

    def __init__(self, name: str, process: SupervisedProcess, run: Run, clock: Clock, report_every_s: float) -> None:
        self.name = name
        self._process = process
        self._run = run
        self._clock = clock
        self._report_every_s = report_every_s

    async def reports(self) -> AsyncIterator[Report | Outcome]:
        try:
            told = None
            while not await happens_within(self._process.ended, self._report_every_s, self._clock):
                report = self._run.report()
                if report != told:
                    told = report
                    yield report
            if self._run.progress is not None and (told is None or told.progress != self._run.progress):
                yield Report(self._run.progress)
            yield self._run.outcome()
        finally:
            await self._process.close()

    async def stop(self) -> None:
        self._process.stop()

    async def extend(self, until: float) -> None:
        self._process.renew(until)

    async def change_priority(self, priority: Priority) -> None:
        """A mover that is under way has none."""

    async def detach(self) -> None:
        """Never asked for: the work ends with its scheduler (:attr:`.executor.LocalExecutor.outlives_us`)."""
        raise RuntimeError("local work cannot be let go of without stopping it")
