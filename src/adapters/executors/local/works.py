"""What a run's events and output add up to: a copy's and a removal's."""

from __future__ import annotations

import signal
from typing import Protocol

from adapters.executors.failures import reason
from adapters.executors.local.movers.base import Listener, Verdict
from adapters.executors.local.supervisor.job import Event
from adapters.executors.output import Tail
from domain.values import Progress

_NOT_STARTED = 127


class Work(Protocol):
    """Takes in what is told of one run."""

    @property
    def progress(self) -> Progress | None:
        """How far it got, None until something is known."""
        ...

    def hear(self, line: str) -> None:
        """Take in a line of output."""
        ...

    def take(self, event: Event) -> None:
        """Take in an event of the worker's."""
        ...

    def judge(self) -> Verdict | None:
        """Say how it went, None where the work did not come to its end."""
        ...

    def summary(self) -> str:
        """One line on what was done."""
        ...


class CopyWork:
    """A mover's run, and the settling after it."""

    def __init__(self, name: str, listener: Listener, tail: Tail) -> None:
        self._name = name
        self._listener = listener
        self._tail = tail
        self._exit: Event | None = None
        self._unchanged: Progress | None = None
        self._problems: list[str] = []
        self._more_problems = 0

    @property
    def progress(self) -> Progress | None:
        return self._unchanged or self._listener.progress

    def hear(self, line: str) -> None:
        self._listener.hear(line)

    def take(self, event: Event) -> None:
        if event["event"] == "mover":
            self._exit = event
        elif event["event"] == "unchanged":
            files, size = event["files_done"], event["bytes_done"]
            self._unchanged = Progress(bytes_done=size, bytes_total=size, files_done=files, files_total=files)
        elif event["event"] == "settled":
            self._problems = event["problems"]
            self._more_problems = event["more_problems"]
            for note in event["notes"]:
                self._tail.add(note)

    def judge(self) -> Verdict | None:
        verdict = Verdict(done=True) if self._unchanged else self._judge_mover()
        if verdict is None or not verdict.done or not self._problems:
            return verdict
        for problem in self._problems:
            self._tail.add_error(problem)
        count = len(self._problems) + self._more_problems
        more = f" (and {count - 1} more)" if count > 1 else ""
        return Verdict(False, f"the copy is not complete: {self._tail.readable(self._problems[0])}{more}")

    def summary(self) -> str:
        if self._unchanged:
            return f"Nothing to copy: {self._unchanged.files_done} files are there already."
        return self._listener.summary()

    def _judge_mover(self) -> Verdict | None:
        if self._exit is None:
            return None
        code, number = self._exit["code"], self._exit["signal"]
        if code is None:
            name = signal.strsignal(number or 0) or f"signal {number}"
            return Verdict(False, f"{self._name} was ended from outside: {name}", transient=True)
        if code == _NOT_STARTED:
            return Verdict(False, f"{self._name} could not be started: {self._tail.last}")
        return self._listener.judge(code)


class RemovalWork:
    """A removal by the worker itself."""

    def __init__(self, tail: Tail, *, dry_run: bool) -> None:
        self.progress: Progress | None = None
        self._tail = tail
        self._dry_run = dry_run
        self._removed: Event | None = None

    def hear(self, line: str) -> None:
        self._tail.add(line)

    def take(self, event: Event) -> None:
        if event["event"] in ("progress", "removed"):
            self.progress = Progress(files_done=event["files_done"], files_total=event["files_total"])
        if event["event"] == "removed":
            self._removed = event
            for problem in event["problems"]:
                self._tail.add_error(problem)

    def judge(self) -> Verdict | None:
        if self._removed is None:
            return None
        if not self._removed["problems"]:
            return Verdict(done=True)
        count = len(self._removed["problems"]) + self._removed["more_problems"]
        why, transient = reason("the removal", self._tail.errors, count)
        return Verdict(False, why, transient)

    def summary(self) -> str:
        known = self.progress or Progress()
        if self._dry_run:
            return f"would remove {known.files_total} files and directories; nothing was changed (--dryrun)."
        if self._removed is not None and not known.files_total:
            return "Nothing was left to remove."
        return f"{known.files_done} files and directories removed."
