"""Processor time, by the operating system's own accounting: it holds on a machine that others use too."""

from __future__ import annotations

import os
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
# Of `/proc/PID/stat`, counted from behind the program's name in parentheses (man 5 proc).
_PARENT, _USER, _SYSTEM = 1, 11, 12


def processor_seconds(process_id: int) -> float:
    """Return what a process and all that it has started have used, in user and system mode.

    Processes that have ended are left out: a service under measurement starts none that do. The kernel counts in ticks
    of 10 ms, so measure over seconds.
    """
    figures = {int(path.name): _stat(path) for path in Path("/proc").iterdir() if path.name.isdigit()}
    family, more = {process_id}, True
    while more:
        found = {pid for pid, stat in figures.items() if stat and int(stat[_PARENT]) in family}
        more = not found <= family
        family |= found
    ticks = sum(int(stat[_USER]) + int(stat[_SYSTEM]) for pid in family if (stat := figures.get(pid)))
    return ticks / _TICKS_PER_S


def memory_bytes(process_id: int) -> int:
    """Return how much of the machine's memory a process holds."""
    pages = int(Path(f"/proc/{process_id}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _stat(process: Path) -> list[str]:
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []  # it has ended since it was listed
