"""The processes that come from this one, also where those that started them are gone."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_POLL_S = 0.01

_libc = ctypes.CDLL(None, use_errno=True)


@contextmanager
def adopting() -> Iterator[None]:
    """Become the parent of whatever our descendants leave behind, and end and bury what is left of them."""
    before = descendants()
    _adopt(1)
    try:
        yield
    finally:
        while left := descendants() - before:
            kill(left)
            time.sleep(_POLL_S)
        _adopt(0)
        _bury()


def descendants(*of: int) -> set[int]:
    """Return every process below this one, or below others, that has not ended."""
    family = _families()
    found: set[int] = set()
    ahead = [child for parent in of or (os.getpid(),) for child in family[parent]]
    while ahead:
        pid = ahead.pop()
        found.add(pid)
        ahead += family[pid]
    return found


def children() -> set[int]:
    """Return the processes right below this one that have not ended: those it started, and those it adopted."""
    return _families()[os.getpid()]


def kill(pids: Iterable[int]) -> None:
    """End processes as a crash would."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _families(*, dead: bool = False) -> defaultdict[int, set[int]]:
    """Return each process's children: those that live, or those that have ended and were not waited for."""
    family: defaultdict[int, set[int]] = defaultdict(set)
    for name in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):  # it has gone since
            # The name before it, in brackets, may hold anything.
            state, parent = Path("/proc", name, "stat").read_text().rpartition(")")[2].split()[:2]
            if (state in "ZX") is dead:
                family[int(parent)].add(int(name))
    return family


def _bury() -> None:
    for pid in _families(dead=True)[os.getpid()]:
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def _adopt(on: int) -> None:
    zero = ctypes.c_ulong(0)
    if _libc.prctl(ctypes.c_int(_PR_SET_CHILD_SUBREAPER), ctypes.c_ulong(on), zero, zero, zero) != 0:
        raise OSError(ctypes.get_errno(), "cannot adopt processes")
