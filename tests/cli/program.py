"""The program as a user runs it: a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO

ROOT = Path(__file__).parents[2]
LONG_S = 120
"""No test waits so long; a hanging program is killed then."""

NONE: Mapping[str, str] = MappingProxyType({})

COMMAND = (sys.executable, "-c", "from entrypoints.cli.main import main; main()")


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables of the test run without its settings of the service, plus those of the test."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DMS_")}
    return {**kept, "PYTHONPATH": str(ROOT / "src"), "NO_COLOR": "1", "TERM": "dumb", **variables}


def run(*arguments: str, cwd: Path | None = None, env: Mapping[str, str] = NONE) -> subprocess.CompletedProcess[str]:
    """Run the program to its end."""
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=cwd,
        env=environment(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LONG_S,
        check=False,
    )


@dataclass(frozen=True, slots=True)
class Running:
    """A program that has not ended yet. What it writes to stderr comes with stdout."""

    process: subprocess.Popen[str]

    @property
    def output(self) -> IO[str]:
        """What it writes."""
        assert self.process.stdout is not None
        return self.process.stdout

    def lines_until(self, wanted: str) -> list[str]:
        """Read up to the line that holds ``wanted``."""
        lines = []
        for line in self.output:
            lines.append(line)
            if wanted in line:
                return lines
        raise AssertionError(f"it ended without saying {wanted!r}:\n{''.join(lines)}")

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal, and return exit code and the rest of the output."""
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=LONG_S)
        return self.process.returncode, rest


@contextmanager
def running(*arguments: str, cwd: Path | None = None, env: Mapping[str, str] = NONE) -> Iterator[Running]:
    """Start the program; it is killed when the context ends, if it has not ended by then."""
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=cwd,
        env=environment(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        try:
            yield Running(process)
        finally:
            process.kill()
