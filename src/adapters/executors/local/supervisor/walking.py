"""Small steps that every walk through a tree shares."""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from adapters.executors.local.supervisor.anchors import READ_DIRECTORY
from adapters.executors.local.supervisor.job import PROBLEMS_TOLD

_MOST_CHARACTERS = 1000
"""Of a path. People are shown fewer still."""
_HALF = _MOST_CHARACTERS // 2


class Notes:
    """What a walk found, the first :data:`PROBLEMS_TOLD` of it in words and the rest as a number."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.more = 0

    def add(self, path: str, what: str) -> None:
        """Note something about a path below the tree's top (empty for the top)."""
        if len(self.told) < PROBLEMS_TOLD:
            shown = path if len(path) <= _MOST_CHARACTERS else f"{path[:_HALF]}…{path[-_HALF:]}"
            self.told.append(f"{shown or '.'}: {what}")
        else:
            self.more += 1

    def error(self, path: str, error: OSError) -> None:
        """Note that the system refused something."""
        self.add(path, error.strerror or str(error))

    def count(self) -> int:
        """Return how much was found."""
        return len(self.told) + self.more

    def in_short(self) -> str:
        """Return the first three, and how many more there are."""
        shown = ", ".join(self.told[:3])
        more = self.count() - 3
        return f"{shown} and {more} more" if more > 0 else shown


@contextmanager
def opened(name: str, directory: int) -> Iterator[int]:
    """Open a directory in a directory, never through a symlink. Raises OSError."""
    fd = os.open(name, READ_DIRECTORY, dir_fd=directory)
    try:
        yield fd
    finally:
        os.close(fd)


def entries(directory: int) -> list[os.DirEntry[str]]:
    """Return what a directory holds. All of it at once, for walks change what they walk through."""
    with os.scandir(directory) as found:
        return list(found)


def is_directory(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a directory itself, not a symlink to one."""
    return entry.is_dir(follow_symlinks=False)


def kind(mode: int) -> str:
    """Name what a mode says that a file is."""
    if stat.S_ISDIR(mode):
        return "a directory"
    if stat.S_ISREG(mode):
        return "a file"
    if stat.S_ISLNK(mode):
        return "a symbolic link"
    return "a special file"


def below(path: str, name: str) -> str:
    """Return the path of ``name`` in the directory at ``path``, relative to the top of the tree."""
    return posixpath.join(path, name)


def same_file(status: os.stat_result, standing: os.stat_result) -> bool:
    """Whether this is a file, and the same on both sides: what most are, so it is found out as cheaply as can be."""
    return (
        status.st_mtime_ns == standing.st_mtime_ns
        and status.st_size == standing.st_size
        and status.st_mode == standing.st_mode
        and status.st_uid == standing.st_uid
        and status.st_gid == standing.st_gid
        and stat.S_ISREG(status.st_mode)
    )
