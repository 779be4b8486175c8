"""Movers for tests: shell scripts that do what no real mover can be made to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from adapters.executors.failures import reason
from adapters.executors.local.executor import LocalExecutor, RunAs
from adapters.executors.local.movers.base import Verdict
from adapters.executors.local.options import Options
from adapters.executors.local.supervisor.job import SOURCE, TARGET
from adapters.executors.output import Tail
from domain.values import Progress
from tests.executors.driving import CLOCK


class EchoListener:
    """Takes every line as output, and every code but 0 as failure. ``bytes N`` is progress."""

    def __init__(self, tail: Tail) -> None:
        self.progress: Progress | None = None
        self._tail = tail

    def hear(self, line: str) -> None:
        if line.startswith("bytes "):
            self.progress = Progress(bytes_done=int(line.removeprefix("bytes ")))
        elif line.startswith("error: "):
            self._tail.add_error(line)
        else:
            self._tail.add(line)

    def judge(self, code: int) -> Verdict:
        return Verdict(code == 0, *(() if code == 0 else reason("the script", self._tail.errors, 1)))

    def summary(self) -> str:
        return "the script is done"


@dataclass(frozen=True, slots=True)
class Script:
    """Runs a shell script with the source as ``$1`` and the target as ``$2``."""

    text: str
    name: str = "script"
    program: str = "/bin/sh"
    needs_scratch: bool = False
    settles: bool = False
    reserved_suffix: str = ""

    def tree_arguments(self, options: Options) -> list[str]:
        return ["sh", "-c", self.text, "sh", SOURCE, TARGET]

    def file_arguments(self, options: Options) -> list[str]:
        return self.tree_arguments(options)

    def listen(self, tail: Tail, options: Options) -> EchoListener:
        return EchoListener(tail)


def with_script(
    root: Path, script: Script | str, *, run_as: RunAs = "service", kill_grace_s: float = 10.0, confine: bool = True
) -> LocalExecutor:
    """A local executor whose mover is a script."""
    mover = Script(script) if isinstance(script, str) else script
    return LocalExecutor(
        mover,
        [str(root)],
        CLOCK,
        run_as=run_as,
        kill_grace_s=kill_grace_s,
        report_every_s=0.05,
        confine=confine,
    )
