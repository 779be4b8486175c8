"""A second process for a walk that only looks, so that two processors look at a large tree.

The helper is believed in one thing only: that it went through a whole directory and found nothing to note. Whatever
else happens to it (it finds something, it may not be started, it is killed), the walk goes on as if there were none.
It has the worker's rights, is in the worker's process group, and ends with it.
"""

from __future__ import annotations

import os
import signal
import struct
from collections.abc import Callable

from adapters.executors.local.supervisor import linux

Count = tuple[int, int]
"""How many files are equal in a directory and all below it, and their bytes."""

_FOUND = struct.Struct("=3Q")
"""What the helper tells of one directory: its index, files, bytes. Short enough to be written all at once."""
_AT_ONCE = 1000 * _FOUND.size


class Helper:
    """Goes through directories from the last one on while its owner comes from the first one; close it."""

    def __init__(self, pid: int, pipe: int, directories: int) -> None:
        self._pid = pid
        self._pipe = pipe
        self._found: dict[int, Count] = {}
        self._next = directories - 1
        """Where the helper is; those behind it are found equal. -1: it is through, or has ended."""

    @classmethod
    def start(cls, directories: int, look: Callable[[int], Count | None]) -> Helper | None:
        """Have another process call ``look`` with each index, the highest first, until it returns None.

        Returns None where there is no second processor, or where the system grants no more processes.
        """
        if len(os.sched_getaffinity(0)) < 2:
            return None
        worker = os.getpid()
        try:
            reading_end, writing_end = os.pipe()
        except OSError:
            return None
        try:
            pid = os.fork()
        except OSError:
            os.close(reading_end)
            return None
        finally:
            if os.getpid() == worker:
                os.close(writing_end)
        if pid == 0:
            _help(worker, writing_end, directories, look)
        os.set_blocking(reading_end, False)
        return cls(pid, reading_end, directories)

    def found(self, index: int) -> Count | None:
        """Return what the helper found in a directory, None where it was not there or has something to note.

        Where it is just there, its word is waited for.
        """
        self._hear()
        if index == self._next:
            os.set_blocking(self._pipe, True)
            self._hear()
            os.set_blocking(self._pipe, False)
        return self._found.pop(index, None)

    def close(self) -> None:
        """End the helper, wherever it is."""
        os.close(self._pipe)
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)

    def _hear(self) -> None:
        try:
            heard = os.read(self._pipe, _AT_ONCE)
        except BlockingIOError:
            return
        for index, files, size in _FOUND.iter_unpack(heard):
            self._found[index] = files, size
            self._next = index - 1
        if not heard:
            self._next = -1


def _help(worker: int, pipe: int, directories: int, look: Callable[[int], Count | None]) -> None:
    try:
        linux.die_with_parent(worker)
        for index in reversed(range(directories)):
            found = look(index)
            if found is None:
                break
            os.write(pipe, _FOUND.pack(index, *found))
    finally:
        os._exit(0)
