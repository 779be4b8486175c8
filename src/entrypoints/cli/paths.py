"""From the paths of a command line to those of a task, and to the roots that the task may touch."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable

from domain.paths import is_within
from entrypoints.cli.problems import Misuse

IsDirectory = Callable[[str], bool]


def real_path(name: str, given: str) -> str:
    """Return a path that is read or written: absolute, and every symlink in it resolved.

    The service follows no symlink on the way to a path, for on a server somebody else could have put it there. Here
    whoever typed the path answers for it. Raises Misuse.
    """
    return os.path.realpath(_not_empty(name, given))


def real_parent_path(name: str, given: str) -> str:
    """Return the same of a path that is removed, but for its last name: a link is not what it points to.

    Raises Misuse.
    """
    parent, last = os.path.split(os.path.abspath(_not_empty(name, given)))
    return posixpath.join(os.path.realpath(parent), last)


def roots_for_copy(src: str, dst: str, is_directory: IsDirectory = os.path.isdir) -> tuple[str, ...]:
    """Return the fewest roots that let one task read ``src`` and write ``dst``: the directories that hold them."""
    around_dst, around_src = _directory_above(dst, is_directory), _directory_above(src, is_directory)
    # Where one contains the other, the task is refused for that reason, and not for a root that we chose.
    return (around_dst,) if is_within(src, around_dst) else (around_dst, around_src)


def roots_for_removal(path: str, is_directory: IsDirectory = os.path.isdir) -> tuple[str, ...]:
    """Return the root that lets one task remove ``path``."""
    return (_directory_above(path, is_directory),)


def _directory_above(path: str, is_directory: IsDirectory) -> str:
    """Return the nearest directory above that is there: a root must be."""
    above = posixpath.dirname(path)
    while above != "/" and not is_directory(above):
        above = posixpath.dirname(above)
    return above


def _not_empty(name: str, given: str) -> str:
    if not given:
        raise Misuse(f"{name} is empty; name a directory or file")
    return given
