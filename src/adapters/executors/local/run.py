"""Everything that is known of one run, and the outcome that follows from it."""

from __future__ import annotations

import asyncio

from adapters.executors.failures import explain
from adapters.executors.local.supervisor.job import Event
from adapters.executors.local.works import Work
from adapters.executors.output import Tail
from domain.execution import Failed, LeaseLapsed, Outcome, Report, Stopped, Succeeded
from domain.values import Progress, TaskResult

LAPSED = "Stopped, because the scheduler did not renew its lease in time."
_BROKE_OFF = "the work broke off: its processes were killed from outside"


class Run:
    """Collects; ``begun`` is set when the work is known to be under way, or not to come about."""

    def __init__(self, work: Work, tail: Tail) -> None:
        self.begun = asyncio.Event()
        self._work = work
        self._tail = tail
        self._working = False
        self._refusal: str | None = None
        self._end: Event = {"event": "ended", "cause": "", "finished": False}

    @property
    def came_about(self) -> bool:
        """Whether the worker got so far as to begin. Where it did not, the outcome is a failure."""
        return self._working

    @property
    def progress(self) -> Progress | None:
        """How far the work is."""
        return self._work.progress

    def hear(self, line: str) -> None:
        """Take in a line of the mover's output."""
        self._work.hear(line)

    def take(self, event: Event) -> None:
        """Take in what supervisor and worker tell."""
        match event["event"]:
            case "working":
                self._working = True
                self.begun.set()
            case "refused":
                self._refusal = self._tail.readable(event["reason"])
                self.begun.set()
            case "ended":
                self._end = event
                self.begun.set()
            case _:
                self._work.take(event)

    def report(self) -> Report:
        """Return how far the work is while it goes on."""
        return Report(self.progress, TaskResult("local: Running", self._tail.text() or None))

    def outcome(self) -> Outcome:
        """Return how it ended. Work that was finished before it could be stopped is done, whatever was asked."""
        if self._refusal is not None:
            return self._failed(self._refusal, transient=_may_pass(self._refusal))
        verdict = self._work.judge() if self._end["finished"] else None
        if verdict is not None and verdict.done:
            return Succeeded(self._result("Succeeded", self._work.summary()))
        if self._end["cause"] == "stop":
            far = f" after {self.progress.describe()}" if self.progress else ""
            return Stopped(self._result("Stopped", f"Stopped{far}."))
        if self._end["cause"]:
            return LeaseLapsed(self._result("Stopped", LAPSED))
        if verdict is None:
            return self._failed(_BROKE_OFF, transient=True)
        return self._failed(verdict.reason, transient=verdict.transient)

    def _failed(self, reason: str, *, transient: bool) -> Failed:
        return Failed(reason, transient, self._result("Failed", reason))

    def _result(self, status: str, conclusion: str) -> TaskResult:
        said = self._tail.text(room_for=1)
        return TaskResult(f"local: {status}", f"{said}\n{conclusion}" if said else conclusion)


def _may_pass(refusal: str) -> bool:
    found = explain([refusal])
    return found is not None and found.transient
