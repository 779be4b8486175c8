"""The cells of all workers of one service: whichever of them is asked tells of all.

Each has a file of its own, in a directory of their parent's, and a lock on it for as long as it lives. What a dead one
has counted stays in the sum, for a counter must not go back, and the next worker counts on in its file.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from adapters.metrics.cells import SIZE, Cells, rows_in

SUFFIX = ".cells"


@dataclass(frozen=True, slots=True)
class Counted:
    """What one worker has counted."""

    is_alive: bool
    rows: Mapping[str, tuple[float, ...]]


class WorkerCells:
    """This process's own cells, and a view of the others'."""

    def __init__(self, directory: Path | None = None) -> None:
        """``directory`` is shared by all workers; None where there are no others."""
        self._directory = directory
        self._file = None if directory is None else _own_file(directory)
        self.own = Cells(None if self._file is None else mmap.mmap(self._file, SIZE))

    def everybodys(self) -> Iterator[Counted]:
        """Yield what each worker has counted by now, this one and dead ones included."""
        if self._directory is None:
            yield Counted(True, {name: tuple(row) for name, row in self.own.rows()})
            return
        for path in sorted(self._directory.glob(f"*{SUFFIX}")):
            yield _read(path)

    def close(self) -> None:
        """Count as dead from now on."""
        if self._file is not None:
            # Closing it is not enough: the map has a descriptor of its own, and that holds the lock too.
            fcntl.flock(self._file, fcntl.LOCK_UN)
            os.close(self._file)
            self._file = None


def _own_file(directory: Path) -> int:
    """Return an open file that is locked for us: a dead worker's, or a new one."""
    for path in sorted(directory.glob(f"*{SUFFIX}")):
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        if _locked(file, fcntl.LOCK_EX):
            return file
        os.close(file)
    file, made = tempfile.mkstemp(dir=directory)
    os.ftruncate(file, SIZE)
    fcntl.flock(file, fcntl.LOCK_EX)
    os.rename(made, f"{made}{SUFFIX}")  # seen by others only when it is locked and has its size
    return file


def _locked(file: int, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(path: Path) -> Counted:
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        # A shared lock, so that two who look at the same time do not take each other for the worker.
        is_alive = not _locked(file, fcntl.LOCK_SH)
        with mmap.mmap(file, SIZE, access=mmap.ACCESS_READ) as memory:
            return Counted(is_alive, _copied(memory))
    finally:
        os.close(file)


def _copied(memory: mmap.mmap) -> Mapping[str, tuple[float, ...]]:
    """Return the rows as they are now, with nothing in them that keeps the memory from being closed."""
    view = memoryview(memory)
    try:
        copied = {}
        for name, row in rows_in(view):
            copied[name] = tuple(row)
            row.release()
        return copied
    finally:
        view.release()
