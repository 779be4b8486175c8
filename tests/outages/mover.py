"""A mover whose runs leave evidence where no scheduler writes: in the directory that they fill.

It is a program named `rsync`, found on PATH as the real one would be. It copies nothing, and ends when it is let go.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.executors.descendants import descendants
from tests.support.needs import require_program

_PROGRAM = """\
#!/bin/sh
{at_first}
for argument do source=$target target=$argument; done
exec 9>>"$target/lock"
flock --nonblock 9 || echo "$$" >>"$target/met"
echo "$$" >>"$target/runs"
read -r _ <"$source/gate" && echo "$$" >>"$target/done"
"""

STUBBORN = "trap '' TERM"
"""What a mover begins with that only KILL ends."""


def write_program(directory: Path, at_first: str = "") -> None:
    """Put the program into a directory that is to stand first on PATH."""
    require_program("flock")
    program = directory / "rsync"
    program.write_text(_PROGRAM.format(at_first=at_first))
    program.chmod(0o755)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the movers of one task have left in its target."""

    task_id: str
    target: Path

    @property
    def runs(self) -> int:
        """How many movers have begun."""
        return len(self._lines("runs"))

    @property
    def last_begun_at(self) -> float:
        """When the last of them began, in seconds since the epoch."""
        return (self.target / "runs").stat().st_mtime

    @property
    def met(self) -> int:
        """How many of them found another one at work: the kernel gives a lock back when its last holder has ended."""
        return len(self._lines("met"))

    @property
    def done(self) -> int:
        """How many came to their end."""
        return len(self._lines("done"))

    def _lines(self, name: str) -> list[str]:
        try:
            return (self.target / name).read_text().splitlines()
        except FileNotFoundError:
            return []


class Gate:
    """Holds movers back until they are let go, one a line."""

    def __init__(self, source: Path) -> None:
        source.mkdir()
        os.mkfifo(source / "gate")
        self._fd = os.open(source / "gate", os.O_RDWR)

    def let_go(self, count: int) -> None:
        """Let as many movers end, those at work and those that come."""
        os.write(self._fd, b"\n" * count)

    def close(self) -> None:
        """Movers that come now wait for ever."""
        os.close(self._fd)


@contextmanager
def gate(source: Path) -> Iterator[Gate]:
    """Make a source that holds a gate."""
    made = Gate(source)
    try:
        yield made
    finally:
        made.close()


def at_work(*of: int) -> list[str]:
    """Return the target of each mover below these processes, or below this one: it has a lock there open."""
    return [lock.removesuffix("/lock") for pid in descendants(*of) for lock in _open_files(pid) if _is_lock(lock)]


def holding(root: Path) -> set[int]:
    """Return the processes below this one that have something open at or below ``root``."""
    return {pid for pid in descendants() for path in _open_files(pid) if Path(path).is_relative_to(root)}


def _is_lock(path: str) -> bool:
    return path.endswith("/lock")


def _open_files(pid: int) -> set[str]:
    found = set()
    with suppress(OSError):  # it has ended since
        directory = f"/proc/{pid}/fd"
        for fd in os.listdir(directory):
            found.add(os.readlink(f"{directory}/{fd}"))
    return found
