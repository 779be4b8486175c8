"""Evidence of work, kept outside of Redis: who was at work on what, by the clock that all processes share.

It is read by processes of the service and of its supervisors too, so it needs the standard library only.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import quote, unquote


class What(StrEnum):
    """What a line of evidence says of a run."""

    BEGAN = "began"
    WORKED = "worked"
    DONE = "done"
    LEFT = "left"
    """It ended before it was done: stopped, or refused."""
    MET = "met"
    """It began while another run held the place: the kernel refused it the lock."""


def boot_time() -> float:
    """Seconds on the clock that never jumps and that all processes of the machine share."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class EvidenceFile:
    """An append-only file that many processes write to: each line is one write, so none is torn."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def note(self, at: float, place: str, run: str, what: What) -> None:
        """Note what ``run`` did at the instant ``at`` of :func:`boot_time` to ``place``, the path that it works on."""
        os.write(self._fd, f"{at!r} {what} {run} {quote(place)}\n".encode())


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a task's work, as far as there is proof of it."""

    name: str
    began: float
    last: float
    """The last instant at which it was surely at work."""
    done: bool = False
    met: bool = False
    """Whether another run held the place when this one began."""

    def __str__(self) -> str:
        end = "done" if self.done else "last seen"
        return f"{self.name} began at {self.began:.3f}, {end} at {self.last:.3f}{', met another' if self.met else ''}"


def read_evidence(path: Path) -> Mapping[str, Sequence[Run]]:
    """Return the runs of each place, in the order of their beginnings."""
    lines: dict[tuple[str, str], list[tuple[float, What]]] = defaultdict(list)
    for line in path.read_text().splitlines():
        at, what, run, place = line.split(" ")
        lines[unquote(place), run].append((float(at), What(what)))
    runs: dict[str, list[Run]] = defaultdict(list)
    for (place, name), known in lines.items():
        whats = {what for _, what in known}
        instants = [at for at, _ in known]
        runs[place].append(Run(name, min(instants), max(instants), What.DONE in whats, What.MET in whats))
    return {place: sorted(each, key=lambda run: run.began) for place, each in runs.items()}


def doubles(runs: Iterable[Run]) -> list[str]:
    """Say which runs were at work together, where ``runs`` come in the order of their beginnings."""
    found: list[str] = []
    latest: Run | None = None
    for run in runs:
        if run.met:
            found.append(f"{run}: the place was locked")
        elif latest is not None and run.began <= latest.last:
            found.append(f"{run}, and {latest}")
        if latest is None or run.last > latest.last:
            latest = run
    return found
